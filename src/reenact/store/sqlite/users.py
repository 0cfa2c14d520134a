"""Users: a row for each of a project, kept up with the traces that name them.

A row does not depend on the order or the portions in which spans came: it adds up, or takes the
earliest and the latest. Only where the first or the last trace goes are the others looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reenact.domain.selection import UserSummary
from reenact.store.spans import Seen
from reenact.store.sqlite.rollup import Rollup, moment, unpacked_rollup

_LONGEST_TEXT = 200

Move = tuple[int, Rollup | None, Rollup | None]
"""A project, and what lists show of one of its traces: before, and from now on."""


@dataclass(slots=True, kw_only=True)
class _Share:
    """What traces add to a user, or took from one. Times are Unix microseconds."""

    traces: int
    errors: int
    first: int | None
    """None where no trace says when it began."""
    last: int

    def add(self, other: _Share) -> None:
        self.traces += other.traces
        self.errors += other.errors
        known = [one for one in (self.first, other.first) if one is not None]
        self.first = min(known, default=None)
        self.last = max(self.last, other.last)


_Shares = dict[tuple[int, str], _Share]

_GROW = """
INSERT INTO users (project, user_id, traces, errors, first_us, last_us) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (project, user_id) DO UPDATE SET
  traces = traces + excluded.traces, errors = errors + excluded.errors,
  first_us = coalesce(min(first_us, excluded.first_us), first_us, excluded.first_us),
  last_us = max(last_us, excluded.last_us)
"""

_THEIR_TRACES = """
FROM facets f JOIN traces t ON t.id = f.trace
WHERE f.project = ? AND f.kind = 'user' AND f.value = ?
"""

_LATEST = """
SELECT user_id, (
    SELECT count(DISTINCT session) FROM facets
    WHERE project = u.project AND kind = 'user' AND value = u.user_id
  ), traces, errors, coalesce(first_us, 0), last_us
FROM users u WHERE project = ? {} ORDER BY last_us DESC, user_id LIMIT ?
"""


def move_users(connection: sqlite3.Connection, moves: Iterable[Move]) -> None:
    """Note what traces say of their users. Traces and facets must have been written before."""
    grown: _Shares = {}
    shrunk: _Shares = {}
    for project, before, after in moves:
        had = set(before.users) if before else set()
        if after is not None:
            for user in after.users:
                _add(grown, project, user, _share(after, before if user in had else None))
            had -= set(after.users)
        if before is not None:
            for user in had:
                _add(shrunk, project, user, _share(before))
    _grow(connection, grown)
    for (project, user), share in shrunk.items():
        _shrink(connection, project, user, share)


def fill_users(connection: sqlite3.Connection) -> None:
    """Make the rows of a store that has none."""
    found: _Shares = {}
    for project, content in connection.execute(
        "SELECT project, rollup FROM traces WHERE origin = 'production'"
    ):
        rollup = unpacked_rollup(content)
        for user in rollup.users:
            _add(found, project, user, _share(rollup))
    _grow(connection, found)


def users_of(
    connection: sqlite3.Connection, project: int, *, text: str | None, limit: int, after: Seen
) -> tuple[UserSummary, ...]:
    """Return users, last seen first; see `SpanStore.users`."""
    where, given = "", [project]
    values: list[Any] = given
    if text:
        where += " AND instr(lower(user_id), lower(?)) > 0"
        values.append(text[:_LONGEST_TEXT])
    if after is not None:
        where += " AND last_us <= ? AND (last_us < ? OR user_id > ?)"
        values.extend((after[0], after[0], after[1]))
    return tuple(_summaries(connection.execute(_LATEST.format(where), (*values, limit))))


def _summaries(rows: Iterable[tuple[Any, ...]]) -> Iterator[UserSummary]:
    for user, sessions, traces, errors, first, last in rows:
        yield UserSummary(
            user_id=user,
            sessions=sessions,
            traces=traces,
            errors=errors,
            first_at=moment(first * 1000),
            last_at=moment(last * 1000),
        )


def _share(rollup: Rollup, counted: Rollup | None = None) -> _Share:
    """Return what a trace is to a user; of one that was counted before only what is new."""
    return _Share(
        traces=0 if counted else 1,
        errors=rollup.errors - (counted.errors if counted else 0),
        first=rollup.started_ns // 1000 or None,
        last=rollup.ended_ns // 1000,
    )


def _add(shares: _Shares, project: int, user: str, share: _Share) -> None:
    known = shares.setdefault((project, user), share)
    if known is not share:
        known.add(share)


def _grow(connection: sqlite3.Connection, shares: _Shares) -> None:
    connection.executemany(
        _GROW,
        [(*key, one.traces, one.errors, one.first, one.last) for key, one in shares.items()],
    )


def _shrink(connection: sqlite3.Connection, project: int, user: str, gone: _Share) -> None:
    """Take traces from a user; one without any is no user."""
    one = (project, user)
    traces, first, last = connection.execute(
        "SELECT traces, first_us, last_us FROM users WHERE project = ? AND user_id = ?", one
    ).fetchone() or (0, 0, 0)
    if traces <= gone.traces:
        connection.execute("DELETE FROM users WHERE project = ? AND user_id = ?", one)
        return
    if gone.first is not None and gone.first <= first:
        first = _first_of(connection, one)
    if gone.last >= last:
        last = _last_of(connection, one)
    connection.execute(
        "UPDATE users SET traces = traces - ?, errors = errors - ?, first_us = ?, last_us = ? "
        "WHERE project = ? AND user_id = ?",
        (gone.traces, gone.errors, first, last, *one),
    )


def _first_of(connection: sqlite3.Connection, one: tuple[int, str]) -> int | None:
    found = connection.execute(f"SELECT min(nullif(t.started_us, 0)) {_THEIR_TRACES}", one)
    first: int | None = found.fetchone()[0]
    return first


def _last_of(connection: sqlite3.Connection, one: tuple[int, str]) -> int:
    rows = connection.execute(f"SELECT t.rollup {_THEIR_TRACES}", one)
    return max(unpacked_rollup(content).ended_ns // 1000 for (content,) in rows)
