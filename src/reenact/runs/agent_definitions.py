"""Agent definitions: made from a selection, with a new version only where something changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from reenact.domain.agent import AgentDefinition, AgentSnapshot, AgentTarget, AgentVersion
from reenact.domain.conversation import ToolDefinition
from reenact.domain.recording import Recording
from reenact.errors import UnknownId
from reenact.runs.ids import new_id
from reenact.runs.workspace import Workspace


def snapshot_of(
    recordings: Sequence[Recording], *, target: AgentTarget | None, description: str = ""
) -> AgentSnapshot:
    """Return the recorded configuration: the first prompt and model, and every tool seen."""
    conversations = [recording.conversation for recording in recordings]
    tools: dict[str, ToolDefinition] = {}
    for conversation in conversations:
        for tool in conversation.tools:
            tools.setdefault(tool.name, tool)
        for call in conversation.tool_calls:
            if call.requestor == "agent":
                tools.setdefault(call.name, ToolDefinition(name=call.name))
    models = (call.model for c in conversations for call in c.model_calls)
    return AgentSnapshot(
        system_prompt=next((c.system_prompt for c in conversations if c.system_prompt), None),
        model=next((model for model in models if model), None),
        tools=tuple(tools[name] for name in sorted(tools)),
        target=target,
        description=description,
    )


class Versioned(NamedTuple):
    """A definition, and the version of it that a snapshot stands for."""

    agent: AgentDefinition
    version: int


def with_snapshot(
    definition: AgentDefinition | None,
    snapshot: AgentSnapshot,
    *,
    project_id: str,
    name: str,
    now: datetime,
) -> Versioned:
    """Return a definition that has `snapshot` among its versions, and that version's number.

    A version that holds the same is used again, however old, so that going back and forth
    between two agents makes two versions and not more.
    """
    if definition is None:
        first = AgentVersion(number=1, snapshot=snapshot, created_at=now)
        made = AgentDefinition(
            id=new_id("agent", now), project_id=project_id, name=name, versions=(first,)
        )
        return Versioned(made, 1)
    for known in reversed(definition.versions):
        if known.snapshot == snapshot:
            return Versioned(definition, known.number)
    changed = ", ".join(_changed(definition.latest.snapshot, snapshot))
    number = definition.latest.number + 1
    version = AgentVersion(
        number=number, snapshot=snapshot, created_at=now, note=f"changed: {changed}"
    )
    return Versioned(replace(definition, versions=(*definition.versions, version)), number)


def agent_name_of(recordings: Sequence[Recording], project_id: str) -> str:
    """Return the recorded agent's name, else one made from the project's."""
    names = (recording.conversation.agent_name for recording in recordings)
    return next((name for name in names if name), f"{project_id}-agent")


def _changed(old: AgentSnapshot, new: AgentSnapshot) -> list[str]:
    fields = AgentSnapshot.__dataclass_fields__
    return [name for name in fields if getattr(old, name) != getattr(new, name)]


def latest_with(
    workspace: Workspace, agent_id: str, *, number: int | None, target: AgentTarget
) -> Versioned:
    """Return an agent and the version of it that is reached at `target`; a new one where needed.

    `number` is the version that it is like otherwise; the latest by default.

    Raises:
        UnknownId: for an agent or a version that is not there.
    """
    agent = workspace.records.agent(agent_id)
    known = agent.latest
    if number is not None:
        found = [version for version in agent.versions if version.number == number]
        if not found:
            raise UnknownId("version", [f"{agent.id}/{number}"])
        known = found[0]
    made = with_snapshot(
        agent,
        replace(known.snapshot, target=target),
        project_id=agent.project_id,
        name=agent.name,
        now=datetime.now(UTC),
    )
    if made.agent != agent:
        workspace.records.save_agent(made.agent)
    return made
