"""The tools of one replayed conversation: answered from its recording, or refused.

Nothing here runs a tool. A call that nothing recorded or declared answers is refused, with
the nearest recorded call, the field that differs, and the lines that would declare a result.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reenact.domain.conversation import Conversation, Effect, Served, ToolCall
from reenact.domain.run import MissPolicy
from reenact.domain.scenario import DeclaredResult
from reenact.domain.turn import turns_of
from reenact.matching.arguments import argument_changes
from reenact.tools.answer import ToolAnswer
from reenact.tools.ladder import RUNGS, Ladder, RecordedCall

_SHOWN = 300
_ODD = re.compile(r"[^A-Za-z0-9_.-]")


class RecordedTools:
    """Answers tool calls from one recording. Safe to use from several threads.

    `effects` says what tools do where the recording does not; `live` are the tools that the
    user allowed to run for real.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        declared: Iterable[DeclaredResult] = (),
        effects: Mapping[str, Effect] | None = None,
        on_miss: MissPolicy = "refuse",
        live: frozenset[str] = frozenset(),
    ):
        self._effects = dict(effects or {})
        self._conversation = conversation
        self._known_ladder: Ladder | None = None
        self._declared = tuple(declared)
        self._on_miss = on_miss
        self._live = live
        self._lock = threading.Lock()

    def answer(self, name: str, arguments: Any, *, turn: int) -> ToolAnswer:
        """Return the answer to `name(arguments)` asked on `turn`, and remember it as served."""
        with self._lock:
            if found := self._ladder.find(name, arguments, turn=turn):
                call = found.recorded.call
                served = Served(rung=found.rung, recorded_call=found.recorded.place)
                return ToolAnswer(
                    provenance=call.provenance or "recorded",  # an edited one is declared
                    result=copy.deepcopy(call.result),
                    error=call.error,
                    served=served,
                )
            return self._declared_answer(name, arguments) or self._missed(name, arguments)

    def restore(self, calls: Sequence[ToolCall]) -> None:
        """Take `calls` of finished turns as served, so that a resumed talk goes on alike."""
        with self._lock:
            for call in calls:
                served = call.served
                if served is None or served.recorded_call is None:
                    continue
                self._ladder.restore(call.name, call.arguments, place=served.recorded_call)

    def skip(self, *, before_turn: int) -> None:
        """Take the calls of the turns before `before_turn` as served."""
        with self._lock:
            self._ladder.skip(before_turn=before_turn)

    def unused(self) -> tuple[RecordedCall, ...]:
        """Return the agent's recorded calls that were never asked for."""
        with self._lock:
            return self._ladder.unused()

    @property
    def _ladder(self) -> Ladder:
        # Made for the first call only: most agents behind HTTP never ask for a tool here.
        if self._known_ladder is None:
            calls = recorded_calls(self._conversation, effects=self._effects)
            self._known_ladder = Ladder(tuple(calls))
        return self._known_ladder

    def _declared_answer(self, name: str, arguments: Any) -> ToolAnswer | None:
        for rung, key in enumerate(RUNGS, start=1):
            wanted = key(arguments)
            for declared in self._declared:
                if declared.tool == name and key(dict(declared.arguments)) == wanted:
                    return ToolAnswer(
                        provenance="declared",
                        result=copy.deepcopy(declared.result),
                        error=declared.error,
                        served=Served(rung=rung),
                    )
        return None

    def _missed(self, name: str, arguments: Any) -> ToolAnswer:
        served = Served(
            miss=miss_report(name, arguments, self._ladder.recorded, used=self._ladder.used),
            declare=lines_to_declare(name, arguments),
        )
        if name in self._live:
            return ToolAnswer(provenance="live", served=served)
        effect = self._effects.get(name, "unknown")
        if effect == "read" and self._on_miss == "error_result":
            error = f"{name} has no recorded result for these arguments"
        else:
            does = {"write": ", which writes", "unknown": ", whose effect is unknown"}
            error = f"refused: nothing recorded answers this call of {name}{does.get(effect, '')}"
        return ToolAnswer(provenance="refused", error=error, served=served)


def recorded_calls(
    conversation: Conversation, *, effects: Mapping[str, Effect] | None = None
) -> Iterable[RecordedCall]:
    """Yield the agent's tool calls of `conversation` with their turns, in recorded order.

    Calls of the user's side are left out: they are replayed with the user, never answered
    for the agent.
    """
    known = effects or {}
    place = 0
    for turn in turns_of(conversation):
        for item in turn.items:
            if isinstance(item, ToolCall) and item.requestor == "agent":
                effect = item.effect if item.effect != "unknown" else known.get(item.name)
                yield RecordedCall(
                    place=place, turn=turn.index, call=item, effect=effect or "unknown"
                )
                place += 1


def miss_report(
    name: str, arguments: Any, recorded: Sequence[RecordedCall], *, used: set[int]
) -> str:
    """Say why nothing recorded answers `name(arguments)`: the nearest call and what differs."""
    same_tool = [r for r in recorded if r.call.name == name]
    if not same_tool:
        names = sorted({r.call.name for r in recorded})
        return f"the recording holds no call of {name}; it holds {', '.join(names) or 'none'}"
    nearest = min(same_tool, key=lambda r: len(argument_changes(r.call.arguments, arguments)))
    changes = argument_changes(nearest.call.arguments, arguments)
    where = f"the nearest recorded call is {_shown(nearest.call)} on turn {nearest.turn}"
    if not changes:
        if not nearest.call.answered:
            return f"{where}, but its result is not in the capture"
        if nearest.call.truncated:
            return f"{where}, but the capture holds its result cut short or not at all"
        if nearest.effect == "write":
            return f"{where}, which writes and was served already"
        return f"{where}; its answer was served already, and a write since then may have changed it"
    differ = "; ".join(
        f"{c.path}: recorded {_brief(c.baseline)}, asked {_brief(c.replay)}" for c in changes[:3]
    )
    served = " (served already)" if nearest.place in used else ""
    return f"{where}{served}; what differs: {differ}"


def lines_to_declare(name: str, arguments: Any) -> str:
    """Return the lines to paste under `declared:` of a scenario file, as YAML."""
    return (
        f"- tool: {json.dumps(name, ensure_ascii=False) if _ODD.search(name) else name}\n"
        f"  arguments: {json.dumps(arguments, ensure_ascii=False, default=str)}\n"
        "  result: {}  # what the tool would have answered"
    )


def _shown(call: ToolCall) -> str:
    if not isinstance(call.arguments, dict):
        return f"{call.name}({_brief(call.arguments)})"
    inner = ", ".join(f"{key}={_brief(value)}" for key, value in call.arguments.items())
    return f"{call.name}({inner[:_SHOWN]})"


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
