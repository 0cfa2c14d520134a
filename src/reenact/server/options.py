"""What a server was started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Folders of this machine that the API may touch, and no others."""

    agents: Path | None = None
    """Where the agents lie that may be run by name."""
    cases: Path | None = None
    """Where kept cases are written."""
