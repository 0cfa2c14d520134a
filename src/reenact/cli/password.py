"""`reenact password`: the password of the server's pages."""

from __future__ import annotations

import getpass
import sys

from cyclopts import App

from reenact.cli import console
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace

app = App(
    name="password",
    help="Set the password of the server's pages. A server that other machines reach needs one.",
)


@app.default
def tell() -> None:
    """Say whether a password is set."""
    from reenact.access.people import People

    with Workspace() as workspace:
        found = People(workspace.access).has_password()
    console.data().print("a password is set" if found else "no password is set")


@app.command(name="set")
def set_password() -> None:
    """Set it: typed twice without being shown, or one line of stdin. Every login ends."""
    from reenact.access.people import People

    password = _typed() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    with Workspace() as workspace:
        People(workspace.access).set_password(password)
    console.notes().print("the password is set; all who were signed in must sign in again")


@app.command
def clear() -> None:
    """Take it away: who reaches a server on this machine need not sign in any more."""
    from reenact.access.people import People

    with Workspace() as workspace:
        People(workspace.access).clear_password()
    console.notes().print("no password is set now")


def _typed() -> str:
    password = getpass.getpass("new password: ")
    if getpass.getpass("the same again: ") != password:
        raise UsageError("the two are not the same", next_step="try again; nothing was changed")
    return password
