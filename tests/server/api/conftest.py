"""A client of the API over real stores that hold the demo's captured talks."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from reenact.capture.importing import import_paths
from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from reenact.server.options import ServerOptions
from support.workspaces import workspace_in

SLOW = """
import time

def answer(messages, message):
    time.sleep(0.3)
    return "One moment."
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        with as_file(files("reenact.demo") / "captured") as captured:
            import_paths([captured], store=opened.spans)
        yield opened


@pytest.fixture
def folders(tmp_path: Path) -> ServerOptions:
    agents, cases = tmp_path / "agents", tmp_path / "cases"
    agents.mkdir()
    for name in ("old", "fixed"):
        (agents / f"{name}.yaml").write_text(f"path: reenact.demo.agents:{name}\n")
    (agents / "slow.py").write_text(SLOW)
    return ServerOptions(agents=agents, cases=cases)


@pytest.fixture
def client(workspace: Workspace, folders: ServerOptions) -> Iterator[TestClient]:
    app = create_app(workspace, options=folders)
    with TestClient(app, base_url="http://localhost") as opened:
        yield opened
