"""The parts of OTLP/JSON that all signals share: values, resources, ids, numbers.

Ids are hex, 64-bit integers may be strings, enums numbers or names.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from reenact.capture.limits import TRUNCATED, BadSpan, Limits
from reenact.capture.values import safe_number, safe_text
from reenact.errors import DecodeError

T = TypeVar("T")
_HEX = frozenset("0123456789abcdef")


class Wire(msgspec.Struct, rename="camel"):
    """A message of OTLP/JSON; unknown fields are ignored, as the specification asks."""


class WireValues(Wire):
    """The values of an array."""

    values: list[WireValue] = msgspec.field(default_factory=list)


class WirePairs(Wire):
    """The pairs of a map."""

    values: list[WirePair] = msgspec.field(default_factory=list)


class WireValue(Wire):
    """One value: the field of its kind is set."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    array_value: WireValues | None = None
    kvlist_value: WirePairs | None = None
    bytes_value: str | None = None


class WirePair(Wire):
    """A key with its value."""

    key: str = ""
    value: WireValue | None = None


class WireScope(Wire):
    """The library that made a span or log record."""

    name: str | None = ""
    version: str | None = ""


class WireResource(Wire):
    """What made them: a service, with its attributes."""

    attributes: list[WirePair] = msgspec.field(default_factory=list)


def parsed(decoder: msgspec.json.Decoder[T], body: bytes, *, signal: str, where: str) -> T:
    """Return what `body` holds; raises DecodeError where it does not parse."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        first = error
    try:
        # JavaScript writes lone surrogates and, with some encoders, NaN: not JSON to a strict
        # reader, but no reason to lose the rest of the body.
        return decoder.decode(_strict(body))
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise DecodeError(
            f"not an OTLP/JSON request of {signal}, {len(body):,} bytes: {first}",
            where=where,
            next_step=f"check that the whole body was sent, to a path for {signal}",
        ) from None


def _strict(body: bytes) -> bytes:
    data = json.loads(body, parse_constant=lambda name: name)
    return msgspec.json.encode(_safe(data))


def _safe(data: Any) -> Any:
    if isinstance(data, str):
        return safe_text(data)
    if isinstance(data, list):
        return [_safe(value) for value in data]
    if isinstance(data, dict):
        return {safe_text(key): _safe(value) for key, value in data.items()}
    return safe_number(data) if isinstance(data, (int, float)) and data is not True else data


class Values:
    """Turns attribute values into plain ones, within limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def resource(self, resource: WireResource | None, where: str) -> dict[str, Any]:
        """Return a resource's attributes; raises DecodeError where one of them has no value."""
        try:
            return self.attributes(resource.attributes) if resource else {}
        except BadSpan as why:
            raise DecodeError(f"resource: {why}", where=where) from None

    def attributes(self, pairs: list[WirePair]) -> dict[str, Any]:
        """Return key-value pairs as a dict; `TRUNCATED` lists those that were cut."""
        cut: list[str] = []
        if len(pairs) > self.limits.span_attributes:
            cut.append(f"{len(pairs) - self.limits.span_attributes} more attributes")
            pairs = pairs[: self.limits.span_attributes]
        found = {pair.key: self.value(pair.value, pair.key, cut, 1) for pair in pairs}
        if cut:
            found[TRUNCATED] = cut
        return found

    def value(self, value: WireValue | None, key: str, cut: list[str], depth: int) -> Any:
        """Return one value; `key` goes into `cut` where some of it was cut."""
        if value is None:
            return None
        text = value.string_value if value.string_value is not None else value.bytes_value
        if text is not None:
            if len(text) > self.limits.attribute_chars:
                cut.append(key)
            return text[: self.limits.attribute_chars]
        if value.bool_value is not None:
            return value.bool_value
        if value.int_value is not None:
            return safe_number(integer(value.int_value))
        if value.double_value is not None:
            return _double(value.double_value)
        return self._nested(value, key, cut, depth)

    def _nested(self, value: WireValue, key: str, cut: list[str], depth: int) -> Any:
        if value.array_value is None and value.kvlist_value is None:
            return None
        if depth >= self.limits.attribute_depth:
            cut.append(key)
            return None
        if value.array_value is not None:
            return [self.value(v, key, cut, depth + 1) for v in value.array_value.values]
        pairs = value.kvlist_value.values if value.kvlist_value else []
        return {pair.key: self.value(pair.value, key, cut, depth + 1) for pair in pairs}


def hex_id(text: str, length: int, noun: str) -> str:
    """Return an id of `length` hex digits; raises BadSpan where it is none."""
    lower = text.lower()
    if len(lower) != length or not _HEX.issuperset(lower) or not lower.strip("0"):
        raise BadSpan(f"{noun} {text[:40]!r} is not {length} hex digits that are not all 0")
    return lower


def integer(number: int | str) -> int:
    """Return a 64-bit integer, which may come as a string; raises BadSpan where it is none."""
    if isinstance(number, int):
        return number
    try:
        return int(number[:40])
    except ValueError:
        raise BadSpan(f"{number[:40]!r} is not an integer") from None


def _double(number: float | str) -> float | str:
    if not isinstance(number, str):
        return safe_number(number)
    try:
        return safe_number(float(number[:40]))
    except ValueError:
        raise BadSpan(f"{number[:40]!r} is not a number") from None
