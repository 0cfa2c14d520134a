from __future__ import annotations

from dataclasses import replace

from reenact.capture.items import spans_of
from reenact.domain.conversation import Item, ModelCall, ToolCall
from reenact.domain.run import TurnRecord
from reenact.runs.returned_spans import with_spans
from support.talks import REFUND, agent, call, model, talk, user


def record(*items: Item) -> TurnRecord:
    return TurnRecord(call_id="c", attempt=1, index=1, items=items, trace_id="t")


def test_model_calls_that_the_agent_did_not_report_are_taken_from_its_spans() -> None:
    seen = spans_of(talk(user("Hi"), model(120, 8), agent("Yes")))
    told = with_spans(record(user("Hi"), agent("Yes")), seen)
    (said,) = [item for item in told.items if isinstance(item, ModelCall)]
    assert (said.usage.input_tokens, said.usage.output_tokens) == (120, 8)


def test_model_calls_that_the_agent_reported_are_not_counted_twice() -> None:
    seen = spans_of(talk(user("Hi"), model(120, 8), agent("Yes")))
    told = with_spans(record(user("Hi"), model(5, 1), agent("Yes")), seen)
    assert [i.usage.input_tokens for i in told.items if isinstance(i, ModelCall)] == [5]


def test_a_tool_that_the_agent_ran_by_itself_is_live() -> None:
    seen = spans_of(talk(*REFUND.items[:3]))
    told = with_spans(record(user("Hi"), agent("It has shipped.")), seen)
    (ran,) = [item for item in told.items if isinstance(item, ToolCall)]
    assert (ran.name, ran.provenance) == ("check_status", "live")


def test_a_tool_that_was_answered_from_the_recording_stays_recorded() -> None:
    answered = replace(call("check_status", {"order_id": "A-1001"}), provenance="recorded")
    seen = spans_of(talk(*REFUND.items[:3]))
    told = with_spans(record(user("Hi"), answered, agent("It has shipped.")), seen)
    assert [i.provenance for i in told.items if isinstance(i, ToolCall)] == ["recorded"]
