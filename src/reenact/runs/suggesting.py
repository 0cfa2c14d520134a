"""What a replay session may be called and made into, proposed before anything is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from reenact.domain.recording import Recording
from reenact.domain.selection import ReplaySession
from reenact.domain.turn import turns_of
from reenact.runs.agent_definitions import agent_name_of
from reenact.runs.replay_sessions import fidelity_words, scenario_name_for
from reenact.runs.workspace import Workspace
from reenact.scenario.rows import agent_tools, rows_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What generating would take if nobody says otherwise, and what it would be made from."""

    agent_name: str
    agent_exists: bool
    """Whether the project has an agent of that name: it gets a new version if it changed."""
    agent_description: str
    scenario_name: str
    agent_type: Literal["text"] = "text"
    no_of_rows: int
    conversations: int
    turns: int
    """Turns of the user, in all of them."""
    tool_calls: int
    tools: tuple[str, ...]
    fidelity: str
    """How much of the originals the captures hold, in words."""
    scores: tuple[int, ...]
    """The fidelity of each recording that has a score."""


def suggestions_for(workspace: Workspace, session: ReplaySession) -> Suggestions:
    """Return what to propose for `session`.

    Raises:
        UnknownId: where one of its recordings was deleted.
    """
    recordings = workspace.records.recordings(session.recordings)
    name = agent_name_of(recordings, session.project_id)
    known = workspace.records.agent_named(session.project_id, name)
    scores = tuple(r.fidelity.score for r in recordings if r.fidelity.score is not None)
    talks = [recording.conversation for recording in recordings]
    return Suggestions(
        agent_name=name,
        agent_exists=known is not None,
        agent_description=known.latest.snapshot.description if known else _described(recordings),
        scenario_name=scenario_name_for(workspace, session, datetime.now(UTC)),
        no_of_rows=max(20, len(rows_for(recordings, replay_type=session.replay_type))),
        conversations=len(recordings),
        turns=sum(turn.user is not None for talk in talks for turn in turns_of(talk)),
        tool_calls=sum(c.requestor == "agent" for talk in talks for c in talk.tool_calls),
        tools=tuple(sorted({tool for talk in talks for tool in agent_tools(talk)})),
        fidelity=fidelity_words(scores),
        scores=scores,
    )


def _described(recordings: Sequence[Recording]) -> str:
    """Describe an agent by what was seen of it; its system prompt is configuration, not this."""
    tools = sorted({tool for one in recordings for tool in agent_tools(one.conversation)})
    models = (call.model for one in recordings for call in one.conversation.model_calls)
    model = next((name for name in models if name), None)
    facts = [f"on {model}"] if model else []
    facts += [f"with the tools {', '.join(tools[:10])}"] if tools else []
    return f"Recorded in production, {' '.join(facts)}" if facts else "Recorded in production"
