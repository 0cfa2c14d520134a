"""JSON that travels inside strings."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from reenact.capture.values import safe_number, safe_text

_decode = msgspec.json.Decoder().decode
MAX_DEPTH = 64
"""Deepest nesting of lists and objects that is parsed; deeper data cannot be written back."""

_CUT = ("Input data was truncated", "truncated")


def parse(text: str) -> Any:
    """Return the data of a JSON text; the result can be written as strict JSON again.

    Raises:
        ValueError: where `text` is not JSON (NaN and Infinity are not).
    """
    data = _parse(text)
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(data, MAX_DEPTH):
        raise ValueError("nested too deep")
    return data


def parsed(value: Any, default: Any = None) -> Any:
    """Return `value` with a string parsed as JSON; `default` where it does not parse."""
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return parse(value)
    except ValueError:
        return default


def content(value: Any) -> Any:
    """Return a tool's answer: parsed where it is JSON (also JSON inside JSON), else its text."""
    if not isinstance(value, str):
        return value
    found = parsed(value, value)
    if isinstance(found, str) and found is not value and found[:1] in ("{", "["):
        return parsed(found, found)
    return found


def looks_cut(value: Any) -> bool:
    """Tell whether a text begins as a JSON object or array and ends before it is closed."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return False
    try:
        parse(value)
    except ValueError:
        return value.rstrip()[-1:] not in ("}", "]")
    return False


def _parse(text: str) -> Any:
    try:
        return _decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        if "\\u" not in text:
            raise ValueError("not JSON") from None
    try:
        return _safe(json.loads(text, parse_constant=_refuse))
    except RecursionError:
        raise ValueError("nested too deep") from None


def _is_deeper(data: Any, levels: int) -> bool:
    if not isinstance(data, (list, dict)):
        return False
    inside = data.values() if isinstance(data, dict) else data
    return levels == 0 or any(_is_deeper(value, levels - 1) for value in inside)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _safe(data: Any) -> Any:
    if isinstance(data, str):
        return safe_text(data)
    if isinstance(data, list):
        return [_safe(value) for value in data]
    if isinstance(data, dict):
        return {safe_text(key): _safe(value) for key, value in data.items()}
    return data if isinstance(data, bool) or data is None else safe_number(data)
