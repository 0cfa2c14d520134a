"""API keys: what a program may do, in one project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Scope = Literal["ingest", "read", "run"]
SCOPES: tuple[Scope, ...] = ("ingest", "read", "run")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """An API key as it may be shown: without its secret."""

    id: str
    project_id: str
    """The only project that there is for who shows the key."""
    name: str
    scopes: tuple[Scope, ...]
    hint: str
    """The last four characters of the key."""
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the minute; None where it was never used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMade:
    """A key that was just made, with the only copy of its secret."""

    key: KeyView
    secret: str
    """The whole key, as `Authorization: Bearer` takes it. It is not shown again."""
