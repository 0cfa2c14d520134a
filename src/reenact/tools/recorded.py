"""The tools of one replayed conversation: answered from its recording, or refused.

Nothing here runs a tool. A call that nothing recorded or declared answers is refused, with
the nearest recorded call, the field that differs, and the lines that would declare a result.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reenact.domain.conversation import Conversation, Effect, Served, ToolCall
from reenact.domain.run import MissPolicy
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.errors import UsageError
from reenact.llm.port import LanguageModel
from reenact.matching.arguments import Normaliser
from reenact.tools.answer import ToolAnswer
from reenact.tools.calls import RecordedCall, recorded_calls
from reenact.tools.changes import Changes
from reenact.tools.entities import ENTITY_RUNG, Entities
from reenact.tools.ladder import Found, Ladder
from reenact.tools.miss_report import lines_to_declare, miss_report
from reenact.tools.rulebook import KEYED_RUNGS, MAX_RUNG, Rulebook
from reenact.tools.simulating import Simulator

__all__ = ["RecordedTools", "lines_to_declare", "miss_report", "recorded_calls"]


@dataclass(slots=True)
class _State:
    """What was served so far, and the parts that look it up."""

    changes: Changes
    ladder: Ladder
    entities: Entities
    simulated: dict[tuple[str, str | None, int], ToolAnswer] = field(default_factory=dict)
    """By tool, arguments and the last write before: a write ends what was made up."""
    declared: set[int] = field(default_factory=set)
    """Places of the declared results that were given."""


class RecordedTools:
    """Answers tool calls from one recording. Safe to use from several threads.

    Args:
        conversation: The recorded talk.
        declared: Results for calls that it lacks.
        effects: What tools do, as code declares it.
        on_miss: What a read gets that nothing answers.
        live: Tools that the user allowed to run for real.
        rules: What is known of the tools; of several for one tool the later goes first.
        normalisers: What code does to a tool's arguments before they are compared.
        model: Who makes up results, where `on_miss` is `simulate`.
        max_rung: The highest rung that may answer: 1 is exact, 5 all of them.

    Raises:
        UsageError: where results shall be simulated and there is no model.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        declared: Iterable[DeclaredResult] = (),
        effects: Mapping[str, Effect] | None = None,
        on_miss: MissPolicy = "refuse",
        live: frozenset[str] = frozenset(),
        rules: Iterable[ToolRules] = (),
        normalisers: Mapping[str, Normaliser] | None = None,
        model: LanguageModel | None = None,
        max_rung: int = MAX_RUNG,
    ):
        check_model(on_miss, model)
        self._conversation = conversation
        self._rules = Rulebook(rules, effects=effects, normalisers=normalisers)
        self._known_state: _State | None = None
        self._declared = tuple(declared)
        self._on_miss = on_miss
        self._live = live
        self._model = model
        self._max_rung = max_rung
        self._lock = threading.Lock()

    @property
    def waits(self) -> bool:
        """Whether an answer may take long, because a model is asked for it."""
        return self._on_miss == "simulate"

    def answer(self, name: str, arguments: Any, *, turn: int) -> ToolAnswer:
        """Return the answer to `name(arguments)` asked on `turn`, and remember it as served."""
        with self._lock:
            return (
                self._found(self._state.ladder.find_same(name, arguments, turn=turn))
                or self._declared_answer(name, arguments)
                or self._found(self._state.ladder.find_near(name, arguments, turn=turn))
                or self._seen(name, arguments)
                or self._missed(name, arguments)
            )

    def restore(self, calls: Sequence[ToolCall]) -> None:
        """Take `calls` of finished turns as served, so that a resumed talk goes on alike."""
        with self._lock:
            for call in calls:
                self._restore(call)

    def skip(self, *, before_turn: int) -> None:
        """Take the calls of the turns before `before_turn` as served."""
        with self._lock:
            self._state.ladder.skip(before_turn=before_turn)

    def unused(self) -> tuple[RecordedCall, ...]:
        """Return the agent's recorded calls that were never asked for."""
        with self._lock:
            return self._state.ladder.unused()

    @property
    def _state(self) -> _State:
        # Made for the first call only: most agents behind HTTP never ask for a tool here.
        if self._known_state is None:
            recorded = tuple(recorded_calls(self._conversation, rules=self._rules))
            names = {one.call.name for one in recorded}
            constant = frozenset(name for name in names if self._rules.of(name).constant)
            changes = Changes(recorded, constant)
            self._known_state = _State(
                changes=changes,
                ladder=Ladder(recorded, self._rules, changes, max_rung=self._max_rung),
                entities=Entities(recorded, self._rules, changes),
            )
        return self._known_state

    def _found(self, found: Found | None) -> ToolAnswer | None:
        if found is None:
            return None
        call = found.recorded.call
        served = Served(rung=found.rung, recorded_call=found.recorded.place, score=found.score)
        return ToolAnswer(
            provenance=call.provenance or "recorded",  # an edited one is declared
            result=copy.deepcopy(call.result),
            error=call.error,
            served=served,
        )

    def _declared_answer(self, name: str, arguments: Any) -> ToolAnswer | None:
        for rung in range(1, min(self._max_rung, KEYED_RUNGS) + 1):
            wanted = self._rules.key(name, arguments, rung=rung)
            if wanted is None:
                continue
            alike = [
                place
                for place, declared in enumerate(self._declared)
                if declared.tool == name
                and self._rules.key(name, dict(declared.arguments), rung=rung) == wanted
            ]
            if alike:
                # Several results for one call are given in their order, the last one again.
                used = self._state.declared
                place = next((one for one in alike if one not in used), alike[-1])
                used.add(place)
                return self._given(name, arguments, self._declared[place], rung)
        return None

    def _given(self, name: str, arguments: Any, declared: DeclaredResult, rung: int) -> ToolAnswer:
        answer = ToolAnswer(
            provenance="declared",
            result=copy.deepcopy(declared.result),
            error=declared.error,
            served=Served(rung=rung),
        )
        self._note(name, arguments, answer)
        return answer

    def _seen(self, name: str, arguments: Any) -> ToolAnswer | None:
        if self._max_rung < ENTITY_RUNG:
            return None
        seen = self._state.entities.find(name, arguments)
        if seen is None:
            return None
        return ToolAnswer(
            provenance=seen.provenance,
            result=copy.deepcopy(dict(seen.thing)),
            served=Served(rung=ENTITY_RUNG, recorded_call=seen.place),
        )

    def _missed(self, name: str, arguments: Any) -> ToolAnswer:
        ladder = self._state.ladder
        miss = miss_report(
            name, arguments, ladder.recorded, used=ladder.used, changes=ladder.changes
        )
        if failure := self._rules.failures.get(name):
            miss += f"; the normaliser of {name} failed: {failure}"
        served = Served(miss=miss, declare=lines_to_declare(name, arguments))
        if name in self._live:
            answer = ToolAnswer(provenance="live", served=served)
            self._note(name, arguments, answer)
            return answer
        effect = self._rules.effect(name)
        if effect == "read" and self._on_miss == "simulate":
            return self._simulated(name, arguments, served)
        if effect == "read" and self._on_miss == "error_result":
            error = f"{name} has no recorded result for these arguments"
        else:
            does = {"write": ", which writes", "unknown": ", whose effect is unknown"}
            error = f"refused: nothing recorded answers this call of {name}{does.get(effect, '')}"
        return ToolAnswer(provenance="refused", error=error, served=served)

    def _simulated(self, name: str, arguments: Any, served: Served) -> ToolAnswer:
        """Return a made-up result, the same one until a write is served."""
        state, key = self._state, self._simulated_key(name, arguments)
        if key in state.simulated:
            known = state.simulated[key]
            return replace(known, result=copy.deepcopy(known.result))
        if self._model is None:
            raise no_model()
        made = Simulator(
            model=self._model,
            conversation=self._conversation,
            recorded=state.ladder.recorded,
            entities=state.entities,
            declared=self._declared,
        ).result(name, arguments)
        if made.failed is not None:
            error = f"refused: {name} could not be simulated: {made.failed}"
            return ToolAnswer(provenance="refused", error=error, served=served)
        noted = Served(miss=served.miss, declare=served.declare, model=made.model)
        answer = ToolAnswer(provenance="simulated", result=made.result, served=noted)
        state.simulated[key] = replace(answer, result=copy.deepcopy(made.result))
        return answer

    def _simulated_key(self, name: str, arguments: Any) -> tuple[str, str | None, int]:
        return (name, self._rules.key(name, arguments, rung=2), self._state.ladder.last_write)

    def _note(self, name: str, arguments: Any, answer: ToolAnswer) -> None:
        """Note what a call that is none of the recording's may have changed."""
        effect = self._rules.effect(name)
        call = ToolCall(
            name=name,
            arguments=arguments,
            result=copy.deepcopy(answer.result),
            error=answer.error,
            provenance=answer.provenance,
        )
        self._state.changes.note(call, effect)
        if effect == "write":
            self._state.ladder.wrote()

    def _restore(self, call: ToolCall) -> None:
        served = call.served
        if served is None:
            return
        if call.provenance == "simulated":
            key = self._simulated_key(call.name, call.arguments)
            self._state.simulated[key] = ToolAnswer(
                provenance="simulated", result=copy.deepcopy(call.result), served=served
            )
        elif served.recorded_call is not None and served.rung != ENTITY_RUNG:
            self._state.ladder.restore(call.name, call.arguments, place=served.recorded_call)
        elif call.provenance == "declared" and served.rung != ENTITY_RUNG:
            self._declared_answer(call.name, call.arguments)
        elif call.provenance == "live":
            # What it gave is not known where it is noted first either.
            self._note(call.name, call.arguments, ToolAnswer(provenance="live", served=served))


def check_model(on_miss: MissPolicy, model: LanguageModel | None) -> None:
    """Raise UsageError where results shall be simulated and there is no model to do it."""
    if on_miss == "simulate" and model is None:
        raise no_model()


def no_model() -> UsageError:
    """Return the error that says that results cannot be simulated without a model."""
    return UsageError(
        "on_miss is simulate, which asks a language model, and none is configured",
        next_step="name one in REENACT_MODEL, or use on_miss refuse or error_result",
    )
