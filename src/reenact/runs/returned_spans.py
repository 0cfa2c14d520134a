"""The agent's own spans: what an instrumented agent sent while it was replayed.

They share the trace id of their turn. What the agent did not return (tokens, the model, the
first token's time) is taken from them, so that both sides of a comparison rest on spans.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reenact.domain.conversation import Item, Message, ModelCall, ToolCall
from reenact.domain.run import TurnRecord
from reenact.domain.span import Span, StoredSpan
from reenact.matching.arguments import normalised
from reenact.runs.workspace import Workspace


def spans_by_trace(workspace: Workspace, turns: Sequence[TurnRecord]) -> dict[str, list[Span]]:
    """Return the spans that came back for `turns`, by trace id."""
    return spans_by_trace_id(workspace, [turn.trace_id for turn in turns if turn.trace_id])


def spans_by_trace_id(workspace: Workspace, trace_ids: Sequence[str]) -> dict[str, list[Span]]:
    """Return the spans of these replayed traces, by trace id."""
    found: dict[str, list[Span]] = {}
    stored: StoredSpan
    for stored in workspace.spans.replay_spans(trace_ids):
        found.setdefault(stored.span.trace_id, []).append(stored.span)
    return found


def with_spans(turn: TurnRecord, spans: Sequence[Span]) -> TurnRecord:
    """Return `turn` with what its spans tell and the agent did not: model calls, live tools.

    A tool call that the spans hold and no interceptor answered was run by the agent itself.
    """
    if not spans:
        return turn
    from reenact.capture.assembly import assemble

    seen = assemble(spans, project="", kind="trace", session_id=None)
    told: list[Item] = list(_unseen_calls(turn, seen.tool_calls))
    if not any(isinstance(item, ModelCall) for item in turn.items):
        told += seen.model_calls
    if not told:
        return turn
    items = sorted((*turn.items, *told), key=lambda item: (_rank(item), _began(item)))
    return replace(turn, items=tuple(items))


def _unseen_calls(turn: TurnRecord, seen: Sequence[ToolCall]) -> Iterator[ToolCall]:
    known = Counter(_key(item) for item in turn.items if isinstance(item, ToolCall))
    for call in seen:
        if known[_key(call)] > 0:
            known[_key(call)] -= 1
        elif call.answered:
            yield replace(call, provenance="live")


def _key(call: ToolCall) -> tuple[str, str]:
    return call.name, normalised(call.arguments)


def _rank(item: Item) -> int:
    return 0 if isinstance(item, Message) and item.role == "user" else 1


def _began(item: Item) -> float:
    began = getattr(item, "started_at", None)
    return began.timestamp() if began is not None else float("inf")
