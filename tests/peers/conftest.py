"""Tests against real servers: `make test-peers` names the environments that they are in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.peer_servers import Peer, running

_VENVS = {"phoenix": "PHOENIX_VENV", "mlflow": "MLFLOW_VENV"}

collect_ignore_glob = [] if any(map(os.environ.get, _VENVS.values())) else ["test_*.py"]


@pytest.fixture(scope="session", params=list(_VENVS))
def peer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    """A running server of each peer whose environment is named."""
    venv = os.environ.get(_VENVS[request.param])
    if not venv:
        pytest.skip(f"{_VENVS[request.param]} is not set")
    with running(request.param, Path(venv), tmp_path_factory.mktemp(request.param)) as found:
        yield found
