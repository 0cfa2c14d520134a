"""Arize Phoenix's spans in files: answers of its API, its client's lists, frames as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from reenact.capture.importers.phoenix_spans import is_span, span_of
from reenact.capture.importers.records import records_in, spans_of_records
from reenact.domain.span import Span


def spans_in(path: Path, *, project: str, on_reject: Callable[[str], None]) -> Iterator[Span]:
    """Yield the spans of a file.

    A frame is read as `DataFrame.to_json(orient="records")` writes it, with lines or without;
    its times are whole milliseconds unless it was written with `date_format="iso"`.

    Raises:
        DecodeError: where the file holds no spans of Phoenix.
        UsageError: where it cannot be read or is too large.
    """
    return spans_of_records(
        records_in(path, pages=("data", "spans"), on_reject=on_reject),
        lambda record: (span_of(record, project=project),),
        where=str(path),
        fits=is_span,
        wanted="a span of Phoenix",
        on_reject=on_reject,
    )
