"""Answers held to a JSON schema, in the end as the reference implementation holds them."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reenact.llm.shapes import Misshapen, is_strict, misfit, read_shaped

POINT = {
    "type": "object",
    "properties": {"x": {"type": "number"}, "tags": {"type": "array", "items": {"enum": ["a"]}}},
    "required": ["x"],
}


@pytest.mark.parametrize(
    "text",
    [
        '{"x": 1}',
        '\n {"x": 1}\n',
        '```json\n{"x": 1}\n```',
        'Here it is:\n```\n{"x": 1}\n```\nAnything else?',
        '<think>x could be {"x": 2}</think>\n{"x": 1}',
    ],
)
def test_json_is_found_where_models_put_it(text: str) -> None:
    assert read_shaped(text, POINT) == {"x": 1}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "it is empty"),
        ("x is 1", "it is no JSON"),
        ('{"x": 1', "it is no JSON"),
        ("[" * 100_000, "no JSON that can be read"),
        ("[]", "the answer is array, not object"),
        ("{}", "the answer lacks `x`"),
        ('{"x": "1"}', "`x` is string, not number"),
        ('{"x": true}', "`x` is boolean, not number"),
        ('{"x": 1, "tags": ["a", "b"]}', '`tags.1` is "b", not one of "a"'),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(text: str, part: str) -> None:
    with pytest.raises(Misshapen) as error:
        read_shaped(text, POINT)
    assert part in str(error.value)


def test_a_schema_may_refer_to_itself() -> None:
    tree = {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
                "additionalProperties": False,
            }
        },
        "$ref": "#/$defs/node",
    }
    assert misfit({"next": {"next": None}}, tree) is None
    assert misfit({"next": {"later": None}}, tree)


def test_only_what_names_everything_is_strict() -> None:
    inner = {"type": "object", "properties": {}, "additionalProperties": False}
    strict = {**inner, "properties": {"a": inner}, "required": ["a"]}
    assert is_strict(strict)
    assert not is_strict({**strict, "required": []})
    assert not is_strict({**strict, "properties": {"a": {"type": "object"}}})


scalars = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "", "a", "ab"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)
kinds = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
simple = st.fixed_dictionaries(
    {},
    optional={
        "type": kinds | st.lists(kinds, min_size=1, max_size=2, unique=True),
        "enum": st.lists(scalars, min_size=1, max_size=3),
        "minimum": st.integers(-2, 2),
        "exclusiveMaximum": st.integers(-2, 2),
        "minLength": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
    },
)
schemas = st.recursive(
    simple,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": kinds,
            "properties": st.dictionaries(st.sampled_from("ab"), inner),
            "required": st.lists(st.sampled_from("ab"), unique=True),
            "additionalProperties": st.booleans() | inner,
            "items": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
        },
    ),
    max_leaves=6,
)


@given(data=values, schema=schemas)
def test_values_fit_as_the_reference_says(data: Any, schema: dict[str, Any]) -> None:
    fits = jsonschema.Draft202012Validator(schema).is_valid(data)
    assert (misfit(data, schema) is None) == fits
