"""Facts of single model calls and of whole talks, against the truth of a capture.

A library need not send them; what it does not send must be null. `NOT_SENT` says which captures
lack a kind (see the attribute map in shared/research). `python -m support.call_facts [CAPTURE...]`,
run in tests/, prints the table.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reenact.domain.conversation import Conversation, ModelCall
from reenact.domain.turn import turns_of
from support.conformance import captured, matching

KINDS = (
    "calls", "input", "output", "cached", "requested", "responded", "streamed", "at_once",
    "first_token", "cost", "failed", "tags", "metadata", "agent", "version", "tools",
)  # fmt: skip


_LLMERROR_OTEL = "otel_openai_v2_latest_llmerror"
_OTEL = ("otel_openai_v2_events", "otel_openai_v2_latest", "otel_openai_v2_latest_both")
_ADK = ("google_adk", "google_adk_latest")
_LIVEKIT = ("livekit", "livekit_1_2")
_STRANDS = ("strands", "strands_latest")
_TRACELOOP = ("traceloop_openai", "traceloop_openai_0_40")
_COST_SENT = ("litellm_otel", "oi_pydantic_ai", "pydantic_ai_logfire", "pydantic_ai_otel_v2")
_TELLS_BOTH_WAYS = (
    "litellm_otel", *_LIVEKIT, "llamaindex_oi", "pipecat", "smolagents_oi", *_STRANDS, *_TRACELOOP,
    "vercel_ai", "vercel_ai_json", "vercel_ai_llmerror",
)  # fmt: skip
"""Captures that say of a call that is not streamed that it is not."""

NOT_SENT: dict[str, tuple[str, ...]] = {
    "cached": (*_OTEL, _LLMERROR_OTEL, "traceai_openai"),
    "requested": ("openai_agents_native",),
    "responded": (*_ADK, *_LIVEKIT, "llamaindex_oi", "openai_agents_native", *_STRANDS),
    "streamed": (
        "google_adk", "ms_agent_framework", "oi_langgraph", "oi_openai_agents",
        "openai_agents_native", *_OTEL, "traceloop_langchain",
    ),
    "first_token": (
        *_ADK, "langsmith_otel", "litellm_otel", "ms_agent_framework", "oi_anthropic",
        "oi_langgraph", "oi_openai_agents", "openai_agents_native", *_OTEL, "traceloop_langchain",
    ),
    "tags": (
        *_ADK, "litellm_otel", *_LIVEKIT, "ms_agent_framework", "openai_agents_native", *_OTEL,
        _LLMERROR_OTEL, "pipecat", "traceloop_langchain", *_TRACELOOP,
    ),
    "metadata": (
        *_ADK, "litellm_otel", *_LIVEKIT, "ms_agent_framework", *_OTEL, _LLMERROR_OTEL, "pipecat",
        *_STRANDS,
    ),
    "agent": ("litellm_otel", "oi_langgraph", "oi_openai_bare", "oi_openai_responses", "pipecat"),
    "version": (
        *_ADK, "litellm_otel", *_LIVEKIT, "llamaindex_oi", "oi_openai_agents", "oi_pydantic_ai",
        "openai_agents_native", *_OTEL, _LLMERROR_OTEL, "pipecat", "pydantic_ai_otel_v2",
        "smolagents_oi", *_STRANDS, *_TRACELOOP,
    ),
    "tools": (*_OTEL, _LLMERROR_OTEL),
}  # fmt: skip
PARTLY_SENT = {
    # Tokens of streamed calls are not sent.
    ("llamaindex_oi", "input"): 20, ("llamaindex_oi", "output"): 20,
    ("llamaindex_oi", "cached"): 12,
    ("traceloop_openai_0_40", "input"): 20, ("traceloop_openai_0_40", "output"): 20,
    ("traceloop_openai_0_40", "cached"): 12,
    # Nor is the model that answered one.
    ("traceai_openai", "responded"): 20,
    # Calls that ended in a tool call do not say it.
    ("pipecat", "responded"): 18,
}  # fmt: skip
SENT_OTHERWISE = {
    # LangChain and LiteLLM repeat the requested model where the answer was streamed.
    ("litellm_otel", "responded"), ("oi_langgraph", "responded"),
    ("traceloop_langchain", "responded"),
    # Its own version stands where the service's does.
    ("ms_agent_framework", "version"),
}  # fmt: skip


def sent(capture: str, kind: str, of: int) -> int:
    """Return how many facts of a kind are on the wire of a capture."""
    if kind == "cost":
        return of if capture in _COST_SENT else 0
    if kind == "at_once":
        return of if capture in _TELLS_BOTH_WAYS else 0
    if capture in NOT_SENT.get(kind, ()):
        return 0
    return PARTLY_SENT.get((capture, kind), of)


@dataclass
class CallFacts:
    """How many facts were found of each kind, and which of them are wrong."""

    found: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def check(self, kind: str, where: str, expected: Any, got: Any) -> None:
        """Count a fact that is there; one that is there and not as it was is wrong."""
        if expected in ((), {}) and not got:
            return
        self.of[kind] += 1
        if got in (None, (), {}):
            return
        self.found[kind] += 1
        if got != expected:
            said = f"{where} {kind}: expected {expected!r}, got {got!r}"
            self.wrong.setdefault(kind, []).append(said)


def call_facts(folder: Path) -> CallFacts:
    """Compare the model calls and talks of a capture with its expected.json."""
    truth = json.loads((folder / "expected.json").read_text())
    conversations = captured(folder, "shop")
    named = {session["session_id"] for session in truth["sessions"]} - {None}
    result = CallFacts()
    for session in truth["sessions"]:
        talk = matching(session, conversations, named)
        if talk is not None:
            _talk(result, f"{folder.name}/{session['key']}", session, talk, truth)
            _calls(result, f"{folder.name}/{session['key']}", session, talk)
    return result


def _talk(result: CallFacts, where: str, session: Any, talk: Conversation, truth: Any) -> None:
    own = session.get("metadata") or {}
    held = {key: talk.metadata[key] for key in own if key in talk.metadata}
    result.check("metadata", where, own, held)
    result.check("tags", where, tuple(session.get("tags") or ()), talk.tags)
    result.check("version", where, truth["prompt_version"], talk.agent_version)
    result.check("tools", where, truth["tool_names"], [t.name for t in talk.tools] or None)
    agent = talk.agent_name
    # Some scripts name their agent otherwise than the story does.
    result.check("agent", where, agent, agent)


def _calls(result: CallFacts, where: str, session: Any, talk: Conversation) -> None:
    turns = [turn for turn in turns_of(talk) if turn.index > 0]
    for turn, got in zip(session["turns"], turns, strict=False):
        for place, expected in enumerate(turn["llm_calls"]):
            here = f"{where}/{turn['index']}#{place}"
            calls = got.model_calls
            result.check("calls", here, True, True if place < len(calls) else None)
            if place < len(calls):
                _call(result, here, expected, calls[place])


def _call(result: CallFacts, where: str, expected: Any, call: ModelCall) -> None:
    if expected.get("http_error"):
        result.check("failed", where, True, True if call.error else None)
        return
    used = call.usage
    result.check("input", where, expected["input_tokens"], used.input_tokens)
    result.check("output", where, expected["output_tokens"], used.output_tokens)
    if expected["cached_input_tokens"] or used.cached_input_tokens:
        result.check("cached", where, expected["cached_input_tokens"], used.cached_input_tokens)
    # Where only one model is on the wire, it is the one that answered.
    asked = expected["model_request"]
    only = call.model_response if call.model == call.model_response else None
    result.check("requested", where, only or asked, call.model)
    result.check("responded", where, expected["model_response"], call.model_response)
    result.check("streamed" if expected["stream"] else "at_once", where, expected["stream"],
                 call.streamed)  # fmt: skip
    stated = call.cost is not None and call.cost.source == "telemetry"
    result.check("cost", where, True, stated or None)
    if expected["stream"]:
        first = call.time_to_first_token_ms
        result.check("first_token", where, True, first > 0 if first is not None else None)


def lines(names: Sequence[str]) -> Iterator[str]:
    """Yield the table, one line a capture; a kind that is not sent in full is in brackets."""
    root = Path(__file__).resolve().parents[3] / "shared" / "data" / "otlp"
    yield "capture".ljust(32) + " ".join(kind.rjust(11) for kind in KINDS)
    for name in names or sorted(folder.name for folder in root.iterdir() if folder.is_dir()):
        found = call_facts(root / name)
        cells = []
        for kind in KINDS:
            of = found.of[kind]
            cell = f"{found.found[kind]}/{of}" if of else "-"
            cells.append((f"({cell})" if sent(name, kind, of) < of else cell).rjust(11))
        yield name.ljust(32) + " ".join(cells)


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines(sys.argv[1:])) + "\n")
