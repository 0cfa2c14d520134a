"""Which turn of a row changed, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reenact.cli.console import one_line, shown
from reenact.domain.comparison import Localised


def localised_lines(found: Iterable[Localised]) -> Iterator[str]:
    """Yield, for each row, the sentence that says which turn changed, and its samples."""
    for row in found:
        colour = "yellow" if row.first_changed else "green"
        yield f"\n[bold]{shown(row.row_id)}[/] [{colour}]{shown(row.sentence)}[/]"
        for turn in row.turns:
            statuses = ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in turn.statuses.items())
            why = one_line((turn.sentence or "").partition(": ")[2], 120)
            yield f"  turn {turn.turn}  {statuses or 'not run'}  [dim]{shown(why)}[/]"
