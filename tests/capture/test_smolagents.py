"""What a smolagents agent remembers, told as a talk."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reenact.capture.assembly import assemble
from reenact.capture.dialects import read
from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.capture.wire.smolagents import memory
from reenact.domain.turn import turns_of
from support.telling import span

SMOLAGENTS = "openinference.instrumentation.smolagents"


def user(text: str) -> WireMessage:
    return WireMessage(role="user", text=text)


def calling(*calls: dict[str, Any]) -> WireMessage:
    entries = [{"id": c["id"], "type": "function", "function": c} for c in calls]
    named = [{**e, "function": {k: e["function"][k] for k in ("name", "arguments")}}
             for e in entries]  # fmt: skip
    return WireMessage(role="assistant", text=f"Calling tools:\n{named!r}")


def observed(text: str) -> WireMessage:
    return WireMessage(role="tool", results=(WireResult(content=text),))


def test_a_memory_tells_words_calls_and_results():
    check = {"id": "c1", "name": "check", "arguments": {"id": "A-1"}}
    final = {"id": "c2", "name": "final_answer", "arguments": {"answer": "It's on its way."}}
    found = memory(
        [user("New task:\nWhere is A-1?"), calling(check), observed("Observation:\n{'eta': None}"),
         calling(final), observed("Observation:\nIt's on its way."), user("New task:\nThanks")]
    )  # fmt: skip

    assert found == (
        user("Where is A-1?"),
        WireMessage(
            role="assistant", calls=(WireCall(name="check", id="c1", arguments={"id": "A-1"}),)
        ),
        WireMessage(
            role="tool", results=(WireResult(id="c1", name="check", content={"eta": None}),)
        ),
        WireMessage(role="assistant", text="It's on its way."),
        user("Thanks"),
    )


def test_plans_and_code_that_runs_are_not_the_talk():
    runs = {"id": "c1", "name": "python_interpreter", "arguments": "check(id='A-1')"}
    found = memory(
        [user("New task:\nWhere is A-1?"), user("Now proceed and carry out this plan."),
         WireMessage(role="assistant", text="<code>check(id='A-1')</code>"), calling(runs),
         observed("Observation:\nExecution logs:\nLast output from code snippet:\nNone")]
    )  # fmt: skip

    assert [(m.role, m.text) for m in found] == [
        ("user", "Where is A-1?"),
        ("assistant", "<code>check(id='A-1')</code>"),
    ]


def test_messages_that_were_merged_into_one_give_the_newest_task():
    [found] = memory([user("Observation:\nIt's late.\nNew task:\nThanks\nNew task: none")])

    assert found.text == "Thanks\nNew task: none"


def test_results_of_parallel_calls_that_cannot_be_told_apart_are_not_guessed():
    pair = [{"id": f"c{n}", "name": "check", "arguments": {"n": n}} for n in (1, 2)]
    asked = [user("New task:\nBoth?"), calling(*pair)]
    told = memory([*asked, observed("Observation:\none\ntwo")])
    unclear = memory([*asked, observed("Observation:\none\nline\ntwo")])

    assert [r.content for r in told[-1].results] == ["one", "two"]
    assert [m.role for m in unclear] == ["user", "assistant"]


@pytest.mark.parametrize(
    ("answer", "said"), [("Yo", "Yo"), ({"ok": True}, '{"ok":true}'), (None, None)]
)
def test_a_final_answer_that_is_no_text_is_written_as_json(answer: Any, said: str | None):
    call = {"id": "c", "function": {"name": "final_answer", "arguments": {"answer": answer}}}
    response = {"role": "assistant", "content": None, "tool_calls": [call]}
    found = read(
        span(2, parent=1, scope=SMOLAGENTS, openinference__span__kind="LLM",
             output__value=json.dumps(response)),
    )  # fmt: skip

    assert [(m.text, m.calls) for m in found.messages_out] == [(said, ())]


def test_messages_without_a_task_are_no_memory():
    assert memory([user("Hi")]) == (user("Hi"),)


def test_a_prompt_for_a_plan_that_holds_the_task_gives_the_users_own_words():
    def told(number: int, text: str, answer: str, **given: Any):
        keys = {"llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.content": text,
                "llm.output_messages.0.message.role": "assistant",
                "llm.output_messages.0.message.content": answer}  # fmt: skip
        return span(number, parent=1, scope=SMOLAGENTS, openinference__span__kind="LLM", **keys)

    spans = [
        span(1, lasts=9, name="shop.run", scope=SMOLAGENTS, openinference__span__kind="AGENT",
             input__value='{"task": "Where is A-1?", "reset": true}', output__value="Soon."),
        told(2, "Here is your task:\n```\nWhere is A-1?\n```\nFirst make a plan.", "1. look"),
        told(3, "New task:\nWhere is A-1?", "Thought: done"),
    ]  # fmt: skip
    found = assemble(spans, project="p", kind="session", session_id="s1")

    assert [(t.user, t.assistant) for t in turns_of(found)] == [("Where is A-1?", "Soon.")]
    assert found.agent_name == "shop"
