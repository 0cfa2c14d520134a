"""One replayed turn: the user's words go out, tools are answered, the agent's answer comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from reenact.agents.port import (
    Agent,
    AgentFailed,
    AgentReply,
    AgentRequest,
    FailureKind,
    RequestedTool,
)
from reenact.domain.conversation import (
    Failure,
    Item,
    Message,
    ModelCall,
    ToolCall,
    Usage,
    words,
)
from reenact.domain.run import CallExecution, RunOptions
from reenact.domain.turn import Turn
from reenact.replay.deadlines import Deadlines
from reenact.replay.messages import messages_of, tool_messages
from reenact.replay.reply import checked
from reenact.replay.tracing import TurnTrace, in_trace
from reenact.tools.desk import JournalLive, ToolDesk, at_desk
from reenact.tools.recorded import RecordedTools
from reenact.users.policy import Say

FailureReason = Literal["agent_error", "timeout", "unreachable"]
_REASONS: dict[FailureKind, FailureReason] = {"unreachable": "unreachable", "timeout": "timeout"}


@dataclass(frozen=True, slots=True)
class TurnRunner:
    """Runs the turns of one call execution against its agent."""

    agent: Agent
    tools: RecordedTools
    call: CallExecution
    options: RunOptions
    deadlines: Deadlines
    """Bounds each turn by the options' `turn_timeout_s`."""

    async def run(
        self,
        turn: Turn,
        say: Say,
        *,
        told: Sequence[dict[str, Any]],
        trace: TurnTrace,
        journal_live: JournalLive | None = None,
    ) -> tuple[Item, ...]:
        """Send the words of `say` after the messages `told`; return the items of the turn.

        A turn without an answer ends in a `Failure` that says why. A tool is run live only where
        `journal_live` has noted the call before.
        """
        await self.agent.ready()
        started = datetime.now(UTC)
        theirs = [_given(call, trace) for call in say.calls]
        spoken = [_spoken(message, say, started, trace) for message in say.messages]
        given = [_given(call, trace) for call in given_results(turn)]
        desk = ToolDesk(
            self.tools, turn=say.turn.index, trace_id=trace.trace_id, journal_live=journal_live
        )
        said: list[Item] = []
        with at_desk(desk):
            try:
                with self.deadlines.bound():
                    await self._talk(turn, [*told], spoken, given, desk, trace, said)
            except TimeoutError:
                text = f"no answer within {self.options.turn_timeout_s:g} s"
                said.append(_failure(text, "timeout", trace))
            except AgentFailed as error:
                reason = _REASONS.get(error.kind, "agent_error")
                said.append(_failure(str(error), reason, trace))
        asked = desk.close()
        if desk.lost:
            text = f"{', '.join(desk.lost)} called by nobody knows which talk"
            said.append(_failure(text, "agent_error", trace))
        return (*theirs, *spoken, *given, *_in_order(asked, said))

    async def _talk(
        self,
        turn: Turn,
        told: list[dict[str, Any]],
        spoken: list[Message],
        given: list[ToolCall],
        desk: ToolDesk,
        trace: TurnTrace,
        said: list[Item],
    ) -> None:
        """Ask the agent until it answers without asking for tools; collect into `said`."""
        told += messages_of(spoken[:-1], with_tools=False)
        message = spoken[-1].text
        if given:
            told += [{"role": "user", "content": message}, *tool_messages(given)]
            message = ""
        for round in range(self.options.max_tool_rounds + 1):
            started = datetime.now(UTC)
            with in_trace(trace) if self.agent.in_process else nullcontext():
                reply = await self.agent.reply(self._request(told, message, turn, trace, round))
            try:
                text, asked = checked(reply)
            except (TypeError, AttributeError, ValueError, RecursionError) as error:
                raise AgentFailed("nonsense", f"answered what cannot be read: {error}") from error
            said.extend(_items_of(reply, text, started, trace, last=not asked))
            if not asked:
                return
            if round == self.options.max_tool_rounds:
                raise AgentFailed("nonsense", f"asked for tools more than {round} times in a turn")
            try:
                if desk.waits:
                    calls = await asyncio.to_thread(self._answered, asked, desk, group=round)
                else:
                    calls = self._answered(asked, desk, group=round)
            except (TypeError, ValueError, RecursionError) as error:
                raise AgentFailed("nonsense", f"asked what is no JSON: {error}") from error
            if message:
                told.append({"role": "user", "content": message})
            told += tool_messages(calls, said=text)
            message = ""

    def _request(
        self, told: list[dict[str, Any]], message: str, turn: Turn, trace: TurnTrace, round: int
    ) -> AgentRequest:
        key = f"{self.call.id}:{self.call.attempt}:{turn.index}:{round}"
        return AgentRequest(
            # An agent in this process may change what it is given; the talk must stay as it was.
            messages=[dict(one) for one in told] if self.agent.in_process else list(told),
            message=message,
            session_id=self.call.session_id or "",
            turn=turn.index,
            headers=trace.headers | {"idempotency-key": key},
        )

    def _answered(
        self, asked: Sequence[RequestedTool], desk: ToolDesk, *, group: int
    ) -> list[ToolCall]:
        """Answer tool calls that the agent handed back; nobody runs them, whatever is allowed."""
        calls = []
        for place, request in enumerate(asked):
            id = request.id or f"call_{group}_{place}"
            answer = desk.ask(request.name, request.arguments, id=id, group=group)
            calls.append(
                ToolCall(
                    id=id,
                    name=request.name,
                    arguments=request.arguments,
                    result=answer.result,
                    error=answer.error,
                )
            )
        return calls


def given_results(turn: Turn) -> tuple[ToolCall, ...]:
    """Return the tool results that a turn starts with: the turn is the rest of a tool loop.

    They stand between the user's words and the first model call; a call that the code made by
    itself, unasked, is not one of them.
    """
    given: list[ToolCall] = []
    for item in turn.items:
        if isinstance(item, ToolCall) and item.requested and item.answered:
            given.append(item)
        elif isinstance(item, ModelCall):
            return tuple(given)
        elif not (isinstance(item, Message) and item.role == "user"):
            break
    return ()


def _items_of(
    reply: AgentReply, text: str | None, started: datetime, trace: TurnTrace, *, last: bool
) -> list[Item]:
    ended = datetime.now(UTC)
    items: list[Item] = []
    if reply.usage is not None or reply.time_to_first_token_ms is not None or reply.model:
        items.append(
            ModelCall(
                model=reply.model,
                model_response=reply.model,
                usage=reply.usage or Usage(),
                streamed=reply.streamed,
                time_to_first_token_ms=reply.time_to_first_token_ms,
                started_at=started,
                ended_at=ended,
                trace_id=trace.trace_id,
            )
        )
    if text or (last and text is not None):
        items.append(
            Message(
                role="assistant",
                parts=words(text),
                started_at=ended,
                ended_at=ended,
                trace_id=trace.trace_id,
                provenance="live",
            )
        )
    return items


def _in_order(calls: Sequence[ToolCall], said: Sequence[Item]) -> list[Item]:
    """Merge tool calls and words by the time they began; ties keep the calls first."""
    if not calls:
        return [*said]  # in the order in which it was said
    timed = [*calls, *said]
    return sorted(timed, key=lambda item: getattr(item, "started_at", None) or _NEVER)


_NEVER = datetime.max.replace(tzinfo=UTC)


def _spoken(message: Message, say: Say, now: datetime, trace: TurnTrace) -> Message:
    return Message(  # made anew: `replace` takes five times as long, on every turn
        role=message.role,
        parts=message.parts,
        author=message.author,
        started_at=now,
        ended_at=now,
        trace_id=trace.trace_id,
        provenance=message.provenance or say.provenance,  # a fork's own words are declared
    )


def _given(call: ToolCall, trace: TurnTrace) -> ToolCall:
    return replace(
        call,
        trace_id=trace.trace_id,
        span_id=None,
        started_at=None,
        ended_at=None,
        provenance=call.provenance or "recorded",
    )


def _failure(text: str, reason: FailureReason, trace: TurnTrace) -> Failure:
    now = datetime.now(UTC)  # it comes after whatever the agent had done by then
    return Failure(
        error=text,
        reason=reason,
        started_at=now,
        ended_at=now,
        trace_id=trace.trace_id,
    )
