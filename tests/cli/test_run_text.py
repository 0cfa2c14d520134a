"""Runs as lines for a terminal."""

from __future__ import annotations

from reenact.cli.run_text import _word_line
from reenact.domain.comparison import TextOp


def test_a_change_of_white_space_alone_is_shown_unmarked() -> None:
    ops = (
        TextOp(op="equal", baseline="one", replay="one"),
        TextOp(op="replace", baseline="\n", replay=""),
        TextOp(op="replace", baseline="two", replay="three"),
    )

    assert _word_line(ops) == "one [red]\\[-two-][/][green]{+three+}[/]"
