"""The shelf of agents: each with numbered versions that never change."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, insert, select

from reenact import codec
from reenact.domain.agent import AgentDefinition, AgentVersion
from reenact.errors import UnknownId, UsageError
from reenact.store.database import Database
from reenact.store.documents import document, same_content
from reenact.store.record_tables import AGENT_VERSIONS, AGENTS


class AgentShelf:
    """Agents by id, and by name within a project."""

    def __init__(self, database: Database):
        self._database = database

    def save(self, agent: AgentDefinition) -> None:
        """Keep the versions of `agent` that are new.

        Raises:
            UsageError: where a version is there with other content, or the name is taken.
        """
        with self._database.writing() as connection:
            _claim_name(connection, agent)
            known = _versions(connection, agent.id)
            for version in agent.versions:
                written = document(version)
                if version.number not in known:
                    row = (agent.id, version.number, written)
                    connection.execute(insert(AGENT_VERSIONS).values(row))
                elif not same_content(AgentVersion, known[version.number], written):
                    raise UsageError(
                        f"version {version.number} is there with other content; it cannot change",
                        where=f"agent {agent.name}",
                        next_step="read the agent again and add a new version",
                    )

    def get(self, id: str) -> AgentDefinition:
        """Return the agent called `id`, or raise UnknownId."""
        found = self._where(AGENTS.c.id == id)
        if not found:
            raise UnknownId("agent", [id])
        return found[0]

    def named(self, project: str, name: str) -> AgentDefinition | None:
        """Return the agent of that name; None where the project has none."""
        found = self._where(AGENTS.c.project == project, AGENTS.c.name == name)
        return found[0] if found else None

    def list(self, project: str | None) -> tuple[AgentDefinition, ...]:
        """Return the agents of `project` (None: of all), by name."""
        return self._where(*([] if project is None else [AGENTS.c.project == project]))

    def _where(self, *conditions: ColumnElement[bool]) -> tuple[AgentDefinition, ...]:
        agents = select(AGENTS.c.id, AGENTS.c.project, AGENTS.c.name).where(*conditions)
        with self._database.reading() as connection:
            found = connection.execute(agents.order_by(AGENTS.c.name, AGENTS.c.id)).all()
            return tuple(
                AgentDefinition(
                    id=id,
                    project_id=project,
                    name=name,
                    versions=tuple(_read(_versions(connection, id).values(), id)),
                )
                for id, project, name in found
            )


def _claim_name(connection: Connection, agent: AgentDefinition) -> None:
    named = select(AGENTS.c.id).where(
        AGENTS.c.project == agent.project_id, AGENTS.c.name == agent.name
    )
    holder = connection.execute(named).scalar()
    if holder is None:
        row = (agent.id, agent.project_id, agent.name)
        connection.execute(insert(AGENTS).values(row))
    elif holder != agent.id:
        raise UsageError(
            f"project {agent.project_id} has an agent called {agent.name} already",
            where=f"agent {agent.id}",
            next_step="read that one again and add a version to it",
        )


def _versions(connection: Connection, agent_id: str) -> dict[int, str]:
    """Return the documents of the versions by number, oldest first."""
    rows = connection.execute(
        select(AGENT_VERSIONS.c.number, AGENT_VERSIONS.c.document)
        .where(AGENT_VERSIONS.c.agent_id == agent_id)
        .order_by(AGENT_VERSIONS.c.number)
    ).all()
    return {number: written for number, written in rows}  # noqa: C416  (rows are no plain pairs)


def _read(documents: Iterable[str], id: str) -> Iterable[AgentVersion]:
    return (codec.from_json(AgentVersion, text, where=f"agent {id}") for text in documents)
