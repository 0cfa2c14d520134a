"""Tables of rows, and bounds that hold or do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """A figure with the bound that it must keep."""

    name: str
    value: float
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        """True where the figure keeps its bound."""
        above = self.most is not None and self.value > self.most
        below = self.least is not None and self.value < self.least
        return not above and not below


def print_rows(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Print the names of `rows` and the figures in `columns`."""
    width = max([len(row["name"]) for row in rows] or [0]) + 2
    print("".ljust(width) + "".join(column.rjust(15) for column in columns))
    for row in rows:
        figures = "".join(_figure(row.get(column)).rjust(15) for column in columns)
        print(row["name"].ljust(width) + figures)


def print_checks(checks: Sequence[Check]) -> bool:
    """Print each bound with what was measured; return True where all hold."""
    for check in checks:
        bound = f"<= {check.most:g}" if check.most is not None else f">= {check.least:,g}"
        verdict = "holds" if check.holds else "DOES NOT HOLD"
        print(f"  {check.name}: {_figure(check.value)} ({bound}) {verdict}")
    return all(check.holds for check in checks)


def _figure(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.3f}".rstrip("0").rstrip(".")
    return f"{value:,}"
