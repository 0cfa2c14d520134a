"""`reenact retention`: how long a project's conversations are kept, and which share of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.text import Text

from reenact.capture.retention import Swept, sweep
from reenact.cli import console, times
from reenact.cli.desk import here_only, opened
from reenact.cli.tables import table_of
from reenact.domain.selection import Retention
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace

app = App(
    name="retention", help="Say what is kept of a project, and delete the rest. Everything is kept "
    "until you say otherwise."
)  # fmt: skip


@app.default
def list_retentions(*, json: bool = False) -> None:
    """List the projects of which not everything is kept.

    Args:
        json: Print JSON.
    """
    with opened() as desk:
        found = dict(desk.spans.retentions())
    if json:
        console.print_json(found, kind=dict[str, Retention])
        return
    if not found:
        console.notes().print("everything is kept: reenact retention set PROJECT --keep 30d")
        return
    table = table_of("project", "kept for", "share", "quiet")
    for name, one in found.items():
        kept = times.shown_span(one.keep) if one.keep is not None else "ever"
        table.add_row(
            Text(console.printable(name)), kept, f"{one.share:.0%}", times.shown_span(one.quiet)
        )
    console.data().print(table)


@app.command(name="set")
def set_retention(
    project: str,
    *,
    keep: str | None = None,
    share: Annotated[float, Parameter(validator=Number(gte=0, lte=1))] = 1.0,
    quiet: str = "1h",
) -> None:
    """Say what is kept of a project. `reenact serve` and `retention apply` see to it.

    A conversation goes as a whole, with all its spans; recordings that replays have made of it
    stay.

    Args:
        project: The project.
        keep: How long after its last span a session is kept: 12h, 30d, 8w. For ever by default.
        share: The share of sessions that is kept, from 0 to 1, drawn by session id. Those in
            which something failed are always kept.
        quiet: A session is not judged before this long after its last span.
    """
    if keep is None and share == 1.0:
        raise UsageError(
            "this keeps everything, as without it",
            next_step=f"give --keep or --share, or: reenact retention clear {project}",
        )
    said = Retention(
        keep=times.span(keep, flag="--keep") if keep is not None else None,
        share=share,
        quiet=times.span(quiet, flag="--quiet"),
    )
    with opened() as desk:
        desk.spans.set_retention(project, said)
    kept = f"for {times.shown_span(said.keep)}" if said.keep is not None else "for ever"
    console.data().print(
        f"project {console.shown(project)}: {share:.0%} of sessions, {kept}", soft_wrap=True
    )


@app.command
def clear(project: str) -> None:
    """Keep everything of a project from now on.

    Args:
        project: The project.
    """
    with opened() as desk:
        desk.spans.set_retention(project, None)
    console.data().print(f"project {console.shown(project)}: everything is kept")


@app.command
def apply(*, compact: bool = False, json: bool = False) -> None:
    """Delete now what is not kept. `reenact serve` does it every hour.

    Args:
        compact: Give the room back to the disk; nothing can be received meanwhile.
        json: Print JSON.
    """
    here_only(
        "retention apply",
        why="a server deletes by itself what is not kept, every hour",
        instead="run it where the server is, or wait",
    )
    with Workspace() as workspace, console.notes().status("deleting"):
        swept = sweep(workspace.spans, now=datetime.now(UTC))
        if compact:
            workspace.spans.compact()
    if json:
        console.print_json(list(swept), kind=list[Swept])
        return
    for one in swept:
        console.data().print(
            f"project {console.shown(one.project)}: {one.expired:,} conversations were too old, "
            f"{one.sampled_out:,} not drawn, {one.spans:,} spans removed",
            soft_wrap=True,
        )
    if not swept:
        console.notes().print("everything is kept: reenact retention set PROJECT --keep 30d")
