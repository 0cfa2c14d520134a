from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reenact.capture.importing import import_paths
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.shop_agent import SOURCE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    return Settings(
        home=home,
        spans_url=f"sqlite:///{home / 'spans.db'}",
        database_url=f"sqlite:///{home / 'reenact.db'}",
        blobs_url=(home / "blobs").as_uri(),
    )


@pytest.fixture
def workspace(settings: Settings, shared: Path) -> Iterator[Workspace]:
    """A store that holds a real capture: OpenInference over the OpenAI library."""
    with Workspace(settings) as opened:
        capture = shared / "data/otlp/oi_openai_rooted"
        import_paths([capture], store=opened.spans, project="shop")
        yield opened


@pytest.fixture
def agents(tmp_path: Path) -> str:
    """The file of the shop's agents; `:old`, `:fixed` and so on name them."""
    path = tmp_path / f"agents_{tmp_path.name}.py"
    path.write_text(SOURCE)
    return str(path)
