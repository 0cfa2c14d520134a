"""Captures against their truth: how many facts of each kind are found as they should be.

`python -m support.conformance [CAPTURE...]`, run in tests/, prints the table; with `-v` also
every fact that differs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from reenact.capture.conversations import Conversations
from reenact.capture.facts import FACTS
from reenact.capture.importing import import_paths
from reenact.codec import canonical
from reenact.domain.conversation import Conversation
from reenact.domain.turn import Turn, turns_of
from reenact.store.spans import open_span_store

DUE = (
    "oi_openai_rooted",
    "oi_openai_bare",
    "oi_anthropic",
    "oi_langgraph",
    "oi_openai_agents",
    "oi_pydantic_ai",
    "otel_openai_v2_events",
    "otel_openai_v2_latest",
    "otel_openai_v2_latest_both",
    "pydantic_ai_logfire",
    "traceai_openai",
    "traceloop_openai",
    "vercel_ai",
    "vercel_ai_json",
    "langfuse",
    "langfuse_3",
    "langsmith_otel",
    "litellm_otel",
    "llamaindex_oi",
    "smolagents_oi",
    "traceloop_langchain",
    "traceloop_openai_0_40",
    "ms_agent_framework",
    "oi_openai_responses",
    "openai_agents_native",
    "pydantic_ai_otel_v2",
    "google_adk",
    "google_adk_latest",
    "strands",
    "strands_latest",
    "livekit",
    "livekit_1_2",
    "pipecat",
)
STREAMED_WITHOUT_TOKENS = ("llamaindex_oi", "traceloop_openai_0_40")
"""Captures whose streamed model calls carry no tokens: none are due, and none may be made up."""
KINDS = (
    "sessions", "turns", "user", "assistant", "user_id", "system",
    "tool", "arguments", "result", "error", "call_id", "model_calls", "input", "output",
)  # fmt: skip
ON_WIRE = {
    "sessions": "session", "user": "user", "assistant": "asst", "user_id": "user_id",
    "system": "system", "arguments": "args", "result": "result", "call_id": "call_id",
}  # fmt: skip
"""Kinds of fact that are due only where `on_wire.json` found all of them in the bytes."""
Errors = Literal["told", "redacted", "absent"]


@dataclass
class Score:
    """Found and expected facts of one capture, by kind."""

    capture: str
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    of: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    differences: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Differences of kinds that are not due."""
    not_due: frozenset[str] = frozenset()

    def check(self, kind: str, where: str, expected: Any, got: Any, good: bool | None = None):
        self.of[kind] += 1
        if expected == got if good is None else good:
            self.found[kind] += 1
        else:
            found = self.others if kind in self.not_due else self.differences
            found.append(f"{where} {kind}: expected {expected!r}, got {got!r}")

    @property
    def complete(self) -> bool:
        """True where every fact that is due is found."""
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """The kinds that are due and not found in full."""
        return [k for k in KINDS if k not in self.not_due and self.found[k] != self.of[k]]


def captured(folder: Path, project: str) -> list[Conversation]:
    """Import a capture into an empty store and return its conversations."""
    with TemporaryDirectory() as home:
        store = open_span_store(f"sqlite:///{Path(home) / 'spans.db'}", facts=FACTS)
        import_paths([folder / "wire"], store=store, project=project, format="otlp")
        found = [recording.conversation for recording in Conversations(store).list(project)]
        store.close()
    return found


def score(folder: Path, conversations: Sequence[Conversation] | None = None) -> Score:
    """Compare a capture's conversations with its expected.json."""
    truth = json.loads((folder / "expected.json").read_text())
    wire = json.loads((folder / "on_wire.json").read_text())
    found = list(captured(folder, folder.name) if conversations is None else conversations)
    not_due = {k for k, name in ON_WIRE.items() if wire[name]["found"] < wire[name]["of"]}
    if "sessions" in not_due:
        not_due.add("turns")
    errors = _errors(wire)
    result = Score(folder.name, not_due=frozenset(not_due))
    named = {expected["session_id"] for expected in truth["sessions"]} - {None}
    for expected in truth["sessions"]:
        got = matching(expected, found, named)
        name = f"{folder.name}/{expected['key']}"
        ids = (expected["session_id"],) if expected["session_id"] else (None, "single")
        own = not expected["session_id"] and got is not None and got.session_id is not None
        result.check(
            "sessions",
            name,
            expected["session_id"],
            got.session_id if got else "(no conversation)",
            good=got is not None and (got.session_id in ids or own),
        )
        _session(result, name, expected, got, truth, errors, found)
    return result


def _errors(wire: dict[str, Any]) -> Errors:
    """Say how tools' errors are on the wire: one that an agent handled is a result like others."""
    if "error" not in wire or wire["error"]["found"] == wire["error"]["of"]:
        return "told"
    return "redacted" if wire["result"]["found"] else "absent"


def matching(
    expected: dict[str, Any], found: list[Conversation], named: set[str | None]
) -> Conversation | None:
    """Take the conversation with the session's id; without one, the one with its first words.

    Where the capture holds no words, the only one that no other session claims.
    """
    identity = expected["session_id"]
    wanted = [c for c in found if identity and c.session_id == identity]
    if not wanted:
        words = expected["turns"][0]["user"]
        wanted = [c for c in found if any(t.user == words for t in turns_of(c))]
    if not wanted and not identity:
        wanted = [c for c in found if c.session_id not in named]
    return wanted[0] if wanted else None


def _session(
    result: Score,
    name: str,
    expected: dict[str, Any],
    got: Conversation | None,
    truth: dict[str, Any],
    errors: Errors,
    found: list[Conversation],
) -> None:
    turns = [turn for turn in turns_of(got) if turn.index > 0] if got else []
    result.check("turns", name, len(expected["turns"]), len(turns))
    prompt = got.system_prompt if got else None
    wanted = truth["system_prompt"]
    result.check("system", name, wanted, prompt, good=prompt is not None and wanted in prompt)
    for place, turn in enumerate(expected["turns"]):
        ours = turns[place] if place < len(turns) else None
        if "sessions" in result.not_due:
            ours = _with_words(turn["user"], found)
        _turn(result, f"{name}/{turn['index']}", turn, ours, errors)


def _with_words(words: str, found: list[Conversation]) -> Turn | None:
    """Return the turn that begins with `words`, of whatever conversation."""
    return next((t for c in found for t in turns_of(c) if t.user == words), None)


def _turn(
    result: Score, name: str, expected: dict[str, Any], got: Turn | None, errors: Errors
) -> None:
    result.check("user", name, expected["user"], got and got.user)
    said = got and got.assistant
    result.check("assistant", name, expected["assistant"], said)
    result.check("user_id", name, expected["user_id"], got and got.user_id)
    answered = [call for call in expected["llm_calls"] if not call.get("http_error")]
    calls = got.model_calls if got else ()
    result.check("model_calls", name, len(expected["llm_calls"]), len(calls))
    for kind in ("input", "output"):
        tokens = getattr(got.usage, f"{kind}_tokens") if got else None
        due = expected["tokens"][kind] if answered else 0
        if expected["stream"] and result.capture in STREAMED_WITHOUT_TOKENS:
            due = None
        result.check(kind, name, due, tokens)
    ran = [call for call in expected["tool_calls"] if call["executed"]]
    tools = list(got.tool_calls) if got else []
    result.check("tool", name, [call["name"] for call in ran], [call.name for call in tools])
    failed = expected["errored"] and errors != "absent"
    result.check("error", name, failed, got and got.had_errors)
    for place, call in enumerate(ran):
        _tool_call(result, f"{name}/{call['name']}#{place}", call, tools[place : place + 1], errors)


def _tool_call(
    result: Score, name: str, expected: dict[str, Any], ours: Sequence[Any], errors: Errors
) -> None:
    got = ours[0] if ours else None
    result.check(
        "arguments",
        name,
        expected["args"],
        got and got.arguments,
        good=got is not None and canonical(got.arguments) == canonical(expected["args"]),
    )
    result.check("call_id", name, expected["id"], got and got.id)
    if expected["error"] is None:
        good = got is not None and canonical(got.result) == canonical(expected["result"])
        result.check("result", name, expected["result"], got and got.result, good=good)
        result.check("error", name, None, got and got.error)
        return
    message = expected["error"]["message"]
    error = got and got.error
    good = errors == "absent" or (bool(error) and (errors == "redacted" or message in error))
    result.check(
        "error", name, message, error, good=good and got is not None and got.result is None
    )


def lines(scores: Sequence[Score]) -> Iterator[str]:
    """Yield the table, one line a capture; a kind that is not due is in brackets."""
    width = max(len(s.capture) for s in scores) + 1
    yield "capture".ljust(width) + " ".join(kind[:11].rjust(11) for kind in KINDS)
    for one in scores:
        cells = []
        for kind in KINDS:
            cell = f"{one.found[kind]}/{one.of[kind]}"
            cells.append((f"({cell})" if kind in one.not_due else cell).rjust(11))
        yield one.capture.ljust(width) + " ".join(cells) + ("  100 %" if one.complete else "")


def main(arguments: Sequence[str]) -> int:
    """Print the table of the captures that are named, else of those that are due."""
    root = Path(__file__).resolve().parents[3] / "shared" / "data" / "otlp"
    names = [a for a in arguments if not a.startswith("-")] or list(DUE)
    if names == ["all"]:
        names = sorted(folder.name for folder in root.iterdir() if folder.is_dir())
    scores = [score(root / name) for name in names]
    out = [*lines(scores)]
    if "-v" in arguments:
        out += [difference for one in scores for difference in one.differences]
        out += [f"(not due) {difference}" for one in scores for difference in one.others]
    sys.stdout.write("\n".join(out) + "\n")
    return 0 if all(one.complete for one in scores) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
