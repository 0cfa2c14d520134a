from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reenact.tools.served.shapes import Shape

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
ARGUMENTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)


@settings(deadline=None)
@given(st.lists(ARGUMENTS, min_size=1, max_size=4))
def test_every_recorded_call_meets_the_schema_that_was_mined_from_it(calls: list[Any]) -> None:
    shape = Shape()
    for arguments in calls:
        shape.add(arguments)
    schema = shape.schema()
    Draft202012Validator.check_schema(schema)
    for arguments in calls:
        assert Draft202012Validator(schema).is_valid(arguments)


def test_a_schema_says_nothing_below_its_depth_and_allows_what_is_there() -> None:
    deep: Any = "end"
    for _ in range(50):
        deep = {"in": [deep]}
    shape = Shape()
    shape.add(deep)
    assert Draft202012Validator(shape.schema()).is_valid(deep)
    assert len(str(shape.schema())) < 1000
