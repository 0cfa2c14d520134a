from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reenact import codec
from reenact.agents.callable import CallableAgent
from reenact.agents.port import AgentFailed, AgentReply, RequestedTool
from reenact.domain.agent import CallableTarget, ToolsMode
from reenact.domain.conversation import Conversation, Failure, Message, ToolCall
from reenact.domain.fidelity import Fidelity
from reenact.domain.run import CallExecution, RunOptions
from reenact.domain.scenario import DeclaredResult, Row
from reenact.replay.conversation import Talk, run_conversation
from reenact.tools.interceptor import ToolRefused, interceptors, tool
from support.memory_journal import MemoryJournal
from support.talks import REFUND, agent, call, model, talk, user

CALL = CallExecution(id="run-1/row/0", run_id="run-1", scenario_id="s", row_id="row")


@tool
def check_status(order_id: str) -> dict[str, str]:
    raise AssertionError("a tool ran for real")


@tool
def issue_refund(order_id: str, amount: float) -> dict[str, bool]:
    raise AssertionError("a tool ran for real")


def old(messages: list[dict[str, Any]], message: str) -> str:
    """The agent of the recording: refunds where it was asked for the status."""
    if "A-1001" in message:
        return f"It has {check_status('A-1001')['status']}."
    if "A-1003" in message:
        issue_refund("A-1003", 49.9)
        return "I have refunded $49.90."
    check_status("A-1003")
    return "I am sorry. A-1003 is in transit."


def fixed(messages: list[dict[str, Any]], message: str) -> str:
    if "A-1003" in message:
        return f"A-1003 is {check_status('A-1003')['status']}."
    return old(messages, message)


def talk_with(
    conversation: Conversation = REFUND, *, row: Row | None = None, **options: Any
) -> Talk:
    recording = codec.record(conversation, Fidelity(score=None, axes=()))
    return Talk(
        call=CALL,
        row=row or Row(id="row", recording_hash=recording.hash),
        recording=recording,
        options=RunOptions(**options),
    )


def callable_agent(
    function: Callable[..., Any], *, tools: ToolsMode = "intercepted", stateless: bool = True
) -> CallableAgent:
    target = CallableTarget(path="tests:agent", tools=tools, stateless=stateless)
    return CallableAgent(target, function=function, intercepted=lambda: frozenset(interceptors()))


def run(
    function: Callable[..., Any],
    it: Talk,
    *,
    journal: MemoryJournal | None = None,
    tools: ToolsMode = "intercepted",
    stateless: bool = True,
) -> tuple[CallExecution, MemoryJournal]:
    journal = journal or MemoryJournal()
    agent_ = callable_agent(function, tools=tools, stateless=stateless)

    async def to_the_end() -> CallExecution:
        ended = await run_conversation(it, agent=agent_, journal=journal)
        await ended.keep()
        return ended.call

    return asyncio.run(to_the_end()), journal


def tools_of(journal: MemoryJournal, turn: int) -> list[ToolCall]:
    (record,) = [t for t in journal.committed if t.index == turn]
    return [item for item in record.items if isinstance(item, ToolCall)]


def test_the_old_agent_reproduces_the_recording_turn_by_turn() -> None:
    call_, journal = run(old, talk_with())
    assert (call_.status, call_.ended_reason) == ("completed", "finished")
    assert [t.index for t in journal.committed] == [1, 2, 3]
    assert [t.misfit for t in journal.committed] == [None, None, None]
    assert tools_of(journal, 2)[0].result == {"ok": True}


def test_strict_stops_after_the_turn_that_parted() -> None:
    call_, journal = run(fixed, talk_with(user_policy="strict"))
    assert (call_.status, call_.ended_reason) == ("completed", "diverged")
    assert call_.error == "called check_status where the recording called issue_refund"
    assert [t.index for t in journal.committed] == [1, 2]


def test_verbatim_goes_on_and_marks_what_comes_after() -> None:
    _, journal = run(fixed, talk_with(user_policy="verbatim"))
    assert [t.after_divergence for t in journal.committed] == [False, False, True]


def test_every_word_and_call_says_where_it_came_from() -> None:
    _, journal = run(old, talk_with())
    said = [(i.kind, i.provenance) for i in journal.committed[0].items if i.kind != "model_call"]
    assert said == [("message", "recorded"), ("tool_call", "recorded"), ("message", "live")]


def test_the_agent_hears_the_talk_as_it_went_in_the_replay() -> None:
    heard: list[list[dict[str, Any]]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append(messages)
        return f"answer {len(heard)}"

    plain = talk(user("one"), agent("recorded one"), user("two"), agent("recorded two"))
    run(listening, talk_with(plain))
    assert heard[0] == []
    assert heard[1] == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "answer 1"},
    ]


def test_a_greeting_and_earlier_history_are_told_to_the_agent() -> None:
    heard: list[list[dict[str, Any]]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append(messages)
        return "ok"

    greeted = replace(
        talk(agent("Hello, how can I help?"), user("My order")),
        history=(user("earlier"), agent("then")),
    )
    run(listening, talk_with(greeted))
    assert [m["content"] for m in heard[0]] == ["earlier", "then", "Hello, how can I help?"]


def test_messages_that_follow_each_other_are_sent_together_and_stay_apart() -> None:
    heard: list[tuple[list[str], str]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append(([m["content"] for m in messages], message))
        return "ok"

    _, journal = run(listening, talk_with(talk(user("Hi"), user("Anyone?"), agent("Yes"))))
    assert heard == [(["Hi"], "Anyone?")]
    users = [i for i in journal.committed[0].items if isinstance(i, Message) and i.role == "user"]
    assert len(users) == 2


def test_an_agent_that_hands_its_calls_back_gets_the_recorded_results() -> None:
    def returning(messages: list[dict[str, Any]], message: str) -> AgentReply:
        if messages and messages[-1]["role"] == "tool":
            return AgentReply(text=f"I read {messages[-1]['content']}")
        return AgentReply(tool_calls=[RequestedTool("check_status", {"order_id": "A-1001"}, "c1")])

    one = talk(*REFUND.items[:3])
    _, journal = run(returning, talk_with(one), tools="returned")
    assert tools_of(journal, 1)[0].provenance == "recorded"
    (answer,) = [i for i in journal.committed[0].items if isinstance(i, Message)][1:]
    assert answer.text == 'I read {"status": "shipped"}'


def test_openai_style_tool_calls_are_understood() -> None:
    def returning(messages: list[dict[str, Any]], message: str) -> dict[str, Any]:
        if messages and messages[-1]["role"] == "tool":
            return {"content": "done"}
        function = {"name": "check_status", "arguments": '{"order_id": "A-1001"}'}
        return {
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": function}],
        }

    _, journal = run(returning, talk_with(talk(*REFUND.items[:3])), tools="returned")
    assert tools_of(journal, 1)[0].arguments == {"order_id": "A-1001"}


def test_an_agent_that_never_stops_asking_for_tools_is_stopped() -> None:
    def asking(messages: list[dict[str, Any]], message: str) -> AgentReply:
        return AgentReply(tool_calls=[RequestedTool("check_status", {"order_id": "A-1001"})])

    call_, journal = run(asking, talk_with(max_tool_rounds=3), tools="returned")
    assert (call_.status, call_.ended_reason) == ("failed", "agent_error")
    assert "more than 3 times" in (call_.error or "")
    assert len(tools_of(journal, 1)) == 3


def test_a_refused_call_is_raised_in_the_agent_and_kept_in_the_turn() -> None:
    seen: list[str] = []

    def curious(messages: list[dict[str, Any]], message: str) -> str:
        try:
            check_status("A-9999")
        except ToolRefused as error:
            seen.append(str(error))
        return "I could not look it up."

    _, journal = run(curious, talk_with())
    assert seen[0].startswith("refused: nothing recorded answers this call of check_status")
    (asked,) = tools_of(journal, 1)
    assert (asked.provenance, asked.answered) == ("refused", False)
    assert asked.served is not None
    assert "order_id: recorded 'A-1001', asked 'A-9999'" in (asked.served.miss or "")


def test_a_declared_result_lets_a_new_call_through() -> None:
    row = Row(
        id="row",
        recording_hash=None,
        declared=(DeclaredResult(tool="check_status", arguments={"order_id": "N-1"}, result="n"),),
    )

    def new_call(messages: list[dict[str, Any]], message: str) -> str:
        return str(check_status("N-1"))

    _, journal = run(new_call, talk_with(row=row))
    assert tools_of(journal, 1)[0].provenance == "declared"


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda messages, message: 42, "answered int; expected text"),
        (lambda messages, message: None, "answered NoneType"),
        (lambda messages, message: AgentReply(), "answered neither text nor tool calls"),
        (lambda messages, message: 1 / 0, "ZeroDivisionError: division by zero"),
        (
            lambda messages, message: {"tool_calls": [{"function": {"arguments": "{"}}]},
            "a tool without a name",
        ),
    ],
)
def test_an_agent_that_answers_nonsense_or_dies_ends_the_talk_with_the_reason(
    function: Callable[..., Any], expected: str
) -> None:
    call_, journal = run(function, talk_with())
    assert (call_.status, call_.ended_reason) == ("failed", "agent_error")
    assert expected in (call_.error or "")
    (record,) = journal.committed
    assert isinstance(record.items[-1], Failure)


def test_an_agent_that_takes_too_long_ends_the_talk() -> None:
    async def slow(messages: list[dict[str, Any]], message: str) -> str:
        await asyncio.sleep(30)
        return "late"

    call_, _ = run(slow, talk_with(turn_timeout_s=0.05))
    assert (call_.ended_reason, call_.error) == ("timeout", "no answer within 0.05 s")


def test_an_unreachable_agent_is_told_apart_from_one_that_fails() -> None:
    def gone(messages: list[dict[str, Any]], message: str) -> str:
        raise AgentFailed("unreachable", "connection refused")

    call_, _ = run(gone, talk_with())
    assert call_.ended_reason == "unreachable"


def test_a_cut_off_talk_goes_on_at_the_first_missing_turn() -> None:
    first = MemoryJournal(fail_after=1)
    with pytest.raises(OSError, match="the disk is full"):
        run(old, talk_with(), journal=first)
    (begun,) = first.begun
    asked: list[str] = []

    def noting(messages: list[dict[str, Any]], message: str) -> str:
        asked.append(message)
        return old(messages, message)

    again = MemoryJournal()
    again.committed = list(first.committed)
    resumed = replace(talk_with(), call=begun)
    call_, journal = run(noting, resumed, journal=again)
    assert call_.status == "completed"
    assert [t.index for t in journal.committed] == [1, 2, 3]
    assert len(asked) == 2
    assert not journal.begun


def test_a_resumed_talk_is_given_the_answers_that_were_left() -> None:
    twice = talk(
        user("a"), call("check_status", {"order_id": "X"}, "one"), agent("1"),
        user("b"), call("check_status", {"order_id": "X"}, "two"), agent("2"),
    )  # fmt: skip

    def reading(messages: list[dict[str, Any]], message: str) -> str:
        return str(check_status("X"))

    _, whole = run(reading, talk_with(twice))
    half = MemoryJournal()
    half.committed = whole.committed[:1]
    _, resumed = run(reading, replace(talk_with(twice), call=whole.begun[0]), journal=half)
    assert tools_of(resumed, 2)[0].result == tools_of(whole, 2)[0].result == "two"


def test_an_agent_that_keeps_state_starts_again_as_a_new_attempt() -> None:
    first = MemoryJournal(fail_after=1)
    with pytest.raises(OSError, match="the disk is full"):
        run(old, talk_with(), journal=first)
    again = MemoryJournal()
    again.committed = list(first.committed)
    resumed = replace(talk_with(), call=first.begun[0])
    call_, journal = run(old, resumed, journal=again, stateless=False)
    assert call_.attempt == 2
    assert [t.index for t in journal.committed if t.attempt == 2] == [1, 2, 3]


def test_each_attempt_has_a_fresh_session_and_its_own_traces() -> None:
    first, one = run(old, talk_with())
    second, two = run(old, talk_with())
    assert first.session_id != second.session_id
    keys = {t.trace_id[:16] for t in one.committed if t.trace_id}
    assert keys == {first.trace_key}
    assert not {t.trace_id for t in one.committed} & {t.trace_id for t in two.committed}


def test_the_rest_of_a_tool_loop_starts_with_its_recorded_results() -> None:
    heard: list[tuple[list[str], str]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append(([m["role"] for m in messages], message))
        return "It has shipped."

    fragment = talk(
        user("Where is A-1001?"),
        call("check_status", {"order_id": "A-1001"}, {"status": "shipped"}),
        model(),
        agent("It has shipped."),
    )
    _, journal = run(listening, talk_with(fragment))
    assert heard == [(["user", "assistant", "tool"], "")]
    assert tools_of(journal, 1)[0].provenance == "recorded"


def test_one_turn_of_a_talk_is_run_with_the_turns_before_it_as_history() -> None:
    heard: list[list[str]] = []

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard.append([m["content"] for m in messages])
        return "ok"

    plain = talk(user("one"), agent("1"), user("two"), agent("2"), user("three"), agent("3"))
    row = Row(id="row", recording_hash=None, turn=2)
    _, journal = run(listening, talk_with(plain, row=row))
    assert heard == [["one", "1"]]
    assert [t.index for t in journal.committed] == [2]


def test_what_an_agent_asked_for_before_it_died_stands_before_its_failure() -> None:
    def dying(messages: list[dict[str, Any]], message: str) -> str:
        check_status("A-1001")
        raise ValueError("lost my way")

    _, journal = run(dying, talk_with())
    assert [item.kind for item in journal.committed[0].items] == ["message", "tool_call", "failure"]
