"""The bounds that the receiver and its store keep, and which of them hold in a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.ingest.million import SPANS as A_MILLION
from benchmarks.ingest.ours import COMPARED, NAME
from benchmarks.table import Check

AIM_SPANS_PER_S = 12_000
MOST_MB = 400
FRESH_MS = 1_000

Row = dict[str, Any]


def bounds(rows: Sequence[Row]) -> Iterator[Check]:
    """Yield the bounds of speed and size for which `rows` hold the figures."""
    ours = _row(rows, NAME, connections=COMPARED)
    phoenix, mlflow = _row(rows, "phoenix"), _row(rows, "mlflow")
    over = f"{COMPARED} connections"
    yield from _ratio(f"{over}, spans/s x Phoenix", ours, phoenix, "spans_per_s", least=100)
    yield from _ratio(f"{over}, spans/s x MLflow", ours, mlflow, "spans_per_s", least=75)
    yield from _ratio("CPU a span, Phoenix x ours", phoenix, ours, "cpu_us_span", least=150)
    yield from _ratio("latest 50 sessions, x Phoenix", ours, phoenix, "list_ms", most=0.2)
    yield from _ratio("one session by id, x Phoenix", ours, phoenix, "session_ms", most=0.2)
    peaks = [row["rss_peak_mb"] for row in rows if row["name"] == NAME]
    if peaks:
        yield Check("peak memory of the server, MB", max(peaks), most=MOST_MB)
    if ours and ours.get("fresh_ms_p99") is not None:
        yield Check("visible after the 200, p99 in ms", ours["fresh_ms_p99"], most=FRESH_MS)
    yield from _at_a_million(rows)


def _at_a_million(rows: Sequence[Row]) -> Iterator[Check]:
    large = _row(rows, f"{NAME}, a large store")
    if large is None:
        return
    at = f"at {large['spans']:,} spans" + ("" if large["spans"] >= A_MILLION else " (too few)")
    yield Check(f"latest 50 sessions {at}, ms", large["list_ms"], most=5)
    yield Check(f"one session by id {at}, ms", large["session_ms"], most=5)
    yield Check(f"tool and error {at}, ms", large["filter_ms"], most=50)


def kill_bounds(total: Row) -> Iterator[Check]:
    """Yield what must hold of all kills together."""
    yield Check("acknowledged spans lost", total["lost"], most=0)
    yield Check("spans doubled", total["doubled"] + total["doubled_after"], most=0)
    yield Check("kills after which a list or counter was wrong", total["wrong"], most=0)


def memory_bounds(row: Row) -> Iterator[Check]:
    """Yield what must hold of a long load."""
    yield Check("peak memory of the server, MB", row["rss_peak_mb"], most=MOST_MB)
    if row["fresh_ms_p99"] is not None:
        yield Check("visible after the 200, p99 in ms", row["fresh_ms_p99"], most=FRESH_MS)


def exporter_bounds(rows: Sequence[Row]) -> Iterator[Check]:
    """Yield what must hold of real exporters."""
    yield Check("exporters whose talks came as sent", _right(rows), least=len(rows))


def _right(rows: Sequence[Row]) -> int:
    return sum(row["as_sent"] and row["stored"] == row["spans"] for row in rows)


def _ratio(
    name: str,
    above: Row | None,
    below: Row | None,
    figure: str,
    *,
    least: float | None = None,
    most: float | None = None,
) -> Iterator[Check]:
    """Yield `above` divided by `below`, where both were measured."""
    if above and below and above.get(figure) is not None and below.get(figure):
        yield Check(name, round(above[figure] / below[figure], 4), least=least, most=most)


def _row(rows: Sequence[Row], name: str, *, connections: int | None = None) -> Row | None:
    fitting = (
        row for row in rows if row["name"] == name and connections in (None, row.get("connections"))
    )
    return next(fitting, None)
