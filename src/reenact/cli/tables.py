"""Tables without lines: they read well on a terminal and paste well elsewhere."""

from __future__ import annotations

from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from reenact.cli.console import one_line


def table_of(*names: str, right: str = "", whole: int = 0) -> Table:
    """Return a table with these columns.

    `right` lists the places of the numeric ones. The first `whole` never give way: an id that
    is cut short cannot be copied.
    """
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    places = {int(place) for place in right.split()}
    for place, name in enumerate(names):
        justify: JustifyMethod = "right" if place in places else "left"
        table.add_column(name, justify=justify, no_wrap=place < whole)
    return table


def clipped(text: str, width: int) -> Text:
    """Return a cell that stays on one line: it gives way where the terminal is narrow."""
    return Text(one_line(text, width), no_wrap=True, overflow="ellipsis")
