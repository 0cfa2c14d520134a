"""The server itself: where its data lies, what its exporters need, and the demo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from sqlalchemy.engine import make_url

from reenact import __version__
from reenact.access.people import People
from reenact.demo.loading import DemoLoaded, is_loaded, load
from reenact.runs.workspace import Workspace
from reenact.server.api.callers import Asking
from reenact.server.api.people import Visiting
from reenact.server.api.routes import routes_of
from reenact.server.exporting import exporter_lines
from reenact.server.options import ServerOptions

_CREDENTIALS = re.compile(r"//[^/@]*@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What people see of the server in its settings, and on pages that are still empty."""

    version: str
    data_file: str
    """The file that holds the spans, or the address of their store."""
    exporter_lines: tuple[str, ...]
    """What to copy so that an agent sends its traces here."""
    cases_folder: str | None
    """Where kept cases are written; None where the server was given no folder."""
    agents_folder: str | None
    """Where the agents are listed that may be run by name; None where there is no such folder."""
    model: str | None
    """The language model of the settings."""
    demo_loaded: bool


def router(workspace: Workspace, people: People, options: ServerOptions) -> APIRouter:
    """Return the routes that tell people of the server, and load the demo."""
    routes = routes_of("people")

    @routes.get("/info")
    def info(request: Request, who: Asking, visit: Visiting) -> Info:
        """Say which version this is, which file holds the data, and where exporters send."""
        who.must_be_person()
        scheme = "https" if visit.secure else "http"
        url = f"{scheme}://{request.headers['host']}"  # checked: it is a name of this server
        return Info(
            version=__version__,
            data_file=data_file(workspace),
            exporter_lines=exporter_lines(url, keyed=people.need_login()),
            cases_folder=_shown(options.cases),
            agents_folder=_shown(options.agents),
            model=_CREDENTIALS.sub("//", workspace.settings.model or "") or None,
            demo_loaded=is_loaded(workspace),
        )

    @routes.post("/demo", status_code=201)
    def load_demo(who: Asking) -> DemoLoaded:
        """Load the demo's talks; more than once makes no difference."""
        who.must_be_person()
        return load(workspace)

    return routes


def data_file(workspace: Workspace) -> str:
    """Return the file that holds the spans; of a store elsewhere its address, without password."""
    url = make_url(workspace.settings.spans_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return str(Path(url.database).absolute())
    return url.render_as_string(hide_password=True)


def _shown(folder: Path | None) -> str | None:
    return None if folder is None else str(folder.absolute())
