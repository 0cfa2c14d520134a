"""Numbers beside each other: baseline, replay, what changed, and whether that is good."""

from __future__ import annotations

from collections.abc import Iterable

from reenact.compare.html_parts.element import Html, element
from reenact.domain.comparison import Metric
from reenact.domain.run_view import MetricSummary

_NAMES = {
    "turn_count": "Turns",
    "latency_ms": "Latency per turn, without tools (ms)",
    "time_to_first_token_ms": "Time to first token (ms)",
    "input_tokens": "Input tokens",
    "output_tokens": "Output tokens",
    "output_tokens_per_turn": "Output tokens per turn",
    "tool_calls": "Tool calls",
    "errors": "Turns with errors",
    "cost_usd": "Cost (US$)",
    "csat": "CSAT",
}
_DIGITS = {"cost_usd": 4, "latency_ms": 0, "time_to_first_token_ms": 0}
_UNKNOWN = "\N{EN DASH}"


def metrics_table(metrics: Iterable[Metric | MetricSummary]) -> Html:
    """Return the metrics as a table; a number that a side lacks is a dash."""
    head = ("", "Original", "Replay", "Change", "%")
    return element(
        "table",
        element("thead", element("tr", (element("th", name, scope="col") for name in head))),
        element("tbody", (_row(metric) for metric in metrics)),
        class_="metrics",
    )


def _row(metric: Metric | MetricSummary) -> Html:
    tone = _tone(metric)
    digits = _DIGITS.get(metric.name, 1)
    return element(
        "tr",
        element("th", _NAMES.get(metric.name, f"{metric.name} ({metric.unit})"), scope="row"),
        element("td", number(metric.baseline, digits)),
        element("td", number(metric.replay, digits)),
        element("td", number(metric.change, digits, signed=True), class_=tone),
        element("td", number(metric.change_percent, 1, signed=True), class_=tone),
    )


def number(value: float | None, digits: int, *, signed: bool = False) -> str:
    """Return a number with at most `digits` decimals; large ones and whole ones with none."""
    if value is None:
        return _UNKNOWN
    if abs(value) >= 100 or float(value).is_integer():
        digits = 0
    rounded = round(value, digits)
    if signed and rounded == 0:
        return "0"
    return f"{rounded:{'+' if signed else ''},.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _tone(metric: Metric | MetricSummary) -> str | None:
    if not metric.change or metric.better is None:
        return None
    return "good" if (metric.change > 0) == (metric.better == "higher") else "bad"
