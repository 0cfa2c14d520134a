"""The one conversation loop: it reads the journal first, then runs what is missing.

Every executor runs it. A turn is kept before the next one is sent, so that a killed run
goes on at the first missing turn and repeats no finished one.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol

from reenact.agents.port import Agent
from reenact.domain.conversation import (
    Conversation,
    Failure,
    Item,
    Message,
    Provenance,
    ToolCall,
)
from reenact.domain.recording import Recording
from reenact.domain.run import CallExecution, EndReason, RunOptions, TurnRecord, UserPolicy
from reenact.domain.scenario import Graph, Row
from reenact.llm.port import LanguageModel
from reenact.replay.deadlines import Deadlines
from reenact.replay.messages import messages_of, told_before
from reenact.replay.script import Script, part_of, script_of
from reenact.replay.tracing import AttemptTraces, TurnTrace, new_trace_key
from reenact.replay.turn import TurnRunner
from reenact.scenario.forking import edited
from reenact.tools.desk import JournalLive
from reenact.tools.hooks.frameworks import known_effects
from reenact.tools.interceptor import interceptors
from reenact.tools.recorded import RecordedTools
from reenact.users.misfit import misfit
from reenact.users.policy import Say, Stop, user_of


class Journal(Protocol):
    """Where finished turns go. Once a call returns, no kill undoes it."""

    async def begin(self, call: CallExecution) -> None:
        """Note that an attempt of `call` starts."""

    async def commit(self, turn: TurnRecord) -> None:
        """Keep a finished turn."""

    async def finish(self, call: CallExecution, last: TurnRecord | None = None) -> None:
        """Keep the last turn, if any, and note how `call` ended: both, or neither (ValueError)."""

    def turns(self, call_id: str, attempt: int) -> Sequence[TurnRecord]:
        """Return the finished turns of an attempt, in order."""

    def note_live(
        self, call: CallExecution, turn: int, place: int, tool: str, arguments: Any
    ) -> bool:
        """Note a live tool call before it runs; False where it was noted before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What one call execution needs: its row, the recording behind it, and the options."""

    call: CallExecution
    row: Row
    recording: Recording
    options: RunOptions
    graph: Graph | None = None
    """How such talks go, for a simulated user."""
    model: LanguageModel | None = None
    """Decides for the user's side what its rules cannot, and makes up what the recording lacks,
    where the options ask for it."""
    fresh: bool = False
    """True where no turn of it can be in the journal yet, so that it need not be read."""

    @property
    def user_policy(self) -> UserPolicy:
        """Who speaks for the user: a turn that is run apart has its recorded words."""
        return "verbatim" if self.call.mode == "turn" else self.options.user_policy

    @property
    def conversation(self) -> Conversation:
        """The talk to replay: the recorded one, with a fork's edits where the row is one."""
        recorded = self.recording.conversation
        return edited(recorded, self.row.fork) if self.row.fork else recorded


@dataclass(frozen=True, slots=True)
class Ended:
    """How a talk ended, and what is left to do until the journal holds all of it.

    Nothing more is said to the agent, so the next talk may begin meanwhile.
    """

    call: CallExecution
    keep: Callable[[], Awaitable[None]]


async def run_conversation(
    talk: Talk, *, agent: Agent, journal: Journal, deadlines: Deadlines | None = None
) -> Ended:
    """Run `talk` to its end, or go on where its journal stops; return how it ended.

    Talks that run at once and may take equally long for a turn share `deadlines`.
    """
    deadlines = deadlines or Deadlines(talk.options.turn_timeout_s)
    call, done = await _begun(talk, agent, journal)
    script = script_of(talk.conversation, talk.row)
    tools = recorded_tools(talk)
    part = part_of(script, talk.row, graph=talk.graph, calls_seen=agent.tools != "own")
    user = user_of(talk.user_policy, part, model=talk.model)
    traces = AttemptTraces(call)
    runner = TurnRunner(agent, tools, call, talk.options, deadlines)
    with_tools = agent.tools == "returned"
    state = _State(told=told_before(script, with_tools=with_tools), adapts=user.adapts)
    for index in count(script.first):
        record = done.get(index)
        new = record is None
        if record is None:
            choice = user.next(misfit=state.misfit)
            if not isinstance(choice, (Say, Stop)):
                choice = await choice
            if isinstance(choice, Stop):
                return _stopped(call, journal, choice, index)
            note = _journal_live(journal, call, index)
            trace = traces.turn(index)
            turn = choice.turn if choice.turn.index == index else replace(choice.turn, index=index)
            items = await runner.run(turn, choice, told=state.told, trace=trace, journal_live=note)
            record = _record(call, index, items, script, say=choice, trace=trace, state=state)
        else:
            tools.restore([item for item in record.items if isinstance(item, ToolCall)])
        user.hear(record)
        state.take(record, with_tools=with_tools)
        last = record if new else None
        if failure := next((i for i in record.items if isinstance(i, Failure)), None):
            return _ended(call, journal, failure.reason, failure.error, last=last)
        if user.through:
            return _ended(call, journal, "finished", None, last=last)
        if new:
            try:
                await journal.commit(record)
            except ValueError as error:
                return _ended_unkept(call, journal, record, error)
    raise AssertionError("a user speaks for ever")


def recorded_tools(talk: Talk) -> RecordedTools:
    """Return the tools of `talk`: its recording, what its row declares, what is allowed."""
    coded = interceptors()
    conversation = talk.conversation
    if talk.row.spare:
        conversation = replace(conversation, items=(*conversation.items, *talk.row.spare))
    tools = RecordedTools(
        conversation,
        declared=talk.row.declared,
        effects=known_effects(),
        on_miss=talk.options.on_miss,
        live=frozenset(talk.options.live_tools),
        rules=(*(one.rules for one in coded.values() if one.rules), *talk.row.tool_rules),
        normalisers={name: one.normalise for name, one in coded.items() if one.normalise},
        model=talk.model,
        max_rung=talk.options.max_rung,
    )
    if (first := talk.row.first_turn) is not None:
        tools.skip(before_turn=first)
    return tools


@dataclass(slots=True)
class _State:
    told: list[dict[str, Any]]
    """The talk so far, as messages for the agent."""
    adapts: bool
    """True where a misfit does not divide the talk: the user's words follow what was said."""
    misfit: str | None = None

    def take(self, record: TurnRecord, *, with_tools: bool) -> None:
        self.told += messages_of(record.items, with_tools=with_tools)
        if not self.adapts:
            self.misfit = self.misfit or record.misfit


async def _begun(
    talk: Talk, agent: Agent, journal: Journal
) -> tuple[CallExecution, dict[int, TurnRecord]]:
    """Go on with the attempt that was cut off, or begin a new one.

    An agent that keeps state on its side has lost it: that talk starts again.
    """
    call = talk.call
    if call.attempt and call.trace_key:
        turns = () if talk.fresh else journal.turns(call.id, call.attempt)
        done = {turn.index: turn for turn in turns}
        if agent.stateless or talk.fresh:
            return call, done
    fresh = replace(with_attempt(call, call.attempt + 1), status="running")
    await journal.begin(fresh)
    return fresh, {}


def with_attempt(call: CallExecution, number: int) -> CallExecution:
    """Return `call` with an attempt: a fresh session id, and a key for its trace ids."""
    return replace(
        call,
        attempt=number,
        session_id=f"replay-{secrets.token_hex(8)}",
        trace_key=new_trace_key(),
        ended_reason=None,
        error=None,
    )


def _record(
    call: CallExecution,
    index: int,
    items: tuple[Item, ...],
    script: Script,
    *,
    say: Say,
    trace: TurnTrace,
    state: _State,
) -> TurnRecord:
    parted = None
    if state.misfit is None and (say.choice is None or say.choice.kind in ("next", "other")):
        parted = misfit(say.turn, items, next_turn=script.turn_after(say.turn))
    return TurnRecord(
        call_id=call.id,
        attempt=call.attempt,
        index=index,
        items=items,
        user_provenance=_spoken_by(items) or say.provenance,
        misfit=parted,
        after_divergence=state.misfit is not None,
        trace_id=trace.trace_id,
        choice=say.choice,
    )


def _spoken_by(items: Sequence[Item]) -> Provenance | None:
    """Return where the user's words came from: the last of them is what the agent answers."""
    said = [item for item in items if isinstance(item, Message) and item.role == "user"]
    return said[-1].provenance if said else None


def _stopped(call: CallExecution, journal: Journal, stop: Stop, index: int) -> Ended:
    """End a talk in which the user says no more; a failure of the user's side is a turn of it."""
    mark = None
    if stop.mark is not None:
        mark = TurnRecord(
            call_id=call.id, attempt=call.attempt, index=index, items=(), choice=stop.mark
        )
    return _ended(call, journal, stop.ended, stop.reason, last=mark)


def _ended(
    call: CallExecution,
    journal: Journal,
    reason: EndReason,
    error: str | None,
    *,
    last: TurnRecord | None = None,
) -> Ended:
    complete = reason in ("finished", "diverged")
    final = replace(
        call, status="completed" if complete else "failed", ended_reason=reason, error=error
    )

    async def keep() -> None:
        try:
            await journal.finish(final, last)
        except ValueError as error:
            if last is None:
                raise
            await _ended_unkept(call, journal, last, error).keep()

    return Ended(final, keep)


def _ended_unkept(
    call: CallExecution, journal: Journal, record: TurnRecord, error: ValueError
) -> Ended:
    """End a talk whose turn no journal can hold: half a character, say, is no text."""
    text = f"answered what cannot be kept as JSON: {str(error)[:200]}"
    users = (item for item in record.items if isinstance(item, Message) and item.role == "user")
    failure = Failure(error=text, trace_id=record.trace_id)
    failed = replace(record, items=(*users, failure))
    return _ended(call, journal, "agent_error", text, last=failed)


def _journal_live(journal: Journal, call: CallExecution, turn: int) -> JournalLive:
    def note(place: int, tool: str, arguments: Any) -> bool:
        return journal.note_live(call, turn, place, tool, arguments)

    return note
