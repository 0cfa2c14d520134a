"""Answers in a shape: JSON read out of what a model wrote, and held to a JSON schema.

Checked are `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`,
the lengths and bounds, `anyOf`, `oneOf`, `allOf`, and `$ref` within the schema. Other keywords
(`pattern`, `format`, ...) tell the model something but are not checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```[ \t]*\w*[ \t]*\n(.*?)```", re.DOTALL)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_Holds = Callable[[Any, Any], bool]
_SIZES: tuple[tuple[str, tuple[type, ...], _Holds, str], ...] = (
    ("minimum", (int, float), lambda value, bound: value >= bound, "below"),
    ("maximum", (int, float), lambda value, bound: value <= bound, "above"),
    ("exclusiveMinimum", (int, float), lambda value, bound: value > bound, "not above"),
    ("exclusiveMaximum", (int, float), lambda value, bound: value < bound, "not below"),
    ("minLength", (str,), lambda value, bound: len(value) >= bound, "shorter than"),
    ("maxLength", (str,), lambda value, bound: len(value) <= bound, "longer than"),
    ("minItems", (list,), lambda value, bound: len(value) >= bound, "shorter than"),
    ("maxItems", (list,), lambda value, bound: len(value) <= bound, "longer than"),
)


class Misshapen(ValueError):
    """Raised where an answer is no JSON, or does not fit its schema; says where and how."""


def read_shaped(text: str, shape: Mapping[str, Any]) -> Any:
    """Return the JSON that `text` holds, alone or in a code fence after whatever was thought.

    Raises:
        Misshapen: when there is none, or it does not fit `shape`.
    """
    data = _json_in(text)
    try:
        problem = misfit(data, shape)
    except RecursionError:
        problem = "it is nested too deeply"
    if problem:
        raise Misshapen(problem)
    return data


def misfit(data: Any, shape: Any, *, root: Any = None, at: str = "the answer") -> str | None:
    """Return how `data` does not fit the JSON schema `shape`; None where it does."""
    if shape is False:
        return f"{at} is not allowed"
    if not isinstance(shape, Mapping):
        return None
    root = shape if root is None else root
    if isinstance(reference := shape.get("$ref"), str):
        found = misfit(data, _referred(reference, root), root=root, at=at)
        if found:
            return found
    checks = (_by_value, _by_size, _by_choice, _by_property, _by_item)
    return next((found for check in checks if (found := check(data, shape, root, at))), None)


def is_strict(shape: Any) -> bool:
    """Return True where every object of `shape` requires all it names and allows no more.

    That is what providers want before they promise an answer that fits.
    """
    if isinstance(shape, list):
        return all(map(is_strict, shape))
    if not isinstance(shape, Mapping):
        return True
    named = shape.get("properties")
    if shape.get("type") == "object" or isinstance(named, Mapping):
        required = shape.get("required", ())
        if shape.get("additionalProperties") is not False or set(named or ()) != set(required):
            return False
    return all(map(is_strict, shape.values()))


def _json_in(text: str) -> Any:
    bare = _THOUGHT.sub("", text).strip()
    candidates = [bare, *reversed(_FENCED.findall(bare))]
    problem = "it is empty" if not bare else ""
    for candidate in candidates:
        try:
            return json.loads(candidate)
        except json.JSONDecodeError as error:
            problem = problem or f"it is no JSON ({error})"
        except (ValueError, RecursionError):
            problem = problem or "it is no JSON that can be read"
    raise Misshapen(problem)


def _by_value(data: Any, shape: Mapping[str, Any], root: Any, at: str) -> str | None:
    stated = shape.get("type")
    kinds = [stated] if isinstance(stated, str) else stated or []
    if kinds and not any(_is(data, kind) for kind in kinds):
        return f"{at} is {_kind(data)}, not {' or '.join(kinds)}"
    allowed = shape["enum"] if "enum" in shape else [shape["const"]] if "const" in shape else None
    if allowed is not None and not any(_same(data, one) for one in allowed):
        return f"{at} is {_short(data)}, not one of {', '.join(map(_short, allowed))}"
    return None


def _by_size(data: Any, shape: Mapping[str, Any], root: Any, at: str) -> str | None:
    for name, kinds, holds, words in _SIZES:
        bound = shape.get(name)
        if bound is None or isinstance(data, bool) or not isinstance(data, kinds):
            continue
        if not holds(data, bound):
            return f"{at} is {words} {bound}"
    return None


def _by_choice(data: Any, shape: Mapping[str, Any], root: Any, at: str) -> str | None:
    for one in shape.get("allOf", ()):
        if found := misfit(data, one, root=root, at=at):
            return found
    for name in ("anyOf", "oneOf"):
        if name in shape:
            problems = [misfit(data, one, root=root, at=at) for one in shape[name]]
            fits = problems.count(None)
            if not fits:
                return " and ".join(dict.fromkeys(filter(None, problems)))
            if name == "oneOf" and fits > 1:
                return f"{at} fits {fits} shapes where one is allowed"
    return None


def _by_property(data: Any, shape: Mapping[str, Any], root: Any, at: str) -> str | None:
    if not isinstance(data, dict):
        return None
    for name in shape.get("required", ()):
        if name not in data:
            return f"{at} lacks `{name}`"
    named = shape.get("properties", {})
    rest = shape.get("additionalProperties", True)
    for name, value in data.items():
        if name not in named and rest is False:
            return f"{at} holds `{name}`, which the schema does not know"
        inner = named.get(name, rest)
        if found := misfit(value, inner, root=root, at=_within(at, name)):
            return found
    return None


def _by_item(data: Any, shape: Mapping[str, Any], root: Any, at: str) -> str | None:
    if not isinstance(data, list) or "items" not in shape:
        return None
    problems = (
        misfit(value, shape["items"], root=root, at=_within(at, str(place)))
        for place, value in enumerate(data)
    )
    return next(filter(None, problems), None)


def _referred(reference: str, root: Any) -> Any:
    found = root
    for part in _parts(reference):
        if not isinstance(found, Mapping) or part not in found:
            raise ValueError(f"the schema refers to {reference}, which it does not hold")
        found = found[part]
    return found


def _parts(reference: str) -> Iterator[str]:
    if not reference.startswith("#"):
        raise ValueError(f"the schema refers to {reference}, which lies outside of it")
    for part in reference[1:].strip("/").split("/"):
        if part:
            yield part.replace("~1", "/").replace("~0", "~")


def _is(data: Any, kind: str) -> bool:
    if kind == "integer":
        whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        return whole and not isinstance(data, bool)
    if kind == "number" and isinstance(data, bool):
        return False
    return isinstance(data, _TYPES.get(kind, ()))


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _kind(data: Any) -> str:
    return next((kind for kind in ("integer", *_TYPES) if _is(data, kind)), type(data).__name__)


def _short(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "…"


def _within(at: str, name: str) -> str:
    return f"`{name}`" if at == "the answer" else f"{at[:-1]}.{name}`"
