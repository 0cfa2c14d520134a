"""Two versions of an agent, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from reenact.domain.agent import AgentDefinition, AgentSnapshot, AgentVersion
from reenact.domain.comparison import TextOp
from reenact.domain.version_diff import FieldChange, VersionDiff
from reenact.errors import UnknownId
from reenact.matching.text import word_diff


def version_of(agent: AgentDefinition, number: int) -> AgentVersion:
    """Return a version of `agent`, or raise UnknownId."""
    for version in agent.versions:
        if version.number == number:
            return version
    raise UnknownId("version", [f"{agent.id}/{number}"], next_step=f"it has {len(agent.versions)}")


def version_diff(agent: AgentDefinition, *, before: int, after: int) -> VersionDiff:
    """Return what differs between two versions of `agent`; raises UnknownId."""
    old, new = version_of(agent, before).snapshot, version_of(agent, after).snapshot
    return VersionDiff(
        agent_id=agent.id, before=before, after=after, changes=tuple(_changes(old, new))
    )


def _changes(old: AgentSnapshot, new: AgentSnapshot) -> Iterator[FieldChange]:
    for field in fields(AgentSnapshot):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was == now:
            continue
        if field.name == "tools":
            yield from _tool_changes(old, new)
        else:
            yield FieldChange(field=field.name, before=was, after=now, text_diff=_worded(was, now))


def _tool_changes(old: AgentSnapshot, new: AgentSnapshot) -> Iterator[FieldChange]:
    was, now = ({tool.name: tool for tool in one.tools} for one in (old, new))
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield FieldChange(field=f"tools.{name}", before=was.get(name), after=now.get(name))


def _worded(was: Any, now: Any) -> tuple[TextOp, ...]:
    return word_diff(was, now) if isinstance(was, str) and isinstance(now, str) else ()
