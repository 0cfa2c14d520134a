"""Rungs 2 and 3: what a tool's rules make the same, in code and in data."""

from __future__ import annotations

from typing import Any

import pytest

from reenact.domain.tool_rules import ToolRules, effect_of_hints, merged
from reenact.tools.recorded import RecordedTools
from support.talks import agent, call, talk, user

FOUND = talk(
    user("find me"),
    call("find", {"email": "Ana@shop.eu", "request_id": "r-1", "phone": "+31 6 12"}, {"id": 7}),
    agent("found"),
)


def tools(*rules: ToolRules, **more: Any) -> RecordedTools:
    return RecordedTools(FOUND, rules=rules, **more)


def test_a_volatile_field_does_not_matter_on_rung_two() -> None:
    asked = {"email": "Ana@shop.eu", "request_id": "r-99", "phone": "+31 6 12"}
    plain = tools().answer("find", asked, turn=1)
    assert plain.provenance == "refused"
    assert "request_id: recorded 'r-1', asked 'r-99'" in (plain.served.miss or "")
    known = tools(ToolRules(tool="find", volatile=("request_id",)))
    answer = known.answer("find", asked, turn=1)
    assert (answer.result, answer.served.rung) == ({"id": 7}, 2)


def test_a_volatile_field_that_only_the_live_call_has_does_not_matter_either() -> None:
    sent = {"email": "Ana@shop.eu", "request_id": "r-1", "phone": "+31 6 12", "sent_at": "now"}
    answer = tools(ToolRules(tool="find", learnt=("sent_at",))).answer("find", sent, turn=1)
    assert answer.served.rung == 2


def test_declared_normalisers_hold_for_their_field_only() -> None:
    rules = ToolRules(tool="find", normalise={"email": ("letter_case",), "phone": ("digits",)})
    asked = {"email": "ana@SHOP.eu", "request_id": "r-1", "phone": "31-612"}
    assert tools(rules).answer("find", asked, turn=1).served.rung == 2
    other = {"email": "ana@SHOP.eu", "request_id": "R-1", "phone": "31-612"}
    assert tools(rules).answer("find", other, turn=1).provenance == "refused"


def test_keys_in_another_style_and_lists_in_another_order_can_be_declared_the_same() -> None:
    recorded = talk(user("a"), call("tag", {"order_id": 1, "tags": ["b", "a"]}, "ok"), agent("x"))
    rules = ToolRules(tool="tag", normalise={"*": ("key_style",), "tags": ("list_order",)})
    answering = RecordedTools(recorded, rules=[rules])
    answer = answering.answer("tag", {"orderId": 1, "tags": ["a", "b"]}, turn=1)
    assert answer.served.rung == 2


def test_a_normaliser_in_code_is_applied_and_one_that_fails_is_told() -> None:
    def without_plus(arguments: Any) -> Any:
        return {**arguments, "phone": arguments["phone"].removeprefix("+")}

    asked = {"email": "Ana@shop.eu", "request_id": "r-1", "phone": "31 6 12"}
    known = tools(normalisers={"find": without_plus})
    assert known.answer("find", asked, turn=1).served.rung == 2
    broken = tools(normalisers={"find": lambda arguments: arguments["no such field"]})
    missed = broken.answer("find", asked, turn=1)
    assert missed.provenance == "refused"
    assert "the normaliser of find failed: KeyError: 'no such field'" in (missed.served.miss or "")
    assert broken.answer("find", FOUND.tool_calls[0].arguments, turn=1).served.rung == 1


def test_calls_with_the_same_key_fields_are_the_same_on_rung_three() -> None:
    rules = ToolRules(tool="find", key_fields=("email",))
    answer = tools(rules).answer("find", {"email": "Ana@shop.eu", "verbose": True}, turn=1)
    assert (answer.result, answer.served.rung) == ({"id": 7}, 3)
    assert tools(rules).answer("find", {"email": "bob@shop.eu"}, turn=1).provenance == "refused"


def test_a_call_without_its_key_field_is_not_the_same() -> None:
    bare = talk(user("a"), call("find", {"limit": 1}, "all"), agent("x"))
    known = RecordedTools(bare, rules=[ToolRules(tool="find", key_fields=("email",))])
    assert known.answer("find", {"limit": 2}, turn=1).provenance == "refused"


def test_no_key_fields_make_all_calls_of_a_tool_the_same() -> None:
    thinking = talk(user("a"), call("think", {"thought": "hm"}, ""), agent("x"))
    known = RecordedTools(thinking, rules=[ToolRules(tool="think", key_fields=())])
    assert known.answer("think", {"thought": "something else"}, turn=1).served.rung == 3


def test_a_write_is_served_on_rung_three_once_per_recorded_call() -> None:
    refund = talk(user("a"), call("refund", {"order": "A1", "why": "late"}, "ok"), agent("x"))
    known = RecordedTools(
        refund, rules=[ToolRules(tool="refund", effect="write", key_fields=("order",))]
    )
    assert known.answer("refund", {"order": "A1", "why": "broken"}, turn=1).served.rung == 3
    assert known.answer("refund", {"order": "A1", "why": "broken"}, turn=1).provenance == "refused"


@pytest.mark.parametrize(
    ("max_rung", "served"), [(1, None), (2, 2), (3, 2)], ids=["exact", "two", "three"]
)
def test_no_rung_above_the_highest_allowed_one_answers(max_rung: int, served: int | None) -> None:
    asked = {"phone": "+31  6 12", "email": "Ana@shop.eu", "request_id": "r-1"}
    answer = tools(max_rung=max_rung).answer("find", asked, turn=1)
    assert answer.served.rung == served


def test_declared_results_are_found_by_the_same_rules() -> None:
    from reenact.domain.scenario import DeclaredResult

    rules = ToolRules(tool="find", key_fields=("email",))
    declared = DeclaredResult(tool="find", arguments={"email": "bob@shop.eu"}, result={"id": 8})
    known = tools(rules, declared=[declared])
    answer = known.answer("find", {"email": "bob@shop.eu", "verbose": True}, turn=1)
    assert (answer.provenance, answer.result, answer.served.rung) == ("declared", {"id": 8}, 3)


def test_later_rules_go_before_earlier_ones_and_lists_add_up() -> None:
    first = ToolRules(tool="t", effect="write", key_fields=("a",), volatile=("x",))
    later = ToolRules(tool="t", effect="read", volatile=("y",))
    (both,) = merged([first, later]).values()
    assert (both.effect, both.key_fields, both.volatile) == ("read", ("a",), ("x", "y"))


@pytest.mark.parametrize(
    ("hints", "effect"),
    [
        ({"readOnlyHint": True}, "read"),
        ({"readOnlyHint": False}, "write"),
        ({"destructiveHint": True}, "write"),
        ({"readOnlyHint": True, "destructiveHint": True}, "write"),
        ({"destructiveHint": False}, "unknown"),
        ({"title": "Look up"}, "unknown"),
    ],
)
def test_hints_of_an_mcp_server_state_an_effect(hints: dict[str, Any], effect: str) -> None:
    assert effect_of_hints(hints) == effect
