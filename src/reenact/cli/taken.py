"""What was taken in, for people: counts, how complete it is, and what was left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from reenact.cli import console

if TYPE_CHECKING:
    from reenact.capture.summary import FidelitySummary
    from reenact.capture.taking import Taken

_SHOWN = 10


def print_taken(taken: Taken, *, verbose: bool) -> None:
    """Print counts, the fidelity of each project, and the first reasons for what was rejected."""
    out = console.data()
    out.print(f"{counted(taken.taken, 'span')} taken, {counted(taken.duplicates, 'duplicate')}")
    if taken.logs:
        out.print(f"{counted(taken.logs, 'log record')} of model calls taken")
    if taken.ignored:
        out.print(f"{taken.ignored:,} other log records read, and not kept")
    if taken.replays:
        out.print(f"{counted(taken.replays, 'span')} of replays, kept apart")
    for name, count in taken.conversations.items():
        out.print(f"project {console.shown(name)}: {counted(count, 'conversation')}")
        summary = taken.fidelity.get(name)
        if summary is not None and summary.judged:
            _print_fidelity(summary)
    if taken.rejected:
        out.print(f"{counted(taken.rejected, 'span')} rejected:", style="yellow")
        print_some(taken.reasons, verbose=verbose)


def print_next(taken: Taken) -> None:
    """Print the command that goes on from here."""
    for name in taken.projects[:1]:
        line = f"next: reenact sessions --project {console.shown(quote(name))}"
        console.notes().print(line, style="dim", soft_wrap=True)


def print_some(lines: Sequence[str], *, verbose: bool) -> None:
    """Print the first of `lines`, and how many more there are; all of them with `verbose`."""
    out = console.data()
    for line in lines if verbose else lines[:_SHOWN]:
        out.print(f"  {console.printable(line)}", markup=False, soft_wrap=True)
    if not verbose and len(lines) > _SHOWN:
        out.print(f"  and {len(lines) - _SHOWN:,} more: --verbose lists them")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun; `plural` replaces the noun's last word."""
    many = f"{noun.rpartition(' ')[0]} {plural}" if plural else f"{noun}s"
    return f"{number:,} {noun if number == 1 else many}"


def _print_fidelity(summary: FidelitySummary) -> None:
    out = console.data()
    of = counted(summary.judged, "conversation")
    of = f"the newest {of}" if summary.cut else f"the {of}"
    score = "-" if summary.score is None else str(summary.score)
    out.print(f"  fidelity {score} of 100, the mean of {of} that this touched", soft_wrap=True)
    alike: dict[tuple[int, str], list[str]] = {}
    for axis in summary.axes:
        alike.setdefault((axis.conversations, axis.reason), []).append(axis.name)
    for (conversations, reason), names in alike.items():
        line = f"    {', '.join(names)}: below 100 in {conversations:,}: {reason}"
        out.print(console.printable(line), markup=False, soft_wrap=True)
