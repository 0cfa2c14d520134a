"""Tables without lines: they read well on a terminal and paste well elsewhere."""

from __future__ import annotations

from rich.table import Table


def table_of(*names: str, right: str = "") -> Table:
    """Return a table with these columns; `right` lists the places of the numeric ones."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    places = {int(place) for place in right.split()}
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place in places else "left")
    return table
