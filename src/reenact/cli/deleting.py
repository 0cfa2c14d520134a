"""`reenact delete`: remove conversations for good."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from reenact.cli import console
from reenact.cli.finding import find_conversation
from reenact.runs.deleting import DeletedConversation, delete_conversation
from reenact.runs.workspace import Workspace


def delete(
    ids: Annotated[list[str], Parameter(name="ID", consume_multiple=True)],
    *,
    project: str | None = None,
    recordings: bool = False,
    compact: bool = False,
    yes: bool = False,
    json: bool = False,
) -> int:
    """Remove sessions or traces with all their spans, for good.

    Recordings that replays have made of them stay, unless --recordings is given. Runs, and files
    that were kept, always stay.

    Args:
        ids: Session or trace ids.
        project: The project; needed only where an id is in several.
        recordings: Remove the recordings made of them as well.
        compact: Give the room back to the disk; nothing can be received meanwhile.
        yes: Do it. Without it, only what would be removed is listed.
        json: Print JSON.
    """
    with Workspace() as workspace:
        found = [find_conversation(workspace, id, project=project).conversation for id in ids]
        if not yes:
            for one in found:
                console.data().print(
                    f"would remove {console.shown(one.id)} of project "
                    f"{console.shown(one.project)}: {len(one.trace_ids)} traces",
                    soft_wrap=True,
                )
            console.notes().print("nothing was removed: add --yes")
            return 0
        gone = [delete_conversation(workspace, one, recordings=recordings) for one in found]
        if compact:
            workspace.spans.compact()
    if json:
        console.print_json(gone, kind=list[DeletedConversation])
        return 0
    for done in gone:
        _print(done)
    return 0


def _print(done: DeletedConversation) -> None:
    out = console.data()
    out.print(
        f"removed {console.shown(done.id)}: {done.spans:,} spans in {done.traces:,} traces, "
        f"{done.recordings:,} recordings",
        soft_wrap=True,
    )
    for name in done.scenarios:
        out.print(
            f"  scenario {console.shown(name)} has a row that can no longer be run",
            style="yellow",
            soft_wrap=True,
        )
