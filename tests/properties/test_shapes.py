from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reenact.matching.shapes import fits, schema_of

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "id", "A1", "B2"]), inner, max_size=3),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(JSON, min_size=1, max_size=4))
def test_every_example_fits_the_schema_that_is_made_of_it(examples: list[Any]) -> None:
    schema = schema_of(examples)
    for example in examples:
        assert fits(example, schema)
        assert Draft202012Validator(schema).is_valid(example)


@settings(deadline=None)
@given(st.lists(JSON, min_size=1, max_size=3), JSON)
def test_what_fits_is_what_json_schema_says_fits(examples: list[Any], value: Any) -> None:
    schema = schema_of(examples)
    known = Draft202012Validator(schema).is_valid(value)
    assert fits(value, schema) <= known  # JSON Schema takes 1.0 for an integer, and any map key
