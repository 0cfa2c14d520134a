"""Users, and what filters can choose from: read off the index of facets."""

from __future__ import annotations

import sqlite3

from reenact.domain.selection import Choices, UserSummary
from reenact.store.spans import MOST_CHOICES
from reenact.store.sqlite.rollup import moment

_LONGEST_TEXT = 200

# Hops from one value to the next in the primary key: as many steps as there are values, however
# many traces have each.
_VALUES = """
WITH RECURSIVE hops (value) AS (
  SELECT min(value) FROM facets WHERE project = :project AND kind = :kind
  UNION ALL
  SELECT (SELECT min(value) FROM facets
          WHERE project = :project AND kind = :kind AND value > hops.value)
  FROM hops WHERE hops.value IS NOT NULL
)
SELECT value FROM hops WHERE value IS NOT NULL LIMIT :most
"""

_USERS = """
SELECT f.value, count(DISTINCT f.session), count(*), sum(t.errors),
  min(t.started_us), max(t.started_us)
FROM facets f JOIN traces t ON t.id = f.trace
WHERE f.project = :project AND f.kind = 'user' AND f.value > :after AND f.value IN (
  SELECT value FROM (
    SELECT DISTINCT value FROM facets
    WHERE project = :project AND kind = 'user' AND value > :after
      AND (:text IS NULL OR instr(lower(value), lower(:text)) > 0)
    ORDER BY value LIMIT :most
  )
)
GROUP BY f.value ORDER BY f.value
"""


def users_of(
    connection: sqlite3.Connection,
    project: int,
    *,
    text: str | None,
    limit: int,
    after: str | None,
) -> tuple[UserSummary, ...]:
    """Return users by id; see `SpanStore.users`."""
    given = {
        "project": project,
        "after": after or "",
        "text": text[:_LONGEST_TEXT] if text else None,
        "most": limit,
    }
    return tuple(
        UserSummary(
            user_id=user,
            sessions=sessions,
            traces=traces,
            errors=errors,
            first_at=moment(first * 1000),
            last_at=moment(last * 1000),
        )
        for user, sessions, traces, errors, first, last in connection.execute(_USERS, given)
    )


def choices_of(connection: sqlite3.Connection, project: int) -> Choices:
    """Return the values of what is filtered on; see `SpanStore.choices`."""

    def values(kind: str) -> tuple[str, ...]:
        given = {"project": project, "kind": kind, "most": MOST_CHOICES}
        return tuple(value for (value,) in connection.execute(_VALUES, given))

    return Choices(
        tools=values("tool"),
        agents=values("agent"),
        agent_versions=values("version"),
        models=values("model"),
        tags=values("tag"),
    )
