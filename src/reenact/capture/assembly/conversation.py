"""Turns and tool calls to the items of a conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from reenact.capture.assembly.items import earlier_items, moment
from reenact.capture.assembly.tools import ToolBook
from reenact.capture.assembly.trees import Trace, traces_of
from reenact.capture.assembly.turns import Drafts, draft_turns
from reenact.capture.assembly.written import WrittenTurn
from reenact.capture.dialects import read
from reenact.capture.items import CONVERSATION, conversation_from
from reenact.capture.items import claims as imported
from reenact.capture.reading import Reading
from reenact.domain.conversation import (
    Conversation,
    ConversationKind,
    Item,
    ToolDefinition,
)
from reenact.domain.fidelity import AxisName
from reenact.domain.span import Origin, Span


def assemble(
    spans: Sequence[Span],
    *,
    project: str,
    kind: ConversationKind,
    session_id: str | None,
    origin: Origin = "production",
    read: Callable[[Span], Reading] = read,
) -> Conversation:
    """Return the conversation that `spans` (of one session, or of one or joined traces) tell.

    The same spans in any order give the same conversation. `read` gives the facts of a span.
    """
    if any(CONVERSATION in span.attributes and imported(span) for span in spans):
        return conversation_from(spans)
    traces = traces_of(spans, read)
    drafts = draft_turns(traces)
    book = ToolBook()
    book.fill(drafts.turns)
    first = traces[0].id if traces else ""
    return Conversation(
        id=f"sess:{session_id}" if kind == "session" else f"trace:{first}",
        project=project,
        kind=kind,
        session_id=session_id,
        trace_ids=tuple(trace.id for trace in traces),
        items=tuple(_items(drafts, book)),
        history=tuple(earlier_items(drafts.history)),
        origin=origin,
        **_about(traces),
    )


def _about(traces: Sequence[Trace]) -> dict[str, Any]:
    """Return what the spans say of the conversation as a whole; the first to say it counts."""
    nodes = [node for trace in traces for node in (trace.root, *trace.nodes)]
    readings = [node.reading for node in nodes]
    metadata: dict[str, Any] = {}
    tools: dict[str, ToolDefinition] = {}
    gaps: dict[AxisName, str] = {}
    for reading in readings:
        gaps = {**reading.gaps, **gaps}
        metadata = {**reading.metadata, **metadata}
        for tool in reading.tools:
            tools[tool.name] = _fuller(tools.get(tool.name, tool), tool)
    cut = sorted({name for reading in readings for name in reading.truncated})
    if cut:
        metadata["reenact.truncated"] = cut
    starts = [node.span.start_ns for node in nodes if node.span.start_ns]
    ends = [max(node.span.start_ns, node.span.end_ns) for node in nodes]
    return {
        "agent_name": next((r.agent_name for r in readings if r.agent_name), None),
        "agent_version": next((r.agent_version for r in readings if r.agent_version), None),
        "tools": tuple(tools.values()),
        "tags": tuple(dict.fromkeys(tag for reading in readings for tag in reading.tags)),
        "metadata": metadata,
        "started_at": moment(min(starts)) if starts else None,
        "ended_at": moment(max(ends)) if ends else None,
        "gaps": gaps,
    }


def _fuller(one: ToolDefinition, other: ToolDefinition) -> ToolDefinition:
    """Return the definition that says more of a tool; some spans hold names alone."""
    missing = (one.parameters is None, one.description is None)
    return other if missing > (other.parameters is None, other.description is None) else one


def _items(drafts: Drafts, book: ToolBook) -> Iterator[Item]:
    owners: dict[int, set[int]] = {}
    for place, draft in enumerate(drafts.turns):
        for call in draft.calls:
            for node in call.above:
                owners.setdefault(id(node), set()).add(place)
    for place, draft in enumerate(drafts.turns):
        later = drafts.turns[place + 1] if place + 1 < len(drafts.turns) else None
        yield from WrittenTurn(draft, book.asked[id(draft)], owners, later).items()
