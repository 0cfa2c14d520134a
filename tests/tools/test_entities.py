"""Rung 5: the same thing seen in another recorded result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reenact.domain.conversation import Conversation, Effect
from reenact.domain.scenario import DeclaredResult
from reenact.tools.answer import ToolAnswer
from reenact.tools.recorded import RecordedTools
from support.talks import agent, call, talk, user

EFFECTS: Mapping[str, Effect] = {"get": "read", "list": "read", "cancel": "write"}


def row(id: str, status: str = "open") -> dict[str, Any]:
    return {"order_id": id, "status": status, "total": 10}


SHOP = talk(
    user("my orders"),
    call("list", {"customer_id": "C7"}, {"orders": [row("A1"), row("A2")]}),
    call("get", {"order_id": "A1"}, row("A1")),
    call("cancel", {"order_id": "A1"}, row("A1", "cancelled")),
    agent("done"),
)


def tools(conversation: Conversation = SHOP, **more: Any) -> RecordedTools:
    return RecordedTools(conversation, effects=EFFECTS, **more)


def get(known: RecordedTools, id: Any) -> ToolAnswer:
    return known.answer("get", {"order_id": id}, turn=1)


def test_a_thing_of_a_list_answers_its_look_up() -> None:
    answer = get(tools(), "A2")
    assert (answer.result, answer.served.rung) == (row("A2"), 5)
    assert answer.served.recorded_call == 0
    assert answer.provenance == "recorded"


def test_a_recorded_write_changes_later_reads() -> None:
    known = tools()
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    answer = get(known, "A1")
    assert (answer.result, answer.served.rung) == (row("A1", "cancelled"), 5)


def test_a_declared_write_that_gives_the_thing_changes_later_reads() -> None:
    done = DeclaredResult(
        tool="cancel", arguments={"order_id": "A1"}, result=row("A1", "cancelled")
    )
    known = tools(talk(*SHOP.items[:3], agent("x")), declared=[done])
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    answer = get(known, "A1")
    assert (answer.provenance, answer.result) == ("declared", row("A1", "cancelled"))


def test_a_repeated_read_of_an_untouched_thing_is_answered_after_a_write() -> None:
    shop = talk(user("a"), call("get", {"order_id": "A2"}, row("A2")), *SHOP.items[2:])
    known = tools(shop)
    assert get(known, "A2").served.rung == 1
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    assert (get(known, "A2").result, get(known, "A2").served.rung) == (row("A2"), 5)


def test_what_the_agent_does_with_an_answer_does_not_change_the_store() -> None:
    known = tools()
    get(known, "A2").result["status"] = "mine"
    assert get(known, "A2").result == row("A2")


def test_a_thing_that_no_result_shows_is_refused() -> None:
    assert get(tools(), "A3").provenance == "refused"


def test_ids_that_differ_by_letter_case_are_different_things() -> None:
    assert get(tools(), "a2").provenance == "refused"


@pytest.mark.parametrize("effect", ["write", "unknown"])
def test_only_a_declared_read_is_looked_up(effect: Effect) -> None:
    known = RecordedTools(SHOP, effects={**EFFECTS, "get": effect})
    assert get(known, "A2").provenance == "refused"


def refused(*items: Any, asked: Any = "A2", before: tuple[str, ...] = ()) -> bool:
    known = tools(talk(user("a"), *items, agent("x")))
    for id in before:
        known.answer("cancel", {"order_id": id}, turn=1)
    return get(known, asked).provenance == "refused"


def test_another_shape_is_not_certain() -> None:
    looked_up = call("get", {"order_id": "A1"}, row("A1"))
    fewer = {"order_id": "A2", "status": "open"}
    more = {**row("A2"), "note": "x"}
    text = {**row("A2"), "total": "10"}
    for odd in (fewer, more, text):
        assert refused(call("list", {"customer_id": "C7"}, [row("A1"), odd]), looked_up)


def test_a_list_that_never_agreed_with_the_look_up_is_not_trusted() -> None:
    looked_up = call("get", {"order_id": "A1"}, row("A1"))
    assert refused(call("list", {"customer_id": "C7"}, [row("A2")]), looked_up)
    other = {**row("A1"), "total": 99}
    assert refused(call("list", {"customer_id": "C7"}, [other, row("A2")]), looked_up)
    assert not refused(call("list", {"customer_id": "C7"}, [row("A1"), row("A2")]), looked_up)


def test_things_of_another_kind_with_the_same_number_are_not_taken_for_each_other() -> None:
    city = {"id": 5, "name": "Delft"}
    known = RecordedTools(
        talk(
            user("a"),
            call("city", {"id": 5}, city),
            call("products", {}, [{"id": 5, "name": "Kettle"}, {"id": 6, "name": "Lamp"}]),
            agent("x"),
        ),
        effects={"city": "read", "products": "read"},
    )
    assert known.answer("city", {"id": 6}, turn=1).provenance == "refused"


def test_a_write_that_was_recorded_but_not_served_leaves_its_outcome_unserved() -> None:
    late = talk(
        user("a"),
        call("get", {"order_id": "A1"}, row("A1")),
        call("cancel", {"order_id": "A2"}, row("A2", "cancelled")),
        call("list", {"customer_id": "C7"}, [row("A1"), row("A2", "cancelled")]),
        agent("x"),
    )
    known = tools(late)
    assert get(known, "A2").provenance == "refused"
    known.answer("cancel", {"order_id": "A2"}, turn=1)
    assert get(known, "A2").result == row("A2", "cancelled")


def test_a_resumed_talk_gives_the_same_answers() -> None:
    asked = [
        ("cancel", {"order_id": "A1"}),
        ("get", {"order_id": "A1"}),
        ("get", {"order_id": "A2"}),
        ("list", {"customer_id": "C7"}),
    ]
    for cut in range(len(asked) + 1):
        whole, resumed = tools(), tools()
        answers = [whole.answer(name, arguments, turn=1) for name, arguments in asked]
        done = [
            replace(
                call(name, arguments, answer.result, error=answer.error),
                served=answer.served,
                provenance=answer.provenance,
            )
            for (name, arguments), answer in zip(asked[:cut], answers, strict=False)
        ]
        resumed.restore(done)
        rest = [resumed.answer(name, arguments, turn=1) for name, arguments in asked[cut:]]
        assert rest == answers[cut:]
        assert resumed.unused() == whole.unused()
