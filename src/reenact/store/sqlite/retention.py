"""What is kept of each project, as it was set."""

from __future__ import annotations

import sqlite3

import msgspec

from reenact.domain.selection import Retention

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Retention).decode


def write_retention(
    connection: sqlite3.Connection, project: int, retention: Retention | None
) -> None:
    """Set what is kept of a project; None for everything."""
    connection.execute("DELETE FROM retention WHERE project = ?", (project,))
    if retention is not None:
        connection.execute("INSERT INTO retention VALUES (?, ?)", (project, _encode(retention)))


def read_retentions(connection: sqlite3.Connection) -> tuple[tuple[str, Retention], ...]:
    """Return the projects of which not everything is kept, by name."""
    rows = connection.execute(
        "SELECT p.name, r.content FROM retention r JOIN projects p ON p.id = r.project "
        "ORDER BY p.name"
    )
    return tuple((name, _decode(content)) for name, content in rows)
