"""The agent's own spans: what an instrumented agent sent while it was replayed.

They share the trace id of their turn. What the agent did not return (tokens, the model, the
first token's time) is taken from them, so that both sides of a comparison rest on spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reenact.domain.conversation import Item, ModelCall
from reenact.domain.run import TurnRecord
from reenact.domain.span import Span, StoredSpan
from reenact.runs.workspace import Workspace


def spans_by_trace(workspace: Workspace, turns: Sequence[TurnRecord]) -> dict[str, list[Span]]:
    """Return the spans that came back for `turns`, by trace id."""
    trace_ids = [turn.trace_id for turn in turns if turn.trace_id]
    found: dict[str, list[Span]] = {}
    stored: StoredSpan
    for stored in workspace.spans.replay_spans(trace_ids):
        found.setdefault(stored.span.trace_id, []).append(stored.span)
    return found


def with_spans(turn: TurnRecord, spans: Sequence[Span]) -> TurnRecord:
    """Return `turn` with the model calls that its spans tell of, where it has none itself."""
    if not spans or any(isinstance(item, ModelCall) for item in turn.items):
        return turn
    from reenact.capture.assembly import assemble

    seen = assemble(spans, project="", kind="trace", session_id=None)
    calls = seen.model_calls
    items: list[Item] = sorted((*turn.items, *calls), key=lambda item: (_rank(item), _began(item)))
    return replace(turn, items=tuple(items))


def _rank(item: Item) -> int:
    return 0 if item.kind == "message" and item.role == "user" else 1


def _began(item: Item) -> float:
    began = getattr(item, "started_at", None)
    return began.timestamp() if began is not None else float("inf")
