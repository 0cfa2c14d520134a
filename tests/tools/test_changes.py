"""Which recorded results a served write makes untrue."""

from __future__ import annotations

from collections.abc import Mapping

from reenact.domain.conversation import Conversation, Effect
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.tools.recorded import RecordedTools
from support.talks import agent, call, talk, user

EFFECTS: Mapping[str, Effect] = {"get": "read", "list": "read", "cancel": "write"}


def order(id: str, status: str, *, lines: int = 1) -> dict[str, object]:
    return {
        "order_id": id,
        "customer_id": "C7",
        "status": status,
        "lines": [{"sku": "K-1"}] * lines,
    }


SHOP = talk(
    user("cancel A1"),
    call("get", {"order_id": "A1"}, order("A1", "open")),
    call("get", {"order_id": "A2"}, order("A2", "open")),
    call("cancel", {"order_id": "A1"}, {"ok": True}),
    agent("done"),
    user("sure?"),
    call("get", {"order_id": "A1"}, order("A1", "cancelled")),
    agent("yes"),
)


def tools(conversation: Conversation = SHOP, **more: object) -> RecordedTools:
    return RecordedTools(conversation, effects=EFFECTS, **more)  # type: ignore[arg-type]


def status(answer: object) -> object:
    return answer.result["status"]  # type: ignore[attr-defined]


def test_after_a_served_write_the_later_recorded_read_is_given() -> None:
    known = tools()
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    assert status(known.answer("get", {"order_id": "A1"}, turn=1)) == "cancelled"


def test_before_the_write_the_earlier_recorded_read_is_given_on_any_turn() -> None:
    assert status(tools().answer("get", {"order_id": "A1"}, turn=2)) == "open"


def test_a_read_of_another_thing_stays_true() -> None:
    known = tools()
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    answer = known.answer("get", {"order_id": "A2"}, turn=1)
    assert (status(answer), answer.served.rung) == ("open", 1)


def test_without_a_later_read_a_changed_thing_is_refused_and_the_write_is_named() -> None:
    short = talk(*SHOP.items[:5])
    known = tools(short)
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    answer = known.answer("get", {"order_id": "A1"}, turn=1)
    assert answer.provenance == "refused"
    assert "recorded before cancel(order_id='A1'), which may have changed it" in (
        answer.served.miss or ""
    )


def test_what_belongs_to_a_changed_thing_may_have_changed() -> None:
    owned = talk(
        user("a"),
        call("get", {"order_id": "A1"}, order("A1", "open")),
        call("list", {"customer_id": "C7"}, [{"id": "A1", "status": "open"}]),
        call("list", {"customer_id": "C8"}, [{"order_id": "A9", "status": "open"}]),
        call("cancel", {"order_id": "A1"}, {"ok": True}),
        agent("x"),
    )
    known = tools(owned)
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    assert known.answer("list", {"customer_id": "C7"}, turn=1).provenance == "refused"
    assert known.answer("list", {"customer_id": "C8"}, turn=1).provenance == "recorded"


def test_a_read_that_names_nothing_of_the_kind_that_was_written_may_have_changed() -> None:
    counted = talk(
        user("a"),
        call("get", {"customer_id": "C7"}, {"customer_id": "C7", "open_orders": 2}),
        call("cancel", {"order_id": "A1"}, {"ok": True}),
        agent("x"),
    )
    known = tools(counted)
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    assert known.answer("get", {"customer_id": "C7"}, turn=1).provenance == "refused"


def test_a_read_of_everything_may_have_changed_unless_it_is_declared_constant() -> None:
    everything = talk(
        user("a"),
        call("list", {}, [{"id": "A9"}]),
        call("cancel", {"order_id": "A1"}, {"ok": True}),
        agent("x"),
    )
    known = tools(everything)
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    assert known.answer("list", {}, turn=1).provenance == "refused"
    sure = tools(everything, rules=[ToolRules(tool="list", constant=True)])
    sure.answer("cancel", {"order_id": "A1"}, turn=1)
    assert sure.answer("list", {}, turn=1).provenance == "recorded"


def test_a_declared_write_makes_recorded_reads_untrue_too() -> None:
    before = talk(*SHOP.items[:3], agent("x"))
    done = DeclaredResult(tool="cancel", arguments={"order_id": "A1"}, result={"ok": True})
    known = tools(before, declared=[done])
    assert known.answer("cancel", {"order_id": "A1"}, turn=1).provenance == "declared"
    assert known.answer("get", {"order_id": "A1"}, turn=1).provenance == "refused"
    assert known.answer("get", {"order_id": "A2"}, turn=1).provenance == "recorded"


def test_a_call_of_unknown_effect_counts_as_a_write_where_its_result_shows_a_change() -> None:
    seen = talk(
        user("a"),
        call("get", {"order_id": "A1"}, order("A1", "open")),
        call("cancel", {"order_id": "A1"}, order("A1", "cancelled")),
        agent("x"),
    )
    known = RecordedTools(seen)
    known.answer("cancel", {"order_id": "A1"}, turn=1)
    answer = known.answer("get", {"order_id": "A1"}, turn=1)
    assert answer.provenance == "refused"
    assert "which shows it changed" in (answer.served.miss or "")


def test_a_part_of_another_thing_is_not_this_thing_changed() -> None:
    parts = talk(
        user("a"),
        call("get", {"order_id": "A1"}, {"order_id": "A1", "paid": [{"card_id": "c9", "sum": 5}]}),
        call("pay", {"order_id": "A2", "card_id": "c9"},
             {"order_id": "A2", "paid": [{"card_id": "c9", "sum": 8}]}),
        agent("x"),
    )  # fmt: skip
    known = RecordedTools(parts)
    known.answer("pay", {"order_id": "A2", "card_id": "c9"}, turn=1)
    assert known.answer("get", {"order_id": "A1"}, turn=1).provenance == "recorded"


def test_reads_of_unknown_effect_leave_each_other_true_in_any_order() -> None:
    known = RecordedTools(talk(*SHOP.items[:3], agent("x")))
    assert known.answer("get", {"order_id": "A2"}, turn=1).provenance == "recorded"
    assert known.answer("get", {"order_id": "A1"}, turn=1).provenance == "recorded"


def test_a_write_that_shows_a_state_is_not_served_after_a_later_one() -> None:
    writes = talk(
        user("a"),
        call("cancel", {"order_id": "A1", "line": 1}, order("A1", "open")),
        call("cancel", {"order_id": "A1", "line": 2}, order("A1", "cancelled", lines=0)),
        agent("x"),
    )
    known = tools(writes)
    assert known.answer("cancel", {"order_id": "A1", "line": 2}, turn=1).provenance == "recorded"
    assert known.answer("cancel", {"order_id": "A1", "line": 1}, turn=1).provenance == "refused"
