from __future__ import annotations

from typing import Any

import pytest

from reenact.domain.comparison import ArgumentChange
from reenact.domain.conversation import ToolCall
from reenact.matching.arguments import (
    MAX_CHANGES,
    MAX_DEPTH,
    argument_changes,
    nearest,
    normalised,
    same_arguments,
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"amount": 12}, {"amount": 12.0}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"items": [{"n": 1.0}]}, {"items": [{"n": 1}]}),
        (None, None),
        ("bare", "bare"),
    ],
)
def test_arguments_that_are_the_same_json_are_the_same(a: Any, b: Any) -> None:
    assert same_arguments(a, b)
    assert argument_changes(a, b) == ()
    assert normalised(a) == normalised(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"on": True}, {"on": 1}),
        ({"on": False}, {"on": 0}),
        ({"id": "12"}, {"id": 12}),
        ({"id": "A"}, {"id": "a"}),
        ({"note": None}, {}),
        ({"ids": [1, 2]}, {"ids": [2, 1]}),
        (None, {}),
    ],
)
def test_arguments_that_are_other_json_are_not_the_same(a: Any, b: Any) -> None:
    assert not same_arguments(a, b)
    assert argument_changes(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"id": "12"}, {"id": 12}),
        ({"amount": "49.9"}, {"amount": 49.9}),
        ({"amount": " 12 "}, {"amount": 12.0}),
        ({"name": "  Ana   Diaz\n"}, {"name": "Ana Diaz"}),
        ({"note": None, "id": 1}, {"id": 1}),
        ({"deep": {"note": None}}, {"deep": {}}),
        ({"at": "2026-11-24T12:00:00Z"}, {"at": "2026-11-24T13:00:00+01:00"}),
        ({"at": "2026-11-24 12:00:00.000"}, {"at": "2026-11-24T12:00"}),
        ({"at": "2026-11-24T12:00:00+0100"}, {"at": "2026-11-24T11:00:00.000Z"}),
        ({"n": 1e20}, {"n": 10**20}),
    ],
)
def test_arguments_that_mean_the_same_have_one_normal_form(a: Any, b: Any) -> None:
    assert normalised(a) == normalised(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"id": "A-1001"}, {"id": "a-1001"}),
        ({"zip": "02134"}, {"zip": "2134"}),
        ({"version": "1.10"}, {"version": "1.1"}),
        ({"id": "1e3"}, {"id": 1000}),
        ({"on": True}, {"on": 1}),
        ({"on": "true"}, {"on": True}),
        ({"ids": [None, 1]}, {"ids": [1]}),
        ({"ids": [1, 2]}, {"ids": [2, 1]}),
        ({"day": "2026-11-24"}, {"day": "2026-11-24T00:00:00"}),
        ({"at": "2026-11-24T12:00:00Z"}, {"at": "2026-11-24T12:00:00"}),
        ({"at": "2026-11-24T12:00:00.0000001Z"}, {"at": "2026-11-24T12:00:00.0000002Z"}),
        ({"at": "2026-06-31T12:00:00Z"}, {"at": "2026-07-01T12:00:00Z"}),
        ({"name": "AnaDiaz"}, {"name": "Ana Diaz"}),
        ({"text": ""}, {}),
        (None, {}),
    ],
)
def test_what_a_tool_may_tell_apart_keeps_its_own_normal_form(a: Any, b: Any) -> None:
    assert normalised(a) != normalised(b)


def test_a_timestamp_at_the_edge_of_the_calendar_is_left_as_it_is() -> None:
    assert "0001-01-01T00:00:00+14:00" in normalised({"at": "0001-01-01T00:00:00+14:00"})


def test_normalisers_of_a_tool_are_applied_first_and_in_order() -> None:
    def without_trace(arguments: Any) -> Any:
        return {key: value for key, value in arguments.items() if key != "trace"}

    def lower_email(arguments: Any) -> Any:
        return arguments | {"email": arguments["email"].lower()}

    rules = (without_trace, lower_email)
    a = {"email": "Ana@Example.com", "trace": "1"}
    assert normalised(a, rules) == normalised({"email": "ana@example.com"}, rules)
    assert normalised(a) != normalised({"email": "ana@example.com"})


def test_changes_name_dotted_paths_in_the_order_of_the_baseline() -> None:
    before = {"order": {"id": "A-1", "items": [{"sku": 1, "n": 1}]}, "fast": True, "gone": 0}
    after = {"order": {"id": "A-2", "items": [{"sku": 1, "n": 2}, {"sku": 9}]}, "fast": 1, "new": 3}
    assert argument_changes(before, after) == (
        ArgumentChange(path="order.id", op="changed", baseline="A-1", replay="A-2"),
        ArgumentChange(path="order.items.0.n", op="changed", baseline=1, replay=2),
        ArgumentChange(path="order.items.1", op="added", replay={"sku": 9}),
        ArgumentChange(path="fast", op="changed", baseline=True, replay=1),
        ArgumentChange(path="gone", op="removed", baseline=0),
        ArgumentChange(path="new", op="added", replay=3),
    )


def test_a_change_of_the_whole_has_an_empty_path() -> None:
    assert argument_changes({"a": 1}, "a=1") == (
        ArgumentChange(path="", op="changed", baseline={"a": 1}, replay="a=1"),
    )


def test_a_list_that_got_shorter_names_the_places_that_went() -> None:
    (change,) = argument_changes({"ids": [1, 2]}, {"ids": [1]})
    assert (change.path, change.op, change.baseline) == ("ids.1", "removed", 2)


def test_changes_are_bounded_in_number() -> None:
    assert len(argument_changes({"n": list(range(5000))}, {"n": []})) == MAX_CHANGES


def test_changes_below_the_depth_bound_are_one_change_of_the_branch() -> None:
    def nest(value: Any, levels: int) -> Any:
        for _ in range(levels):
            value = {"in": value}
        return value

    (change,) = argument_changes(nest({"x": 1}, MAX_DEPTH + 5), nest({"x": 2}, MAX_DEPTH + 5))
    assert change.path.count("in") == MAX_DEPTH
    assert change.op == "changed"


def call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name=name, arguments=arguments)


def test_the_nearest_call_is_of_the_same_tool_with_the_fewest_differences() -> None:
    asked = call("find", id="A-1002", fast=True)
    found = nearest(
        asked,
        [
            call("other", id="A-1002", fast=True),
            call("find", id="B-7", fast=False),
            call("find", id="A-1001", fast=True),
        ],
    )
    assert found is not None
    assert found.index == 2
    assert found.changes == (
        ArgumentChange(path="id", op="changed", baseline="A-1001", replay="A-1002"),
    )


def test_of_calls_that_differ_in_one_value_the_more_alike_one_is_nearer() -> None:
    found = nearest(call("find", id="A-1002"), [call("find", id="ZZ"), call("find", id="A-1001")])
    assert found is not None
    assert found.index == 1


def test_the_first_of_equally_near_calls_is_taken_and_none_of_none() -> None:
    same = call("find", id=1)
    found = nearest(same, [same, same])
    assert found is not None
    assert (found.index, found.changes) == (0, ())
    assert nearest(same, []) is None
