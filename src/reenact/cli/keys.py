"""`reenact keys`: API keys, for exporters and CI."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from rich.text import Text

from reenact.cli import console, times
from reenact.cli.tables import clipped, table_of
from reenact.domain.access import KeyView, Scope
from reenact.runs.workspace import Workspace

app = App(name="keys", help="Make, list and revoke API keys: each is for one project.")


@app.default
def list_keys(project: str, *, json: bool = False) -> None:
    """List the keys of a project, newest first.

    Args:
        project: The project.
        json: Print JSON.
    """
    from reenact.access.keys import Keys

    with Workspace() as workspace:
        found = Keys(workspace.access).of(project)
    if json:
        console.print_json(list(found), kind=list[KeyView])
        return
    if not found:
        console.notes().print("no keys: reenact keys make PROJECT --name NAME --scope ingest")
        return
    table = table_of("id", "name", "may", "ends with", "expires", "last used", whole=1)
    for key in found:
        table.add_row(
            Text(key.id),
            clipped(key.name, 40),
            Text(" ".join(key.scopes)),
            Text(key.hint),
            Text(times.shown_minute(key.expires_at)),
            Text(times.shown_minute(key.last_used_at)),
        )
    console.data().print(table)


@app.command
def make(
    project: str,
    *,
    name: str,
    scope: Annotated[tuple[Scope, ...], Parameter(negative="")],
    expires: str | None = None,
) -> None:
    """Make a key and print it. It is not shown again.

    Args:
        project: The only project that there is for who shows the key.
        name: What it is for, to know it by in lists.
        scope: What it may do: ingest (send traces), read, run. Give it once for each.
        expires: After how long it opens nothing any more: 12h, 90d. Never by default.
    """
    from reenact.access.keys import Keys

    lasts = None if expires is None else times.span(expires, flag="--expires")
    with Workspace() as workspace:
        made = Keys(workspace.access).make(
            project,
            name=name,
            scopes=scope,
            expires_at=None if lasts is None else datetime.now(UTC) + lasts,
        )
    console.data().print(made.secret, soft_wrap=True, markup=False)
    console.notes().print(f"keep it safe, it is not shown again; its id is {made.key.id}")


@app.command
def revoke(id: str) -> None:
    """Revoke a key: it opens nothing from now on.

    Args:
        id: The key's id, as `reenact keys PROJECT` lists it.
    """
    from reenact.access.keys import Keys

    with Workspace() as workspace:
        Keys(workspace.access).revoke(id)
    console.notes().print("revoked")
