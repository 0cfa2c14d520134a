"""Attribute values made safe: any of them can later be written as JSON and into a store."""

from __future__ import annotations

import base64
import math

from reenact.capture.limits import BadSpan

MAX_TIME_NS = 2**63 - 1
_INT64 = range(-(2**63), 2**63)
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def safe_text(text: str) -> str:
    """Return `text` with lone surrogates replaced, so that it can be encoded."""
    return text if text.isascii() else text.translate(_SURROGATES)


def safe_number(number: float) -> float | str:
    """Return `number`; NaN, the infinities and integers beyond 64 bits become their names."""
    if isinstance(number, int):
        return number if number in _INT64 else str(number)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")


def bytes_text(raw: bytes) -> str:
    """Return `raw` as base64 text, as OTLP/JSON writes bytes."""
    return base64.b64encode(raw).decode("ascii")


def checked_times(start_ns: int, end_ns: int) -> tuple[int, int]:
    """Return both times.

    Raises:
        BadSpan: where one is outside of 0 to 2^63 - 1 ns (the year 2262).
    """
    if not (0 <= start_ns <= MAX_TIME_NS and 0 <= end_ns <= MAX_TIME_NS):
        raise BadSpan(f"time out of range: start {start_ns}, end {end_ns}")
    return start_ns, end_ns
