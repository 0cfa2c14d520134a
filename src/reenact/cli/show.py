"""`reenact show`: one conversation, as a person reads it."""

from __future__ import annotations

from reenact.cli import console
from reenact.cli.desk import opened
from reenact.cli.finding import find_conversation
from reenact.cli.transcript import Layout, transcript_lines


def show(id: str, *, project: str | None = None, full: bool = False, json: bool = False) -> None:
    """Read one conversation: its turns, tool calls with arguments and results, times, tokens.

    Args:
        id: A session or trace id, as `reenact sessions` and `reenact traces` list them.
        project: The project; not needed where only one holds the id.
        full: Shorten nothing, and show every model call.
        json: Print the conversation as JSON.
    """
    with opened() as desk:
        recording = find_conversation(desk, id, project=project)
    if json:
        from reenact.domain.view import view_of

        console.print_json(view_of(recording.conversation, recording.fidelity))
        return
    out = console.data()
    layout = Layout(full=full, width=out.width if out.is_terminal else None)
    for line in transcript_lines(recording, layout=layout):
        out.print(line, soft_wrap=True)
