from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reenact.capture.dialects import read
from reenact.capture.facts import facts_of
from reenact.capture.items import (
    COUNT,
    INDEX,
    conversation_from,
    facts_of_item_span,
    identified,
    spans_of,
)
from reenact.domain.conversation import Conversation, Failure, Handoff, Message, Retrieval, words
from reenact.errors import DecodeError
from support.talks import agent, call, model, talk, user

REFUND = talk(
    user("Where is A-1003?", author="user-ana"),
    model(),
    call("check_status", {"order_id": "A-1003"}, {"status": "lost"}),
    call("issue_refund", {"order_id": "A-1003"}, error="not allowed"),
    agent("It is lost."),
    id="sess:sess-tue-4711",
)
REFUND = replace(REFUND, kind="session", session_id="sess-tue-4711", agent_name="support")


def test_a_conversation_comes_back_from_its_spans_exactly() -> None:
    assert conversation_from(spans_of(REFUND)) == REFUND


def test_spans_may_come_in_any_order() -> None:
    assert conversation_from(spans_of(REFUND)[::-1]) == REFUND


def test_the_same_conversation_always_gives_the_same_ids() -> None:
    again = [(s.trace_id, s.span_id) for s in spans_of(REFUND)]
    assert again == [(s.trace_id, s.span_id) for s in spans_of(REFUND)]
    assert len(set(again)) == len(REFUND.items) + 1


def test_another_project_gets_other_ids() -> None:
    here, there = spans_of(REFUND), spans_of(replace(REFUND, project="other"))
    assert {s.span_id for s in here}.isdisjoint(s.span_id for s in there)


def test_a_conversation_is_one_trace() -> None:
    assert len({span.trace_id for span in spans_of(REFUND)}) == 1


def test_every_span_names_the_session_and_the_project() -> None:
    for span in spans_of(REFUND):
        assert facts_of(span).session_id == "sess-tue-4711"
        assert span.resource["openinference.project.name"] == "shop"


def test_the_facts_say_who_spoke_what_ran_and_what_failed() -> None:
    first, asked, asking, looked, refunded, said = map(facts_of_item_span, spans_of(REFUND))
    assert (first.kind, first.agent_name) == ("agent", "support")
    assert (asked.user_id, asked.user_text) == ("user-ana", "Where is A-1003?")
    assert (asking.kind, asking.model, asking.input_tokens) == ("model", "gpt-4o-mini", 100)
    assert (looked.kind, looked.tool_name, looked.error) == ("tool", "check_status", None)
    assert (refunded.tool_name, refunded.error) == ("issue_refund", "not allowed")
    assert said.assistant_text == "It is lost."


def test_the_registry_reads_them_under_the_name_reenact() -> None:
    assert {read(span).reader for span in spans_of(REFUND)} == {"reenact"}


def test_a_talk_without_a_session_never_joins_another_by_history() -> None:
    loose = replace(REFUND, id="trace:x", kind="trace", session_id=None)
    facts = [facts_of(span) for span in spans_of(loose)]
    assert {(f.session_id, f.prefix_hash, f.result_hash) for f in facts} == {(None, None, None)}


def test_span_times_are_those_of_the_items() -> None:
    _, asked, *_ = spans_of(REFUND)
    started = REFUND.items[0].started_at
    assert started is not None
    assert asked.start_ns == int(started.timestamp() * 1_000_000) * 1000


def test_an_item_without_a_time_stands_where_the_one_before_it_ended() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    items = (
        Message(role="user", parts=words("Hi"), started_at=noon, ended_at=noon),
        Failure(error="boom"),
    )
    conversation = Conversation(id="trace:x", project="p", kind="trace", items=items)
    _, said, failed = spans_of(conversation)
    assert failed.start_ns == said.end_ns > 0
    assert conversation_from(spans_of(conversation)) == conversation


def test_times_that_no_span_can_hold_are_bounded_in_the_span_and_exact_in_the_item() -> None:
    late = Handoff(started_at=datetime(9999, 1, 1, tzinfo=UTC))
    early = Retrieval(started_at=datetime(1900, 1, 1, tzinfo=UTC), ended_at=None)
    conversation = Conversation(id="trace:x", project="p", kind="trace", items=(early, late))
    spans = spans_of(conversation)
    assert all(0 <= s.start_ns <= s.end_ns < 2**63 for s in spans)
    assert conversation_from(spans) == conversation


def test_identified_items_carry_the_ids_of_their_spans() -> None:
    bare = replace(REFUND, trace_ids=())
    bare = replace(bare, items=tuple(replace(i, trace_id=None, span_id=None) for i in bare.items))
    named = identified(bare)
    spans = spans_of(named)
    assert [i.span_id for i in named.items] == [s.span_id for s in spans[1:]]
    assert named.trace_ids == (spans[0].trace_id,)
    assert {i.trace_id for i in named.items} == {spans[0].trace_id}


def test_a_missing_item_is_an_error_that_names_the_conversation() -> None:
    spans = [s for s in spans_of(REFUND) if s.attributes.get(INDEX) != 2]
    with pytest.raises(DecodeError, match=r"1 of 5 items are not stored, the first is item 2"):
        conversation_from(spans)


def test_without_the_first_span_there_is_no_conversation() -> None:
    with pytest.raises(DecodeError, match="lack the first one"):
        conversation_from(spans_of(REFUND)[1:])


def test_items_of_a_longer_later_version_are_left_out() -> None:
    shorter = replace(REFUND, items=REFUND.items[:3])
    spans = (*spans_of(shorter), *spans_of(REFUND)[4:])
    assert spans[0].attributes[COUNT] == 3
    assert conversation_from(spans) == shorter


def test_a_long_system_prompt_is_stored_once_a_talk() -> None:
    told, other = "Be kind. " * 1000, "Be brief."
    calls = [replace(model(), system_prompt=p) for p in (told, told, other, None)]
    conversation = talk(user("Hi"), *calls, agent("Hello"))
    spans = spans_of(conversation)
    assert sum(len(str(span.attributes)) for span in spans) < 2 * len(told)
    assert conversation_from(spans) == conversation
