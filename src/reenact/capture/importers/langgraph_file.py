"""The SQLite file of LangGraph's checkpoints: tables `checkpoints` and `writes`, read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from reenact.capture.importers.fields import time_of
from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.importers.langgraph_state import unpacked
from reenact.capture.wire.json_text import parsed
from reenact.errors import DecodeError, UsageError

MAX_VALUE_BYTES = 64 * 2**20
"""Bytes of one checkpoint or one write at most."""

MAX_CHECKPOINTS = 100_000
"""Checkpoints of one thread at most."""

_WRITES = (
    "SELECT task_id, type, value FROM writes WHERE thread_id = ? AND checkpoint_ns = '' "
    "AND checkpoint_id = ? AND channel = ? ORDER BY task_id, idx"
)
_WRITES_BY_PATH = _WRITES.replace("ORDER BY", "ORDER BY task_path,")
_STATE = (
    "SELECT type, checkpoint FROM checkpoints "
    "WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ?"
)
_METADATA = (
    "SELECT metadata FROM checkpoints "
    "WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ?"
)
_COLUMNS = frozenset(
    {
        "thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type",
        "checkpoint", "metadata",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One checkpoint of a thread's own graph; its content is read when it is asked for."""

    thread: str
    id: str
    branches: int = 0
    """On the newest one: how many checkpoints of the thread do not lead to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a checkpoint holds: the values of the channels, and when it was made."""

    values: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@contextmanager
def open_checkpoints(path: Path) -> Iterator[CheckpointFile]:
    """Open a checkpoint file for reading.

    Raises:
        UsageError: where it cannot be opened.
        DecodeError: where it is no SQLite database, is broken, or lacks LangGraph's tables.
    """
    if not path.is_file():
        raise UsageError("there is no such file", where=str(path), next_step="check the path")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?{_mode(path)}", uri=True)
    except sqlite3.Error as error:
        raise _broken(path, error) from error
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("BEGIN")  # one moment of a file that may be written meanwhile
        yield CheckpointFile(connection, path)
    except sqlite3.Error as error:
        raise _broken(path, error) from error
    finally:
        connection.close()


def _mode(path: Path) -> str:
    """Return how SQLite opens the file.

    Without a journal beside it the file is whole, and nothing needs to be made next to it. With
    one, SQLite must read both.
    """
    journals = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-journal"))
    beside = any(journal.exists() and journal.stat().st_size for journal in journals)
    return "mode=ro" if beside else "mode=ro&immutable=1"


def _broken(path: Path, error: sqlite3.Error) -> DecodeError:
    return DecodeError(
        f"not readable as a SQLite database: {error}",
        where=str(path),
        next_step="give a copy made while nothing writes to it, with its -wal file beside it",
    )


class CheckpointFile:
    """Reads an open file; every method may raise Unusable for what does not fit."""

    def __init__(self, connection: sqlite3.Connection, path: Path):
        self._connection = connection
        self._states: dict[tuple[str, str], State] = {}
        tables = {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            for name in ("checkpoints", "writes")
        }
        if not tables["checkpoints"] >= _COLUMNS:
            raise DecodeError(
                "has no table `checkpoints` as LangGraph's SqliteSaver makes it",
                where=str(path),
                next_step="give the file that SqliteSaver or AsyncSqliteSaver writes to",
            )
        self._has_writes = bool(tables["writes"])
        self._has_path = "task_path" in tables["writes"]

    def threads(self) -> list[str]:
        """Return the threads that have a state of their own, by id."""
        return self._ids("SELECT DISTINCT thread_id FROM checkpoints WHERE checkpoint_ns = ''")

    def inner_threads(self) -> list[str]:
        """Return the threads of which only inner graphs have a state."""
        found = self._ids("SELECT DISTINCT thread_id FROM checkpoints")
        own = set(self.threads())
        return [thread for thread in found if thread not in own]

    def lineage(self, thread: str) -> list[Checkpoint]:
        """Return the newest checkpoint of a thread and those that led to it, oldest first."""
        rows = self._connection.execute(
            "SELECT checkpoint_id, parent_checkpoint_id FROM checkpoints "
            "WHERE thread_id = ? AND checkpoint_ns = '' LIMIT ?",
            (thread, MAX_CHECKPOINTS + 1),
        ).fetchall()
        if len(rows) > MAX_CHECKPOINTS:
            raise Unusable(f"has more than {MAX_CHECKPOINTS:,} checkpoints")
        if not rows:
            raise Unusable("its id is no text")
        parents = {str(id): parent for id, parent in rows}
        line: dict[str, None] = {}
        at: Any = max(parents)
        while at in parents and at not in line:
            line[at] = None
            at = parents[at]
        ids = list(reversed(line))
        branches = len(parents) - len(ids)
        return [
            Checkpoint(thread=thread, id=id, branches=branches if id == ids[-1] else 0)
            for id in ids
        ]

    def state(self, checkpoint: Checkpoint) -> State:
        """Return what a checkpoint holds. The last two that were read are kept."""
        key = checkpoint.thread, checkpoint.id
        if key not in self._states:
            while len(self._states) > 1:
                del self._states[next(iter(self._states))]
            self._states[key] = self._state(checkpoint)
        return self._states[key]

    def metadata(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """Return the metadata of a checkpoint, empty where it has none that reads."""
        (found,) = self._row(_METADATA, checkpoint)
        text = found.decode("utf-8", "replace") if isinstance(found, bytes) else found
        data = safe(parsed(text)) if isinstance(text, str) else None
        return data if isinstance(data, dict) else {}

    def writes(self, checkpoint: Checkpoint, channel: str) -> Iterator[tuple[str, Any]]:
        """Yield task and value of what the steps after a checkpoint wrote to a channel."""
        if not self._has_writes:
            return
        rows = self._connection.execute(
            _WRITES_BY_PATH if self._has_path else _WRITES,
            (checkpoint.thread, checkpoint.id, channel),
        ).fetchall()
        for task, kind, value in rows:
            yield str(task), unpacked(kind, value, f"a write to {channel}")

    def _state(self, checkpoint: Checkpoint) -> State:
        kind, content = self._row(_STATE, checkpoint)
        place = f"checkpoint {checkpoint.id[:40]}"
        data = unpacked(kind, content, place)
        values = data.get("channel_values") if isinstance(data, dict) else None
        if not isinstance(values, dict):
            raise Unusable(f"{place} holds no channel_values")
        given = data.get("ts")
        return State(values=values, at=None if given is None else time_of(given, f"{place}.ts"))

    def _row(self, query: str, checkpoint: Checkpoint) -> tuple[Any, ...]:
        found = self._connection.execute(query, (checkpoint.thread, checkpoint.id)).fetchone()
        if found is None:
            raise Unusable(f"checkpoint {checkpoint.id[:40]} has an id that is no text")
        return tuple(found)

    def _ids(self, query: str) -> list[str]:
        return sorted(str(row[0]) for row in self._connection.execute(query) if row[0] is not None)
