"""Langfuse's exports: JSON and JSON lines of its API, its pages and its blob storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from reenact.capture.importers.langfuse_rows import is_row, spans_of
from reenact.capture.importers.records import records_in, spans_of_records
from reenact.domain.span import Span


def spans_in(path: Path, *, project: str, on_reject: Callable[[str], None]) -> Iterator[Span]:
    """Yield the spans of traces (with observations inside or not) and observations.

    Raises:
        DecodeError: where the file holds neither.
        UsageError: where it cannot be read or is too large.
    """
    return spans_of_records(
        records_in(path, pages=("data",), on_reject=on_reject),
        lambda record: spans_of(record, project=project),
        where=str(path),
        fits=is_row,
        wanted="a trace or an observation of Langfuse",
        on_reject=on_reject,
    )
