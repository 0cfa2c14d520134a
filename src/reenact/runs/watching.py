"""Watching a run: its budget, requests to stop it, and whoever listens to its events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from reenact.agents.port import Agent
from reenact.domain.agent import AgentTarget, HttpTarget
from reenact.domain.budget import Budget, Spent
from reenact.domain.conversation import Failure, ToolCall
from reenact.domain.progress import CallEnded, Event, Listener, TurnKept
from reenact.domain.run import CallExecution, Run, StoppedBy, TurnRecord
from reenact.domain.span import Span
from reenact.domain.turn import Turn
from reenact.errors import StoreError
from reenact.replay.conversation import Journal
from reenact.replay.gate import Gate, GatedAgent
from reenact.runs.meter import Meter
from reenact.runs.returned_spans import spans_by_trace_id
from reenact.runs.workspace import Workspace

_ASK_EVERY_S = 0.5
_CANCELLED = "cancelled by request"


class Watch:
    """What stops a run cleanly and tells of it; costs nothing that nobody asked for."""

    def __init__(
        self,
        workspace: Workspace,
        run: Run,
        *,
        budget: Budget,
        target: AgentTarget,
        listener: Listener | None,
    ):
        self._workspace = workspace
        self._run = run
        self._listener = listener
        self.gate = Gate()
        self.meter = self._made_meter(budget, target) if budget.bounded else None

    def agent(self, agent: Agent) -> Agent:
        """Return `agent` behind the gate."""
        return GatedAgent(agent, self.gate, begins=self.meter.begin if self.meter else None)

    def journal(self, journal: Journal) -> Journal:
        """Return `journal`, heard where somebody wants to hear of turns."""
        if self._listener is None and not (self.meter and self.meter.money):
            return journal
        return _HeardJournal(journal, self._kept)

    def ended(self, call: CallExecution) -> None:
        """Tell the listener that a call execution has ended."""
        self.tell(
            lambda: CallEnded(
                at=datetime.now(UTC),
                run_id=call.run_id,
                call_id=call.id,
                row_id=call.row_id,
                mode=call.mode,
                repeat=call.repeat,
                turn=call.turn,
                status=call.status,
                ended_reason=call.ended_reason,
            )
        )

    def tell(self, event: Callable[[], Event]) -> None:
        """Tell the listener of an event, made only where there is one."""
        if self._listener is not None:
            self._listener(event())

    @property
    def stopped_by(self) -> StoppedBy | None:
        """Who stopped the run before it was through; None where it went to its end."""
        if not self.gate.held or self.gate.reason is None:
            return None
        return "user" if self.gate.reason == _CANCELLED else "budget"

    def spent(self) -> Spent | None:
        """Return what was spent, where there is a budget."""
        return self.meter.spent() if self.meter else None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Look meanwhile whether somebody asks the run to stop, and for spans that tell costs."""
        asking = asyncio.create_task(self._ask())
        try:
            yield
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    async def _ask(self) -> None:
        while self.gate.reason is None:
            await asyncio.sleep(_ASK_EVERY_S)
            with suppress(StoreError):  # a store that is busy is asked again
                if await asyncio.to_thread(self._workspace.control.is_asked_to_stop, self._run.id):
                    self.gate.close(_CANCELLED)
                if self.meter is not None and self.meter.money:
                    self.meter.look_at_spans(self._spans_of)

    def _made_meter(self, budget: Budget, target: AgentTarget) -> Meter:
        before = self._run.spent
        meter = Meter(
            budget,
            self.gate,
            model=target.model if isinstance(target, HttpTarget) else None,
            seconds=before.seconds if before else 0.0,
            turns=self._workspace.control.progress(self._run).turns,
        )
        if meter.money and self._run.started_at is not None:
            for _, turn in self._workspace.journal.turns_of_run(self._run.id):
                meter.take(turn)
            meter.look_at_spans(self._spans_of)
        return meter

    def _spans_of(self, trace_ids: Sequence[str]) -> dict[str, list[Span]]:
        return spans_by_trace_id(self._workspace, trace_ids)

    def _kept(self, turn: TurnRecord) -> None:
        if self.meter is not None:
            self.meter.take(turn)
        self.tell(lambda: _turn_kept(self._run.id, turn))


class _HeardJournal:
    """A journal that tells of every turn once it is kept."""

    def __init__(self, journal: Journal, heard: Callable[[TurnRecord], None]):
        self._journal = journal
        self._heard = heard
        self.begin = journal.begin

    async def commit(self, turn: TurnRecord) -> None:
        await self._journal.commit(turn)
        self._heard(turn)

    async def finish(self, call: CallExecution, last: TurnRecord | None = None) -> None:
        await self._journal.finish(call, last)
        if last is not None:
            self._heard(last)

    def turns(self, call_id: str, attempt: int) -> Sequence[TurnRecord]:
        return self._journal.turns(call_id, attempt)

    def note_live(
        self, call: CallExecution, turn: int, place: int, tool: str, arguments: Any
    ) -> bool:
        return self._journal.note_live(call, turn, place, tool, arguments)


def _turn_kept(run_id: str, record: TurnRecord) -> TurnKept:
    calls = [item for item in record.items if isinstance(item, ToolCall)]
    return TurnKept(
        at=datetime.now(UTC),
        run_id=run_id,
        call_id=record.call_id,
        attempt=record.attempt,
        turn=record.index,
        trace_id=record.trace_id,
        latency_ms=Turn(index=record.index, items=record.items).latency_ms,
        tool_calls=len(calls),
        refused=sum(call.provenance == "refused" for call in calls),
        failed=any(isinstance(item, Failure) for item in record.items),
        parted=record.misfit is not None,
    )
