"""The shelf of forks."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from reenact.domain.fork import Fork
from reenact.errors import UnknownId, UsageError
from reenact.store.database import Database
from reenact.store.documents import Shelf, microseconds
from reenact.store.record_tables import FORKS


class Forks:
    """Forks by id and by name; one that is kept never changes."""

    def __init__(self, database: Database):
        self._database = database
        self._shelf = Shelf(database, FORKS, Fork, "fork", next_step="reenact forks list")

    def save(self, fork: Fork) -> None:
        """Keep `fork`. Raises UsageError where its name is taken in its project."""
        if self.is_taken(fork.project_id, fork.name):
            raise UsageError(
                f"there is a fork called {fork.name} in project {fork.project_id}",
                where="--name",
                next_step="choose another name; forks are never changed",
            )
        self._shelf.add(
            fork,
            id=fork.id,
            project=fork.project_id,
            name=fork.name,
            conversation_id=fork.conversation_id,
            created_us=microseconds(fork.created_at),
        )

    def is_taken(self, project: str, name: str) -> bool:
        """Tell whether a fork of `project` has this name."""
        mine = (FORKS.c.project == project, FORKS.c.name == name)
        with self._database.reading() as connection:
            return connection.execute(select(FORKS.c.id).where(*mine)).first() is not None

    def get(self, id: str) -> Fork:
        """Return the fork called `id`, or raise UnknownId."""
        return self._shelf.get(id)

    def named(self, name: str, *, project: str | None = None) -> Fork:
        """Return the fork of that name or id.

        Raises:
            UnknownId: where there is none.
            UsageError: where several projects have one.
        """
        mine: list[ColumnElement[bool]] = [(FORKS.c.name == name) | (FORKS.c.id == name)]
        if project is not None:
            mine.append(FORKS.c.project == project)
        found = self._shelf.newest(*mine)
        if not found:
            raise UnknownId("fork", [name], next_step="reenact forks list")
        if len(found) > 1:
            projects = ", ".join(sorted(fork.project_id for fork in found))
            raise UsageError(f"{name} is in several projects: {projects}", next_step="--project")
        return found[0]

    def list(self, project: str | None = None) -> tuple[Fork, ...]:
        """Return the forks of `project` (None: of all), newest first."""
        return self._shelf.newest(*([] if project is None else [FORKS.c.project == project]))

    def of_talk(self, project: str, conversation_id: str) -> tuple[Fork, ...]:
        """Return the forks that grow from a recorded talk, oldest first."""
        mine = (FORKS.c.project == project, FORKS.c.conversation_id == conversation_id)
        return self._shelf.list(*mine, order=(FORKS.c.created_us, FORKS.c.id))
