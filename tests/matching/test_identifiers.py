from __future__ import annotations

from typing import Any

import pytest

from reenact.matching.identifiers import is_free_text, kinds_in, looks_like_a_name, names_in


@pytest.mark.parametrize(
    "value", ["A-1001", "#W4923227", "HAT028", "ana_li_3668", "ana@shop.eu", "9083642334"]
)
def test_a_word_with_a_digit_or_an_address_looks_like_a_name(value: str) -> None:
    assert looks_like_a_name(value)


@pytest.mark.parametrize(
    "value", ["economy", "2024-05-20", "10:30", "2024-05-20T10:00:00Z", "49.90", "$255", "5", 1001]
)
def test_words_dates_times_and_amounts_do_not(value: Any) -> None:
    assert not looks_like_a_name(value)


def test_names_are_found_by_key_and_by_look_at_any_depth_also_as_keys() -> None:
    data = {
        "order_id": 7,
        "status": "open",
        "date": "2024-05-20",
        "cards": {"card_99": {"last": 4}},
        "items": [{"sku": "KETTLE"}, {"ref": "x9"}],
    }
    assert names_in(data) == {"7", "card_99", "kettle", "x9"}


def test_the_kind_of_a_thing_is_its_key_and_a_list_holds_things_of_one_kind() -> None:
    assert kinds_in({"orderId": "A1", "item_ids": ["i1"], "note": "A1"}) == {
        "order_id",
        "item_id",
        "note",
    } - ({"note"} if not looks_like_a_name("A1") else set())


def test_free_text_has_three_words() -> None:
    assert is_free_text("where is it")
    assert not is_free_text("New York")
    assert not is_free_text("152 + 103")
