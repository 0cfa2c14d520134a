"""OTLP's typed values as some APIs write them in JSON: with the field names of its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.limits import BadSpan
from reenact.capture.values import safe_number

MAX_DEPTH = 64


def attributes_of_pairs(pairs: Any) -> dict[str, Any]:
    """Return a list of key-value pairs as a dict; a dict is returned as it is."""
    if isinstance(pairs, dict):
        return pairs
    if not isinstance(pairs, list):
        return {}
    return {
        pair["key"]: value_of(pair.get("value"))
        for pair in pairs
        if isinstance(pair, dict) and isinstance(pair.get("key"), str)
    }


def value_of(value: Any, depth: int = 0) -> Any:
    """Return the plain value of one typed value; None where it holds none.

    Raises:
        BadSpan: where it is nested too deep, or holds no number where it says so.
    """
    if not isinstance(value, dict):
        return None
    if depth > MAX_DEPTH:
        raise BadSpan(f"an attribute is nested deeper than {MAX_DEPTH} levels")
    found = {key.replace("_", "").lower(): inner for key, inner in value.items()}
    for kind in ("stringvalue", "boolvalue", "bytesvalue"):
        if found.get(kind) is not None:
            return found[kind]
    if found.get("intvalue") is not None:
        return safe_number(_number(found["intvalue"]))
    if found.get("doublevalue") is not None:
        return safe_number(_number(found["doublevalue"]))
    return _nested(found, depth)


def _nested(found: Mapping[str, Any], depth: int) -> Any:
    for kind in ("arrayvalue", "kvlistvalue"):
        inner = found.get(kind)
        if not isinstance(inner, dict):
            continue
        values = inner.get("values") or []
        if kind == "arrayvalue":
            return [value_of(one, depth + 1) for one in values]
        return {
            pair["key"]: value_of(pair.get("value"), depth + 1)
            for pair in values
            if isinstance(pair, dict) and isinstance(pair.get("key"), str)
        }
    return None


def _number(found: Any) -> float:
    if isinstance(found, (int, float)):
        return found
    try:
        return int(found[:40]) if found.lstrip("-").isdigit() else float(found[:40])
    except (AttributeError, ValueError, OverflowError):
        raise BadSpan(f"{str(found)[:40]!r} is not a number") from None
