"""LangSmith's runs in files: pages of its API, and JSON or JSON lines of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reenact.capture.importers.langsmith_runs import is_run, span_of
from reenact.capture.importers.records import records_in, spans_of_records
from reenact.domain.span import Span


def spans_in(path: Path, *, project: str, on_reject: Callable[[str], None]) -> Iterator[Span]:
    """Yield the spans of runs, with the runs inside them where an export nests them.

    Raises:
        DecodeError: where the file holds no runs.
        UsageError: where it cannot be read or is too large.
    """

    def spans(run: dict[str, Any]) -> Iterator[Span]:
        waiting = [run]
        while waiting:
            one = waiting.pop()
            yield span_of(one, project=project)
            held = one.get("child_runs")
            waiting.extend(c for c in held or () if isinstance(c, dict))

    return spans_of_records(
        records_in(path, pages=("runs", "items"), on_reject=on_reject),
        spans,
        where=str(path),
        fits=is_run,
        wanted="a run of LangSmith",
        on_reject=on_reject,
    )
