"""Where Reenact looks for its stores, and what it says of a wrong setting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reenact.errors import UsageError
from reenact.settings import read_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "SPANS_URL", "DATABASE_URL", "BLOBS_URL", "HOST", "PORT"):
        monkeypatch.delenv(f"REENACT_{name}", raising=False)


def test_everything_lies_in_the_home_folder_unless_told_otherwise() -> None:
    settings = read_settings()
    home = Path.home() / ".reenact"
    assert settings.home == home
    assert settings.spans_url == f"sqlite:///{home}/spans.db"
    assert settings.database_url == f"sqlite:///{home}/reenact.db"
    assert settings.blobs_url == f"file://{home}/blobs"
    assert (settings.host, settings.port) == ("127.0.0.1", 4318)


def test_a_home_moves_all_stores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REENACT_HOME", str(tmp_path))
    settings = read_settings()
    assert settings.spans_url == f"sqlite:///{tmp_path}/spans.db"
    assert settings.database_url == f"sqlite:///{tmp_path}/reenact.db"


def test_each_setting_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REENACT_SPANS_URL", "sqlite:///here.db")
    monkeypatch.setenv("REENACT_DATABASE_URL", "postgresql://db/reenact")
    monkeypatch.setenv("REENACT_BLOBS_URL", "s3://bucket/blobs")
    monkeypatch.setenv("REENACT_HOST", "0.0.0.0")
    monkeypatch.setenv("REENACT_PORT", "14318")
    settings = read_settings()
    assert settings.spans_url == "sqlite:///here.db"
    assert settings.database_url == "postgresql://db/reenact"
    assert settings.blobs_url == "s3://bucket/blobs"
    assert (settings.host, settings.port) == ("0.0.0.0", 14318)


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REENACT_PORT", "many")
    with pytest.raises(UsageError, match="REENACT_PORT"):
        read_settings()


def test_importing_settings_imports_nothing_heavy() -> None:
    code = "import sys, reenact.settings; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
