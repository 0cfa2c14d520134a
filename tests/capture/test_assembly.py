"""Spans to conversations: where turns begin, what was asked and answered."""

from __future__ import annotations

import pytest

from reenact.capture.assembly import assemble
from reenact.domain.conversation import Conversation, Message, ModelCall, Retrieval, ToolCall
from reenact.domain.span import Span, SpanEvent
from reenact.domain.turn import Turn, total_usage, turns_of
from support.telling import agent, answered, asks, model, root, span, tool, user

HELLO = [user("Where is A-1?")]
LOOKED = [*HELLO, agent(None, asks("check", "c1", order="A-1")), answered(("c1", "sent"))]
TOLD = [*LOOKED, agent("It is sent.")]


def told(*spans: Span, session: str | None = "s1") -> Conversation:
    kind = "session" if session else "trace"
    return assemble(spans, project="shop", kind=kind, session_id=session)


def turns(*spans: Span) -> tuple[Turn, ...]:
    return turns_of(told(*spans))


def said(turns: tuple[Turn, ...]) -> list[tuple[str | None, str | None]]:
    return [(turn.user, turn.assistant) for turn in turns]


def a_loop(trace: str = "a", parent: int | None = None, **given) -> list[Span]:
    """A call that asks for a tool, its run, and the call that answers."""
    more = {"trace": trace, "parent": parent, **given}
    return [
        model(2, HELLO, agent(None, asks("check", "c1", order="A-1")), **more),
        tool(3, "check", call_id="c1", arguments={"order": "A-1"}, result="sent", **more),
        model(4, LOOKED, agent("It is sent."), **more),
    ]


# where turns begin


def test_a_tool_loop_is_one_turn():
    found = turns(root(1, lasts=5), *a_loop(parent=1))

    assert said(found) == [("Where is A-1?", "It is sent.")]
    assert [type(item) for item in found[0].items] == [
        Message, ModelCall, ToolCall, ModelCall, Message,
    ]  # fmt: skip


def test_a_turn_opens_with_each_rooted_trace():
    more = [*TOLD, user("And A-2?")]
    found = turns(
        root(1, lasts=5),
        *a_loop(parent=1),
        root(10, trace="b"),
        model(11, more, agent("Lost."), trace="b", parent=10),
    )

    assert said(found) == [("Where is A-1?", "It is sent."), ("And A-2?", "Lost.")]


def test_several_turns_may_lie_in_one_trace():
    more = [*TOLD, user("And A-2?")]
    found = turns(root(1, lasts=50), *a_loop(parent=1), model(9, more, agent("Lost."), parent=1))

    assert said(found) == [("Where is A-1?", "It is sent."), ("And A-2?", "Lost.")]


def test_a_sub_agent_opens_no_turn_and_is_not_heard():
    found = turns(
        root(1, lasts=9),
        model(2, HELLO, agent(None, asks("expert", "c1", q="A-1")), parent=1),
        tool(3, "expert", call_id="c1", result="sent", parent=1, lasts=3),
        model(4, [user("You are asked about A-1")], agent("sent"), parent=3),
        model(8, LOOKED, agent("It is sent."), parent=1),
    )

    assert said(found) == [("Where is A-1?", "It is sent.")]
    assert len(found[0].model_calls) == 3


def test_a_sub_agent_that_goes_on_from_the_talk_opens_no_turn():
    found = turns(
        root(1, lasts=9),
        model(2, HELLO, parent=1),
        tool(3, "judge", result="yes", parent=1, lasts=3),
        model(4, [*HELLO, agent("Hm."), user("Is this about an order?")], agent("y"), parent=3),
    )

    assert len(found) == 1


def test_a_call_with_a_history_of_its_own_opens_no_turn():
    found = turns(
        root(1, lasts=9),
        model(12, [user("Which desk is for: Where is A-1?")], agent("orders"), at=1.5, parent=1),
        *a_loop(parent=1),
    )

    assert len(found) == 1
    assert found[0].assistant == "It is sent."


def test_a_call_after_the_answer_does_not_take_its_place():
    title = model(12, [user("Name this talk: Where is A-1?")], agent("Order A-1"), at=6, parent=1)
    more = [*TOLD, user("And A-2?")]
    found = turns(
        root(1, lasts=9),
        *a_loop(parent=1),
        title,
        root(20, trace="b"),
        model(21, more, agent("Lost."), trace="b", parent=20),
    )

    assert said(found) == [("Where is A-1?", "It is sent."), ("And A-2?", "Lost.")]


def test_a_failed_call_asked_again_goes_on_with_the_turn():
    found = turns(
        model(1, HELLO, trace="a", error="HTTP 500"),
        model(3, HELLO, agent("It is sent."), trace="b"),
    )

    assert said(found) == [("Where is A-1?", "It is sent.")]
    assert found[0].had_errors
    assert found[0].error is None


def test_words_nobody_answered_are_not_said_again_in_the_next_turn():
    found = turns(
        root(1, trace="a", error="HTTP 400"),
        model(2, HELLO, trace="a", parent=1, error="HTTP 400"),
        root(5, trace="b"),
        model(6, [*HELLO, user("Hello?")], agent("Yes."), trace="b", parent=5),
    )

    assert said(found) == [("Where is A-1?", None), ("Hello?", "Yes.")]
    assert found[0].error == "HTTP 400"


def test_two_messages_in_a_row_are_one_turn():
    found = turns(model(1, [user("Hi."), user("Where is A-1?")], agent("Sent.")))

    assert found[0].user == "Hi.\nWhere is A-1?"
    assert len(found[0].user_messages) == 2


def test_a_trace_without_model_messages_falls_back_to_its_root():
    found = turns(
        root(1, gen_ai__input__messages="Where is A-1?", gen_ai__output__messages="Sent.", lasts=5),
        span(2, gen_ai__operation__name="chat", gen_ai__usage__input_tokens=3,
             gen_ai__usage__output_tokens=1, parent=1),
    )  # fmt: skip

    assert said(found) == [("Where is A-1?", "Sent.")]
    assert found[0].usage.input_tokens == 3


def test_words_that_nothing_tells_are_unknown_and_still_a_turn():
    found = turns(root(1), span(2, gen_ai__operation__name="chat", parent=1))

    assert said(found) == [(None, None)]
    assert found[0].index == 1


def test_a_retrieved_context_does_not_hide_the_users_own_words():
    wrapped = [user("Use this context: A-1 was sent.\n\nQuestion: Where is A-1?")]
    found = turns(
        root(1, gen_ai__input__messages="Where is A-1?", lasts=5),
        model(2, wrapped, agent("Sent."), parent=1),
    )

    assert found[0].user == "Where is A-1?"


# history


def test_a_later_trace_alone_has_the_earlier_messages_as_history():
    more = [*TOLD, user("And A-2?")]
    found = told(model(9, more, agent("Lost."), session=None), session=None)

    assert said(turns_of(found)) == [("And A-2?", "Lost.")]
    assert [type(item) for item in found.history] == [Message, ToolCall, Message]
    call = found.history[1]
    assert (call.name, call.arguments, call.result) == ("check", {"order": "A-1"}, "sent")
    assert found.history[2].text == "It is sent."
    assert found.id == f"trace:{'a' * 32}"


def test_a_fragment_of_a_tool_loop_has_its_words_and_recorded_results():
    earlier = [user("Hi."), agent("Hello.")]
    found = told(model(9, [*earlier, *LOOKED], agent("It is sent.")))

    [turn] = turns_of(found)
    assert said((turn,)) == [("Where is A-1?", "It is sent.")]
    assert [type(item) for item in turn.items] == [Message, ToolCall, ModelCall, Message]
    assert turn.tool_calls[0].result == "sent"
    assert [item.text for item in found.history] == ["Hi.", "Hello."]


# tools


def test_a_result_only_in_the_next_input_is_the_result():
    found = turns(*(s for s in a_loop() if "gen_ai.tool.name" not in s.attributes))

    [call] = found[0].tool_calls
    assert (call.id, call.result, call.answered, call.span_id) == ("c1", "sent", True, None)


def test_a_call_that_was_asked_for_and_never_run_is_not_answered():
    found = turns(model(1, HELLO, agent(None, asks("check", "c1", order="A-1"))))

    [call] = [item for item in found[0].items if isinstance(item, ToolCall)]
    assert not call.answered
    assert found[0].tool_calls == ()


def test_a_run_whose_result_is_nowhere_is_marked_as_cut():
    found = turns(
        model(1, HELLO, agent(None, asks("check", "c1", order="A-1"))),
        tool(2, "check", call_id="c1", arguments={"order": "A-1"}),
    )

    [call] = found[0].tool_calls
    assert (call.result, call.truncated) == (None, True)


def test_a_cut_result_is_marked():
    found = turns(
        model(1, HELLO, agent(None, asks("check", "c1", order="A-1"))),
        tool(2, "check", call_id="c1", gen_ai__tool__call__result='{"order": "A-1", "stat'),
    )

    assert found[0].tool_calls[0].truncated


def test_an_error_is_its_exceptions_words():
    failed = SpanEvent(
        name="exception",
        time_ns=0,
        attributes={"exception.type": "shop.NotFound", "exception.message": "no A-1"},
    )
    found = turns(
        model(1, HELLO, agent(None, asks("check", "c1", order="A-1"))),
        tool(2, "check", call_id="c1", error="it failed", events=(failed,)),
    )

    [call] = found[0].tool_calls
    assert (call.error, call.result) == ("NotFound: no A-1", None)


@pytest.mark.parametrize("text", ["Error: no A-1", "ValueError: no A-1", "shop.NotFoundError(1)"])
def test_a_text_that_reads_as_an_error_is_one_where_no_span_tells(text: str):
    loop = [*HELLO, agent(None, asks("check", "c1", order="A-1")), answered(("c1", text))]
    found = turns(
        model(1, HELLO, agent(None, asks("check", "c1", order="A-1"))),
        model(2, loop, agent("Sorry.")),
    )

    assert (found[0].tool_calls[0].error, found[0].tool_calls[0].result) == (text, None)


def test_a_text_about_errors_is_a_result():
    text = "Error handling is on page 4"
    loop = [*HELLO, agent(None, asks("check", "c1", order="A-1")), answered(("c1", text))]
    found = turns(
        model(1, HELLO, agent(None, asks("check", "c1", order="A-1"))),
        model(2, loop, agent("See page 4.")),
    )

    assert (found[0].tool_calls[0].error, found[0].tool_calls[0].result) == (None, text)


def test_parallel_calls_without_ids_are_matched_by_arguments():
    both = agent(None, asks("check", None, order="A-1"), asks("check", None, order="A-2"))
    found = turns(
        model(1, HELLO, both),
        tool(2, "check", arguments={"order": "A-2"}, result="two"),
        tool(3, "check", arguments={"order": "A-1"}, result="one"),
    )

    calls = found[0].tool_calls
    assert [call.result for call in calls] == ["one", "two"]
    assert [call.group for call in calls] == [1, 1]


def test_the_same_call_twice_has_two_results():
    asked = agent(None, asks("check", "c1", order="A-1"))
    again = [*LOOKED, agent(None, asks("check", "c1", order="A-1")), answered(("c1", "here"))]
    found = turns(
        model(1, HELLO, asked), model(2, LOOKED, asked), model(3, again, agent("It is here."))
    )

    assert [call.result for call in found[0].tool_calls] == ["sent", "here"]


def test_a_tool_that_no_model_asked_for_is_kept_as_not_requested():
    found = turns(
        root(1, gen_ai__input__messages="Hi", lasts=9), tool(2, "log", result=1, parent=1)
    )

    [call] = found[0].tool_calls
    assert (call.name, call.requested, call.result) == ("log", False, 1)


def test_a_tool_watched_by_two_libraries_is_one_call():
    loop = a_loop()
    inner = tool(9, "check", at=3.1, lasts=0.5, parent=3, arguments={"order": "A-1"}, result="sent")

    assert len(turns(*loop, inner)[0].tool_calls) == 1


def test_a_model_call_watched_by_two_libraries_counts_once():
    inner = model(9, HELLO, agent("x"), at=2.1, lasts=0.5, parent=2)
    found = told(*a_loop(), inner)

    assert len(found.model_calls) == 2
    assert total_usage(found.model_calls).input_tokens == 20


def test_an_answer_of_another_turn_is_not_taken_for_this_ones():
    first = model(1, HELLO, agent(None, asks("check", "c1", order="A-1")), trace="a")
    second = model(5, [user("Something else")], agent("Fine."), trace="b")

    found = turns(first, second)
    assert said(found) == [("Where is A-1?", None), ("Something else", "Fine.")]


# words


def test_words_beside_a_tool_call_are_said_and_empty_ones_are_not():
    found = turns(
        model(1, HELLO, agent("Let me look.", asks("check", "c1", order="A-1"))),
        model(2, LOOKED, agent("", asks("check", "c2", order="A-2"))),
        model(3, TOLD, agent("It is sent.")),
    )

    assert [answer.text for answer in found[0].answers] == ["Let me look.", "It is sent."]


def test_the_root_has_the_last_word():
    found = turns(root(1, gen_ai__output__messages="It is sent. Bye!", lasts=9), *a_loop(parent=1))

    assert found[0].assistant == "It is sent. Bye!"


def test_an_answer_that_was_streamed_unseen_is_told_by_the_next_turn():
    found = turns(
        model(1, HELLO, trace="a"),
        model(5, [*HELLO, agent("Sent."), user("Thanks.")], agent("Bye."), trace="b"),
    )

    assert said(found) == [("Where is A-1?", "Sent."), ("Thanks.", "Bye.")]


def test_a_failed_root_without_an_answer_is_the_turns_error():
    found = turns(root(1, gen_ai__input__messages="Hi", error="out of memory"))

    assert (found[0].assistant, found[0].error) == (None, "out of memory")


def test_the_user_of_a_root_speaks_for_its_calls():
    spans = a_loop(parent=1)
    found = turns(root(1, user__id="ana", lasts=9), *spans)

    assert found[0].user_id == "ana"


def test_times_ids_and_latency_come_from_the_spans():
    found = told(root(1, lasts=6), *a_loop(parent=1))
    [turn] = turns_of(found)

    assert turn.latency_ms == 4000
    assert all(item.trace_id == "a" * 32 for item in found.items)
    assert all(item.started_at.tzinfo is not None for item in found.items)
    assert found.ended_at == found.started_at.replace(second=found.started_at.second + 6)


def test_a_retrieval_stands_where_it_happened():
    found = turns(
        root(1, lasts=9),
        span(2, parent=1, openinference__span__kind="RETRIEVER", input__value="A-1",
             retrieval__documents__0__document__content="sent"),
        model(3, HELLO, agent("Sent."), parent=1),
    )  # fmt: skip

    assert [type(item) for item in found[0].items] == [Message, Retrieval, ModelCall, Message]
    assert found[0].items[1].documents == ({"content": "sent"},)


def test_parents_in_a_circle_do_no_harm():
    one, two = model(1, HELLO, agent("Sent."), parent=2), span(2, parent=1)

    assert said(turns(one, two)) == [("Where is A-1?", "Sent.")]


def test_no_spans_are_an_empty_conversation():
    assert told().items == ()


def test_a_mark_of_an_import_that_is_none_is_an_attribute_like_others():
    marked = model(1, HELLO, agent("Sent."), reenact__conversation="nonsense")
    lying = span(2, scope="reenact.import", reenact__item="nonsense")

    assert said(turns(marked, lying)) == [("Where is A-1?", "Sent.")]
