"""`reenact inspect`: how much of the original a capture holds, axis by axis."""

from __future__ import annotations

from rich.text import Text

from reenact.cli import console
from reenact.cli.desk import opened
from reenact.cli.finding import find_conversation
from reenact.cli.tables import table_of
from reenact.domain.recording import Recording
from reenact.errors import NotComparable, UsageError

_COLOURS = {"present": "green", "partial": "yellow", "missing": "red", "not_applicable": "dim"}


def inspect(
    id: str, *, project: str | None = None, floor: int | None = None, json: bool = False
) -> None:
    """See how complete a recording is, axis by axis, and what its gaps limit.

    Exits 3 where the score is below the floor, or unknown.

    Args:
        id: A session or trace id.
        project: The project; not needed where only one holds the id.
        floor: The lowest score to accept, 0 to 100.
        json: Print JSON.
    """
    if floor is not None and not 0 <= floor <= 100:
        raise UsageError(f"{floor} is not between 0 and 100", where="--floor")
    with opened() as desk:
        recording = find_conversation(desk, id, project=project)
    if json:
        _print_json(recording)
    else:
        _print(recording)
    score = recording.fidelity.score
    if floor is not None and (score is None or score < floor):
        raise NotComparable(
            f"fidelity is {'unknown' if score is None else score}, below the floor of {floor}",
            where=console.printable(recording.conversation.id),
            next_step="the axes that are missing say what to add to the capture",
        )


def _print_json(recording: Recording) -> None:
    from reenact import codec

    talk = recording.conversation
    told = {"id": talk.id, "project": talk.project, "recording": recording.hash}
    console.print_json({**told, "fidelity": codec.to_data(recording.fidelity)})


def _print(recording: Recording) -> None:
    out = console.data()
    talk, score = recording.conversation, recording.fidelity.score
    shown = "unknown" if score is None else f"{score} of 100"
    out.print(f"[bold]{console.shown(talk.id)}[/]  project {console.shown(talk.project)}")
    out.print(f"fidelity {shown}, the mean of the axes that apply")
    table = table_of("axis", "score", "", "what is there, and what a gap limits", right="1")
    for axis in recording.fidelity.axes:
        table.add_row(
            axis.name,
            "-" if axis.score is None else str(axis.score),
            Text(axis.status.replace("_", " "), style=_COLOURS[axis.status], no_wrap=True),
            Text(console.printable(axis.detail)),
        )
    out.print(table)
