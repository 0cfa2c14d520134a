"""Values as LangGraph's JsonPlusSerializer writes them, read as plain data.

It writes msgpack, in which objects are extension types: a packed tuple of module, class,
content and more. Here the content stands for the object; the names are only looked at where
nothing else says what a thing is, and never imported. Older files hold JSON in which an object
is {"lc": 1, "type": "constructor", "id": [..., class], "kwargs": {...}}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from reenact.capture.importers.json_places import MAX_DEPTH, Unusable
from reenact.capture.values import bytes_text, safe_number, safe_text
from reenact.capture.wire.json_text import parse

_NUMPY, _SNAPSHOT = 6, 7
"""Extension types whose content is not a tuple of module, class and content."""
_OBJECTS = range(6)


def unpacked(kind: Any, content: Any, place: str) -> Any:
    """Return the data of a value that was stored under a type's name.

    Raises:
        Unusable: where it is packed in a way that is not read (pickle, encrypted), or is broken.
    """
    if kind == "null" or content is None:
        return None
    if kind not in ("msgpack", "json") or not isinstance(content, (bytes, str)):
        raise Unusable(_refusal(kind, place))
    try:
        if kind == "msgpack":
            raw = content.encode() if isinstance(content, str) else content
            return _plain(_packed(0)(raw), 0)
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        return _plain(_constructed(parse(text), 0), 0)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        if isinstance(error, Unusable):
            raise Unusable(f"{place}: {error}") from None
        raise Unusable(f"{place} does not read as {kind}: {str(error)[:100]}") from None


def _refusal(kind: Any, place: str) -> str:
    name = str(kind)[:40]
    if kind == "pickle":
        return f"{place} is pickled, which runs code when it is read: it is left unread"
    if "+" in name:
        return f"{place} is encrypted ({name.partition('+')[2]})"
    return f"{place} is of the type {name!r}, not msgpack or json"


def _packed(depth: int) -> Callable[[bytes], Any]:
    """Return what decodes msgpack that lies `depth` extension types deep."""
    if depth > MAX_DEPTH:
        raise Unusable(f"nested deeper than {MAX_DEPTH} objects")

    def opened(code: int, data: memoryview) -> Any:
        found = _packed(depth + 1)(bytes(data))
        if code in _OBJECTS and isinstance(found, list) and len(found) > 2:
            return found[2]
        if code == _SNAPSHOT:
            return found
        if code == _NUMPY and isinstance(found, list) and len(found) > 1:
            return {"dtype": found[0], "shape": found[1]}
        return None

    return msgspec.msgpack.Decoder(ext_hook=opened).decode


def _constructed(data: Any, depth: int) -> Any:
    """Return JSON data with the arguments of each constructor in its place."""
    if depth > MAX_DEPTH:
        raise Unusable(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(data, list):
        return [_constructed(value, depth + 1) for value in data]
    if not isinstance(data, dict):
        return data
    if "lc" not in data or data.get("type") != "constructor":
        return {key: _constructed(value, depth + 1) for key, value in data.items()}
    given = data.get("kwargs")
    if given is None:
        return _constructed(data.get("args"), depth + 1)
    return _constructed(given, depth + 1)


def _plain(data: Any, depth: int) -> Any:
    """Return data that can be written as JSON: keys are texts, bytes are base64."""
    if depth > MAX_DEPTH:
        raise Unusable(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(data, str):
        return safe_text(data)
    if isinstance(data, (list, tuple, set)):
        return [_plain(value, depth + 1) for value in data]
    if isinstance(data, dict):
        return {_key(key): _plain(value, depth + 1) for key, value in data.items()}
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes_text(bytes(data))
    if data is None or isinstance(data, bool):
        return data
    return safe_number(data) if isinstance(data, (int, float)) else str(data)


def _key(key: Any) -> str:
    return safe_text(key) if isinstance(key, str) else str(_plain(key, MAX_DEPTH))
