from __future__ import annotations

from reenact.matching.shapes import fits, schema_of


def test_a_key_that_all_have_is_needed_and_one_that_none_has_does_not_fit() -> None:
    schema = schema_of([{"id": 1, "note": "x"}, {"id": 2}])
    assert fits({"id": 3}, schema)
    assert not fits({"note": "x"}, schema)
    assert not fits({"id": 3, "other": 1}, schema)
    assert not fits({"id": "3"}, schema)


def test_an_object_whose_keys_are_ids_is_a_map() -> None:
    schema = schema_of([{"card_1111": {"last": 4}}, {}])
    assert fits({"card_2222": {"last": 5}, "card_3333": {"last": 6}}, schema)
    assert not fits({"card_2222": {"first": 5}}, schema)


def test_only_the_empty_list_fits_where_no_element_was_seen() -> None:
    assert fits([], schema_of([[]]))
    assert not fits([1], schema_of([[]]))
