"""Attribute values of OTLP protobuf, and the reading of a whole request."""

from __future__ import annotations

from typing import Any, TypeVar

from google.protobuf.message import DecodeError as ProtobufError
from google.protobuf.message import Message

from reenact.capture.limits import TRUNCATED, Limits
from reenact.capture.values import bytes_text, safe_number
from reenact.errors import DecodeError

M = TypeVar("M", bound=Message)


def parsed(request: M, body: bytes, *, signal: str, where: str) -> M:
    """Return `request` filled from `body`; raises DecodeError where it does not parse."""
    try:
        request.ParseFromString(body)
    except (ProtobufError, RecursionError) as error:
        raise DecodeError(
            f"not an OTLP protobuf request of {signal}, {len(body):,} bytes: {error}",
            where=where,
            next_step=f"check that the whole body was sent, to a path for {signal}",
        ) from None
    return request


class Values:
    """Turns attribute values into plain ones, within limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def attributes(self, pairs: Any) -> dict[str, Any]:
        """Return key-value pairs as a dict; `TRUNCATED` lists those that were cut."""
        limit = self.limits.attribute_chars
        found: dict[str, Any] = {}
        cut: list[str] = []
        if len(pairs) > self.limits.span_attributes:
            cut.append(f"{len(pairs) - self.limits.span_attributes} more attributes")
            pairs = pairs[: self.limits.span_attributes]
        for pair in pairs:
            value = pair.value
            # Nearly all are texts, and asking for the text is cheaper than asking for the kind.
            if text := value.string_value:
                if len(text) > limit:
                    cut.append(pair.key)
                    text = text[:limit]
                found[pair.key] = text
                continue
            kind = value.WhichOneof("value")
            if kind == "int_value":
                found[pair.key] = value.int_value
            else:
                found[pair.key] = self.value(value, kind, pair.key, cut, 1)
        if cut:
            found[TRUNCATED] = cut
        return found

    def value(self, value: Any, kind: str | None, key: str, cut: list[str], depth: int) -> Any:
        """Return one value of the kind that is set; `key` goes into `cut` where some was cut."""
        if kind is None:
            return None
        if kind == "string_value":
            text = value.string_value
            if len(text) > self.limits.attribute_chars:
                cut.append(key)
            return text[: self.limits.attribute_chars]
        if kind == "double_value":
            return safe_number(value.double_value)
        if kind == "bytes_value":
            return bytes_text(value.bytes_value[: self.limits.attribute_chars])
        if kind == "array_value" or kind == "kvlist_value":
            return self._nested(value, kind, key, cut, depth)
        return getattr(value, kind)

    def _nested(self, value: Any, kind: str, key: str, cut: list[str], depth: int) -> Any:
        if depth >= self.limits.attribute_depth:
            cut.append(key)
            return None
        if kind == "array_value":
            return [
                self.value(v, v.WhichOneof("value"), key, cut, depth + 1)
                for v in value.array_value.values
            ]
        return {
            pair.key: self.value(pair.value, pair.value.WhichOneof("value"), key, cut, depth + 1)
            for pair in value.kvlist_value.values
        }
