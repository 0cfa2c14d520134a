"""`reenact conversations`: whole conversations, as a list for people or as JSON for tools."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal

from rich.text import Text

from reenact.cli import console
from reenact.cli.desk import opened
from reenact.cli.filters import FilterFlags, filter_of
from reenact.cli.finding import known_project
from reenact.cli.tables import clipped, table_of
from reenact.cli.times import shown_minute
from reenact.domain.recording import Recording
from reenact.domain.turn import turns_of
from reenact.domain.view import view_of


def conversations(
    *,
    project: str | None = None,
    kind: Literal["session", "trace"] | None = None,
    filters: FilterFlags | None = None,
    json: bool = False,
) -> None:
    """Print the conversations of a project, newest first.

    One per session, and one per trace that names no session; traces that continue one another
    are joined. The JSON is a stable contract: reenact schema conversations.

    Args:
        project: The project; not needed where there is only one.
        kind: Only sessions, or only session-less traces.
        filters: What must hold.
        json: Print JSON, with every turn, tool call and model call.
    """
    chosen = filter_of(filters)
    with opened() as desk:
        name = known_project(desk.spans, project)
        found = desk.conversations.list(name, kind=kind, filter=chosen)
        if json:
            _print_json(found)
        else:
            _print(found, name)


def _print_json(found: Sequence[Recording]) -> None:
    """Write one conversation at a time: the whole of a project may be large."""
    from reenact import codec

    sys.stdout.write('{"conversations": [')
    for place, recording in enumerate(found):
        view = view_of(recording.conversation, recording.fidelity)
        text = console.json_text(codec.to_json(view).decode())
        sys.stdout.write(f"{',' if place else ''}\n{text}")
    sys.stdout.write("\n]}\n" if found else "]}\n")


def _print(found: Sequence[Recording], project: str) -> None:
    table = table_of(
        "id", "started (UTC)", "turns", "tool calls", "fidelity", "first words", right="2 3 4"
    )
    for recording in found:
        talk = recording.conversation
        turns = [turn for turn in turns_of(talk) if turn.index]
        first = next((turn.user for turn in turns if turn.user), None)
        score = recording.fidelity.score
        table.add_row(
            Text(console.printable(talk.id)),
            shown_minute(talk.started_at),
            str(len(turns)),
            str(sum(len(turn.tool_calls) for turn in turns)),
            "-" if score is None else str(score),
            clipped(first or "-", 80),
        )
    if found:
        console.data().print(table)
    text = f"{len(found):,} conversations in {console.shown(project)}"
    console.notes().print(text, style="dim")
