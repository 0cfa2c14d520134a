from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reenact.runs.workspace import Workspace
from reenact.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        spans_url=f"sqlite:///{tmp_path / 'spans.db'}",
        database_url=f"sqlite:///{tmp_path / 'reenact.db'}",
        blobs_url=(tmp_path / "blobs").as_uri(),
    )


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    with Workspace(settings) as opened:
        yield opened
