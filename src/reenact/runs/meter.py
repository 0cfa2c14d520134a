"""The meter of a run with a budget: counts turns, seconds and money, and closes the gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from reenact.domain.budget import Budget, Spent
from reenact.domain.conversation import Cost, ModelCall
from reenact.domain.run import TurnRecord
from reenact.domain.span import Span
from reenact.domain.turn import total_cost
from reenact.pricing import cost_of
from reenact.replay.gate import Gate

ENOUGH_UNPRICED = 20
"""So many turns of unknown cost, and none that is known, show that money cannot be bounded."""

SpansOf = Callable[[Sequence[str]], dict[str, list[Span]]]


class Meter:
    """What a run has spent; `begin` is asked before each turn, `take` told of each kept one."""

    def __init__(
        self,
        budget: Budget,
        gate: Gate,
        *,
        model: str | None = None,
        seconds: float = 0.0,
        turns: int = 0,
    ):
        """Start where the run stands.

        Args:
            budget: What it may take.
            gate: What is closed when that is spent.
            model: The model to price tokens by, where the agent names none.
            seconds: How long it ran before it was interrupted.
            turns: How many turns were kept before.
        """
        self._budget = budget
        self._gate = gate
        self._model = model
        self._started = time.monotonic() - seconds
        self._turns = turns
        self._cost = 0.0
        self._priced = 0
        self._unpriced: dict[str, None] = {}
        self._lost = 0

    @property
    def money(self) -> bool:
        """True where money is bounded, so that turns have to be priced."""
        return self._budget.max_cost_usd is not None

    def spent(self) -> Spent:
        """Return what was spent so far."""
        return Spent(
            turns=self._turns,
            seconds=round(time.monotonic() - self._started, 3),
            cost_usd=round(self._cost, 10) if self._priced else None,
            unpriced_turns=len(self._unpriced) + self._lost if self.money else None,
        )

    def begin(self) -> None:
        """Close the gate where nothing is left; else count the turn that begins."""
        why = self._exceeded()
        if why is not None:
            self._gate.close(f"budget: {why}")
        else:
            self._turns += 1

    def take(self, turn: TurnRecord) -> None:
        """Price a turn that was kept."""
        if not self.money:
            return
        cost = self._price([item for item in turn.items if isinstance(item, ModelCall)])
        if cost is not None:
            self._add(cost)
        elif turn.trace_id is not None:
            self._unpriced[turn.trace_id] = None
        else:
            self._lost += 1

    def look_at_spans(self, spans_of: SpansOf) -> None:
        """Price turns by the spans that their agent has sent meanwhile."""
        from reenact.capture.assembly import assemble

        for trace_id, spans in spans_of(tuple(self._unpriced)).items():
            calls = assemble(spans, project="", kind="trace", session_id=None).model_calls
            cost = self._price(calls)
            if cost is not None:
                self._unpriced.pop(trace_id, None)
                self._add(cost)

    def _add(self, cost: float) -> None:
        self._cost += cost
        self._priced += 1

    def _price(self, calls: Iterable[ModelCall]) -> float | None:
        """Return what model calls cost in USD; None where one of them is not known."""
        from dataclasses import replace

        priced = [
            call if call.cost is not None else replace(call, cost=self._cost_of(call))
            for call in calls
        ]
        total = total_cost(priced)
        return total.amount if total is not None and total.currency == "USD" else None

    def _cost_of(self, call: ModelCall) -> Cost | None:
        return cost_of(call.usage, model=call.model or self._model, at=call.started_at)

    def _exceeded(self) -> str | None:
        """Say which bound is reached; None while all hold."""
        budget = self._budget
        if budget.max_turns is not None and self._turns >= budget.max_turns:
            return f"{self._turns} of {budget.max_turns} turns are run"
        seconds = time.monotonic() - self._started
        if budget.max_seconds is not None and seconds >= budget.max_seconds:
            return f"{seconds:.1f} of {budget.max_seconds:g} s have passed"
        if budget.max_cost_usd is None:
            return None
        unknown = len(self._unpriced) + self._lost
        if self._cost >= budget.max_cost_usd:
            also = f", and the cost of {unknown} turns is not known" if unknown else ""
            return f"{self._cost:.6g} of {budget.max_cost_usd:g} USD are spent{also}"
        if unknown >= ENOUGH_UNPRICED and not self._priced:
            return (
                f"what {unknown} turns cost is not known, so {budget.max_cost_usd:g} USD cannot "
                "be kept to; let the agent return its usage and model, or bound turns"
            )
        return None
