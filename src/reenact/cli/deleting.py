"""`reenact delete`: remove conversations for good."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from reenact.cli import console
from reenact.cli.desk import LocalDesk, here_only, opened
from reenact.cli.finding import find_conversation
from reenact.runs.deleting import DeletedConversation


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
    if compact:
        here_only(
            "--compact",
            why="nothing can be received meanwhile, so it is done where the server is",
            instead="leave it out here, and run: reenact retention apply --compact over there",
        )
    with opened() as desk:
        found = [find_conversation(desk, id, project=project).conversation for id in ids]
        if not yes:
            for one in found:
                console.data().print(
                    f"would remove {console.shown(one.id)} of project "
                    f"{console.shown(one.project)}: {len(one.trace_ids)} traces",
                    soft_wrap=True,
                )
            console.notes().print("nothing was removed: add --yes")
            return 0
        gone = [desk.delete(one, recordings=recordings) for one in found]
        if compact and isinstance(desk, LocalDesk):
            desk.compact()
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
