"""`reenact demo`: the whole way on the shipped example, and then its pages."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from urllib.parse import quote


def demo(folder: Path = Path("reenact-demo"), *, no_open: bool = False) -> int:
    """See the whole way, from a capture to a test, on a shipped example; offline, in seconds.

    Then its pages open on the session that went wrong, until Ctrl-C. Exits 1 if a step did not
    show what it says.

    Args:
        folder: Where the demo keeps what it makes; made fresh each time.
        no_open: Say how to open the pages, and end. So it is in CI, and without a terminal.
    """
    from reenact.cli import console
    from reenact.demo.story import run_demo

    code = run_demo(folder, out=console.data())
    if code == 0:
        _show_pages(folder, closed=no_open or "CI" in os.environ or not sys.stdout.isatty())
    return code


def _show_pages(folder: Path, *, closed: bool) -> None:
    from reenact.cli import console
    from reenact.demo.stage import agents_in_folder
    from reenact.demo.talks import PROJECT, TUESDAY

    agents, cases = agents_in_folder(folder), folder / "tests" / "replays"
    page = f"/p/{PROJECT}/conversation?id={quote(f'sess:{TUESDAY}')}"
    out = console.data()
    if closed:
        out.print("The same in the browser:", style="dim")
        command = f"reenact serve --home {folder / 'home'} --agents {agents} --cases {cases}"
        out.print(f"  $ {command}", soft_wrap=True, markup=False)
        out.print(f"  http://127.0.0.1:4318{page}", soft_wrap=True, markup=False)
    else:
        _serve(folder, agents=agents, cases=cases, page=page)


def _serve(folder: Path, *, agents: Path, cases: Path, page: str) -> None:
    """Serve the demo's pages until Ctrl-C, with the browser open on `page`."""
    from reenact.cli import console
    from reenact.demo.stage import settings_in
    from reenact.listening.sockets import bind
    from reenact.runs.workspace import Workspace
    from reenact.server.app import create_app
    from reenact.server.listening import listen
    from reenact.server.options import ServerOptions

    def opened(url: str) -> None:
        console.data().print(f"The pages: {url}{page}", soft_wrap=True, markup=False)
        console.notes().print("Ctrl-C stops.", style="dim")
        webbrowser.open(f"{url}{page}")

    options = ServerOptions(agents=agents.absolute(), cases=cases.absolute())
    try:
        with Workspace(settings_in(folder / "home")) as workspace, bind("127.0.0.1", 0) as bound:
            listen(create_app(workspace, options=options), bound, on_ready=opened)
    except KeyboardInterrupt:
        console.notes().print("stopped", style="dim")
