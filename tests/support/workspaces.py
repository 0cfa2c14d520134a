"""Workspaces for tests: all stores in one folder."""

from __future__ import annotations

from pathlib import Path

from reenact.runs.workspace import Workspace
from reenact.settings import Settings


def workspace_in(folder: Path) -> Workspace:
    """Return a workspace whose stores are made in `folder` when they are first used."""
    return Workspace(
        Settings(
            home=folder,
            spans_url=f"sqlite:///{folder / 'spans.db'}",
            database_url=f"sqlite:///{folder / 'reenact.db'}",
            blobs_url=(folder / "blobs").as_uri(),
        )
    )
