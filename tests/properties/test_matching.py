from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reenact.matching.arguments import MAX_CHANGES, argument_changes, normalised, same_arguments
from reenact.matching.text import similarity, word_diff

WORDS = st.lists(
    st.sampled_from(["refund", "order", "A-1003", "49.90", " ", "\n", "\t", ".", "ü", "a", "Ⅷ"]),
    max_size=40,
).map("".join)
TEXTS = st.one_of(st.text(max_size=200), WORDS)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False),
    st.text(max_size=12),
    st.sampled_from(["12", "1.10", " 7 ", "2026-11-24T12:00:00Z", "2026-11-24 12:00"]),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(TEXTS, TEXTS)
def test_a_word_diff_holds_both_sides_exactly(a: str, b: str) -> None:
    steps = word_diff(a, b)
    assert "".join(step.baseline for step in steps) == a
    assert "".join(step.replay for step in steps) == b


@given(TEXTS, TEXTS)
def test_the_kind_of_a_step_says_what_it_holds_and_steps_alternate(a: str, b: str) -> None:
    steps = word_diff(a, b)
    for step in steps:
        assert (step.op == "equal") == (step.baseline == step.replay)
        assert (step.op == "insert") == (not step.baseline)
        assert (step.op == "delete") == (not step.replay)
    kinds = [step.op == "equal" for step in steps]
    assert all(one != other for one, other in pairwise(kinds))


@given(TEXTS, TEXTS)
def test_similarity_is_between_0_and_1_symmetric_and_1_for_the_same(a: str, b: str) -> None:
    assert 0.0 <= similarity(a, b) <= 1.0
    assert similarity(a, b) == similarity(b, a)
    assert similarity(a, a) == 1.0


@given(JSON, JSON)
def test_there_are_changes_exactly_where_arguments_differ(a: Any, b: Any) -> None:
    assert (argument_changes(a, b) == ()) == same_arguments(a, b)
    assert argument_changes(a, json.loads(json.dumps(a))) == ()


@given(st.dictionaries(st.text(max_size=4), JSON, min_size=1, max_size=5), st.data())
def test_a_changed_value_is_named_by_its_path(a: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(a)))
    value = data.draw(JSON)
    changes = argument_changes(a, a | {key: value})
    assert (changes == ()) == same_arguments(a[key], value)
    assert all(c.path == key or c.path.startswith(f"{key}.") for c in changes)
    assert len(changes) <= MAX_CHANGES


@given(JSON)
def test_a_normal_form_is_its_own_normal_form(a: Any) -> None:
    assert normalised(json.loads(normalised(a))) == normalised(a)


@given(JSON, JSON)
def test_same_arguments_have_the_same_normal_form(a: Any, b: Any) -> None:
    if same_arguments(a, b):
        assert normalised(a) == normalised(b)
    assert normalised(a) == normalised(json.loads(json.dumps(a)))
