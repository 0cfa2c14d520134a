"""The tree of a talk's forks as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reenact.cli import console
from reenact.cli.console import one_line, shown
from reenact.domain.comparison import Comparison
from reenact.domain.fork_view import ForkTree, ForkView
from reenact.runs.fork_edits import edit_text

_WIDTH = 160


def tree_lines(tree: ForkTree) -> Iterator[str]:
    """Yield the recording, and behind it each fork with where it first parted."""
    turns = sum(turn.index > 0 for turn in tree.recording.turns)
    said = f"{turns} turn{'s' * (turns != 1)}"
    yield f"\n[bold]{shown(tree.recording.id)}[/]  the recording, {said}"
    for place, fork in enumerate(tree.forks):
        yield from _fork_lines(fork, _rails(tree.forks, place))


def _fork_lines(fork: ForkView, rails: tuple[str, str]) -> Iterator[str]:
    first, later = rails
    what = "; ".join(map(edit_text, fork.edits)) or "nothing else is other"
    ended = "" if fork.ended_reason == "finished" else f" · {fork.ended_reason or fork.status}"
    yield (
        f"{first}[bold]{shown(fork.name)}[/]  at turn {fork.turn}: "
        f"{shown(one_line(what, _WIDTH))}{ended}"
    )
    parent = fork.parent or "the recording"
    yield f"{later}[dim]beside {shown(parent)}:[/] {_parted(fork.against_parent)}"
    if fork.parent is not None:
        yield f"{later}[dim]beside the recording:[/] {_parted(fork.against_recording)}"


def _parted(comparison: Comparison) -> str:
    """Say where a branch first did something else, else where it first said it."""
    found = comparison.first_other_act or comparison.first_divergence
    if found is None:
        return "[green]the same[/]" if comparison.turns else "[dim]no turn was run[/]"
    return f"[yellow]{shown(one_line(found.sentence, _WIDTH))}[/]"


def _rails(forks: Sequence[ForkView], place: int) -> tuple[str, str]:
    """Return what stands before a fork's first line and its later ones."""
    depth = forks[place].depth
    before = "".join("│  " if _goes_on(forks, place, level) else "   " for level in range(1, depth))
    goes_on = _goes_on(forks, place, depth)
    return f"{before}{'├─' if goes_on else '└─'} ", f"{before}{'│' if goes_on else ' '}  "


def _goes_on(forks: Sequence[ForkView], place: int, level: int) -> bool:
    """Tell whether another branch of this level comes before the tree is back above it."""
    for later in forks[place + 1 :]:
        if later.depth <= level:
            return later.depth == level
    return False


def print_trees(trees: Iterable[ForkTree]) -> None:
    """Print trees of forks."""
    out = console.data()
    for tree in trees:
        for line in tree_lines(tree):
            out.print(line, soft_wrap=True)
