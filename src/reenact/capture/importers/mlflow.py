"""MLflow's traces in files: `Trace.to_json`, frames of `search_traces`, answers of its API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from reenact.capture.importers.mlflow_traces import is_trace, spans_of
from reenact.capture.importers.records import records_in, spans_of_records
from reenact.domain.span import Span


def spans_in(path: Path, *, project: str, on_reject: Callable[[str], None]) -> Iterator[Span]:
    """Yield the spans of the traces in a file.

    Raises:
        DecodeError: where the file holds no traces of MLflow with their spans.
        UsageError: where it cannot be read or is too large.
    """
    return spans_of_records(
        records_in(path, pages=("traces",), on_reject=on_reject),
        lambda record: spans_of(record, project=project),
        where=str(path),
        fits=is_trace,
        wanted="a trace of MLflow with its spans",
        on_reject=on_reject,
    )
