"""What filters can choose from: read off the index of facets."""

from __future__ import annotations

import sqlite3

from reenact.domain.selection import Choices
from reenact.store.spans import MOST_CHOICES

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
