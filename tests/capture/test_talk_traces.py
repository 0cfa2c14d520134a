"""One trace a talk, as voice frameworks send it: turns from spans and histories inside of it."""

from __future__ import annotations

import json
from typing import Any

from reenact.capture.assembly import assemble
from reenact.domain.conversation import Conversation, ModelCall
from reenact.domain.span import Span
from reenact.domain.turn import turns_of
from support.telling import SECOND, TUESDAY, agent, answered, asks, span, user

SYSTEM = '[{"type": "text", "content": "Be kind."}]'


def talk(*spans: Span) -> Conversation:
    return assemble(spans, project="p", kind="session", session_id="s1")


def words(conversation: Conversation) -> list[tuple[str | None, str | None]]:
    return [(turn.user, turn.assistant) for turn in turns_of(conversation)]


def session(number: int = 1, **given: Any) -> Span:
    return span(number, name="agent_session", scope="livekit-agents", lasts=99, **given)


def turn(number: int, said: str | None = None, answer: str | None = None, **given: Any) -> Span:
    """A turn of LiveKit, two seconds long."""
    given |= {"lk.pii.user_input": said} if said else {}
    given |= {"lk.pii.response.text": answer} if answer else {}
    given.setdefault("parent", 1)
    return span(number, name="agent_turn", scope="livekit-agents", lasts=2, **given)


def call(
    number: int, told: list[Any] | None, answer: dict[str, Any] | None = None, **given: Any
) -> Span:
    """A model call of LiveKit inside of the turn with the number before."""
    given.setdefault("parent", number - 1)
    if told is not None:
        given["gen_ai__input__messages"] = json.dumps(told)
    if answer is not None:
        given["gen_ai__output__messages"] = json.dumps([answer])
    return span(number, name="llm_request", scope="livekit-agents", **given)


def heard(number: int, told: list[Any], said: str | None = None, **given: Any) -> Span:
    """A model call of Pipecat, whose span never holds the tools that it asked for."""
    given |= {"output": said} if said else {}
    return span(number, name="llm", scope="pipecat", input=json.dumps(told), **given)


def asked(call_id: str, result: str, **arguments: Any) -> list[dict[str, Any]]:
    """A request and its result, as Pipecat keeps them."""
    function = {"name": "check", "arguments": json.dumps(arguments)}
    return [
        {"role": "assistant", "tool_calls": [{"id": call_id, "function": function}]},
        {"role": "tool", "content": result, "tool_call_id": call_id},
    ]


def said(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def test_turn_spans_tell_turns_apart_where_no_content_was_captured():
    found = talk(session(), turn(2), call(3, None), turn(5), call(6, None), turn(8), call(9, None))

    assert words(found) == [(None, None)] * 3
    assert [len(t.model_calls) for t in turns_of(found)] == [1, 1, 1]


def test_a_turn_span_has_the_words_where_the_model_call_has_none():
    found = talk(
        session(), turn(2, "Hi", "Hello"), call(3, None), turn(5, "Bye", "See you"), call(6, None)
    )

    assert words(found) == [("Hi", "Hello"), ("Bye", "See you")]


def test_an_agent_that_speaks_first_opens_no_turn_of_the_user():
    greets = call(3, None, agent("Welcome!"), gen_ai__system_instructions=SYSTEM)
    found = talk(
        session(),
        turn(2, None, "Welcome!"),
        greets,
        turn(5, "Hi", "Yes?"),
        call(6, [agent("Welcome!"), user("Hi")], agent("Yes?")),
    )

    assert words(found) == [(None, "Welcome!"), ("Hi", "Yes?")]
    assert [t.index for t in turns_of(found)] == [0, 1]
    assert found.history == ()


def test_an_agent_that_speaks_unasked_goes_on_with_the_turn():
    found = talk(
        session(),
        turn(2, "Hi", "Yes?"),
        call(3, [user("Hi")], agent("Yes?")),
        turn(5, None, "Still there?"),
        call(6, None, agent("Still there?"), gen_ai__system_instructions=SYSTEM),
    )

    assert [t.user for t in turns_of(found)] == ["Hi"]


def test_a_greeting_that_only_the_history_tells_is_turn_0():
    found = talk(call(3, [agent("Welcome!"), user("Hi")], agent("Yes?"), parent=None))

    assert words(found) == [(None, "Welcome!"), ("Hi", "Yes?")]
    assert [t.index for t in turns_of(found)] == [0, 1]
    assert found.history == ()


def test_an_earlier_talk_in_the_history_is_no_greeting():
    earlier = [user("Hi"), agent("Hello")]
    found = talk(call(3, [*earlier, user("Bye")], agent("See you"), parent=None))

    assert words(found) == [("Bye", "See you")]
    assert [m.role for m in found.history] == ["user", "assistant"]


def test_a_history_that_was_cut_still_begins_a_turn_in_another_turns_span():
    found = talk(
        session(),
        turn(2, "Hi", "Hello"),
        call(3, [user("Hi")], agent("Hello")),
        turn(5, "Bye", "See you"),
        call(6, [user("Bye")], agent("See you")),
    )

    assert words(found) == [("Hi", "Hello"), ("Bye", "See you")]


def test_an_answer_that_was_begun_twice_is_one_turn():
    found = talk(
        session(),
        turn(2, "Hi"),
        call(3, [user("Hi")], error="interrupted"),
        turn(5, "Hi", "Hello"),
        call(6, [user("Hi")], agent("Hello")),
    )

    assert words(found) == [("Hi", "Hello")]


def test_inputs_that_hold_only_what_is_new_give_the_same_turns():
    asking = agent(None, asks("check", "c1", order="A-1"))
    found = talk(
        session(),
        turn(2, "Hi", "Hello"),
        call(3, [user("Hi")], agent("Hello")),
        turn(5, "Where is A-1?", "Sent."),
        call(6, [agent("Hello"), user("Where is A-1?")], asking, lk__input__delta=True),
        call(7, [asking, answered(("c1", "sent"))], agent("Sent."), parent=5),
    )

    assert words(found) == [("Hi", "Hello"), ("Where is A-1?", "Sent.")]
    assert [(t.arguments, t.result) for t in found.tool_calls] == [({"order": "A-1"}, "sent")]


def test_a_span_that_waits_for_the_user_says_not_when_the_turn_began():
    found = talk(
        span(1, name="conversation", scope="pipecat.turn", lasts=60),
        span(2, name="turn", scope="pipecat.turn", parent=1, lasts=40),
        heard(30, [said("user", "Hi")], "Hello", parent=2),
    )

    [only] = turns_of(found)
    assert only.started_at.timestamp() == (TUESDAY + 30 * SECOND) / SECOND
    assert only.latency_ms == 1000


def test_calls_and_results_come_from_the_next_input_where_no_span_has_them():
    hi, check = said("user", "Where?"), asked("c1", '{"sent": true}', order="A-1")
    found = talk(heard(1, [hi]), heard(3, [hi, *check], "It is sent."))

    [only] = turns_of(found)
    [tool] = only.tool_calls
    assert (tool.name, tool.arguments, tool.result) == ("check", {"order": "A-1"}, {"sent": True})
    assert (tool.requested, tool.span_id, tool.started_at) == (True, None, None)
    assert only.assistant == "It is sent."


def test_parallel_calls_that_are_written_one_by_one_are_one_group():
    hi = said("user", "Where?")
    both = [*asked("c1", "1", order="A-1"), *asked("c2", "2", order="A-2")]
    found = talk(heard(1, [hi]), heard(3, [hi, *both], "Sent."))

    assert [(c.id, c.result) for c in found.tool_calls] == [("c1", 1), ("c2", 2)]
    assert len({c.group for c in found.tool_calls}) == 1
    assert found.tool_calls[0].group is not None


def test_rounds_of_calls_are_asked_one_after_the_other():
    hi, one = said("user", "Where?"), asked("c1", "1", order="A-1")
    two = asked("c2", "2", order="A-2")
    found = talk(heard(1, [hi]), heard(3, [hi, *one]), heard(5, [hi, *one, *two], "Sent."))

    kinds = ["M" if isinstance(i, ModelCall) else getattr(i, "id", "words") for i in found.items]
    assert kinds == ["words", "M", "c1", "M", "c2", "M", "words"]
    assert {c.group for c in found.tool_calls} == {None}


def test_words_beside_a_call_that_its_span_hides_are_kept():
    hi, check = said("user", "Where?"), asked("c1", "1", order="A-1")
    looking = said("assistant", "Let me look.")
    found = talk(heard(1, [hi], "Let me look."), heard(3, [hi, *check, looking], "It is sent."))

    assert words(found) == [("Where?", "Let me look.\nIt is sent.")]
    assert [c.id for c in found.tool_calls] == ["c1"]


def test_a_result_that_comes_in_a_later_turn_goes_to_its_call():
    hi = said("user", "Where?")
    asking, _ = asked("c1", "", order="A-1")
    runs = {"type": "async_tool", "tool_call_id": "c1", "status": "running"}
    ends = {"type": "async_tool", "tool_call_id": "c1", "status": "finished", "result": "7"}
    begun = [hi, asking, {"role": "tool", "content": json.dumps(runs), "tool_call_id": "c1"}]
    later = [*begun, said("assistant", "I am looking."), said("user", "And?")]
    found = talk(
        heard(1, [hi]),
        heard(3, begun, "I am looking."),
        heard(5, [*later, said("developer", json.dumps(ends))], "It is 7."),
    )

    [tool] = found.tool_calls
    assert (tool.result, tool.answered) == (7, True)


def test_a_tools_run_after_a_call_without_output_counts_as_asked_for():
    run = span(3, gen_ai__operation__name="execute_tool", gen_ai__tool__name="check", parent=1)
    silent = span(2, gen_ai__operation__name="chat", gen_ai__request__model="m", parent=1)
    spoke = span(
        2, gen_ai__operation__name="chat", parent=1,
        gen_ai__output__messages=json.dumps([agent("Hello")]),
    )  # fmt: skip
    root = span(1, gen_ai__operation__name="invoke_agent", lasts=9)

    assert [c.requested for c in talk(root, silent, run).tool_calls] == [True]
    assert [c.requested for c in talk(root, spoke, run).tool_calls] == [False]
