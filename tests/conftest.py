"""What every test shares: where the real captures are."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real captures and talks that lies beside the project."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the captures are not here: ../shared/data is missing beside the project")
    return SHARED
