"""A command line of its own home, and one whose home holds real captures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reenact.cli.app import run


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Reenact = Callable[..., Ended]
CAPTURES = ("oi_openai_rooted", "oi_openai_bare", "vercel_ai_json")


@pytest.fixture
def reenact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Reenact:
    """Runs a command line in an empty home."""
    monkeypatch.setenv("REENACT_HOME", str(tmp_path / "home"))
    return _runner(capsys)


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    home = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REENACT_HOME", str(home))
        for name in CAPTURES:
            folder = shared / "data" / "otlp" / name
            assert run(["import", str(folder), "--project", name, "--json"]) == 0
    return home


@pytest.fixture
def captured(tmp_path: Path, filled_home: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Reenact:
    """Runs a command line in a home that holds `CAPTURES`, a project each."""
    home = shutil.copytree(filled_home, tmp_path / "captured")
    monkeypatch.setenv("REENACT_HOME", str(home))
    capsys.readouterr()
    return _runner(capsys)


def _runner(capsys) -> Reenact:
    def reenact(*argv: str) -> Ended:
        code = run(argv)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return reenact
