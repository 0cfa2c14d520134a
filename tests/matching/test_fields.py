from __future__ import annotations

import pytest

from reenact.matching.fields import changed, folded, leaves, picked, without

ORDER = {"id": 1, "lines": [{"sku": "a", "at": 1}, {"sku": "b", "at": 2}], "by": {"at": 3}}


def test_fields_are_left_out_at_any_depth_and_through_lists() -> None:
    assert without(ORDER, ["lines.at", "by.at"]) == {
        "id": 1,
        "lines": [{"sku": "a"}, {"sku": "b"}],
        "by": {},
    }
    assert ORDER["by"] == {"at": 3}


def test_a_field_is_changed_where_it_is_there() -> None:
    assert changed(ORDER, "lines.sku", str.upper)["lines"][1]["sku"] == "B"  # type: ignore[arg-type]
    assert changed(ORDER, "no.such", str.upper) == ORDER
    assert changed("x", "*", str.upper) == "X"


def test_fields_are_picked_whole_or_not_at_all() -> None:
    assert picked(ORDER, ["id", "by.at"]) == [1, 3]
    assert picked(ORDER, ["id", "name"]) is None
    assert picked(ORDER, []) == []


@pytest.mark.parametrize("key", ["orderId", "OrderID", "order_id", "order-id", "Order Id"])
def test_a_key_has_one_spelling(key: str) -> None:
    assert folded(key) == "order_id"


def test_every_scalar_and_empty_container_is_a_leaf() -> None:
    assert dict(leaves({"a": [1, {"b": None}], "c": []})) == {"a.0": 1, "a.1.b": None, "c": []}
