"""The normal form of JSON data: one spelling for values that mean the same to a tool."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,20})?")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def normal_form(data: Any) -> Any:
    """Return `data` with numbers, white space, timestamps and null keys in their one spelling.

    A normal form is its own normal form. Null inside a list stays: its place means something.
    """
    if isinstance(data, str):
        return _plain_text(data)
    if isinstance(data, float):
        if not math.isfinite(data):
            return None  # JSON has no such number; it is sent as null
        return int(data) if data.is_integer() else data
    if isinstance(data, Mapping):
        plain = ((str(key), normal_form(value)) for key, value in data.items())
        return {key: value for key, value in plain if value is not None}
    if isinstance(data, (list, tuple)):
        return [normal_form(value) for value in data]
    return data


def _plain_text(text: str) -> int | float | str:
    text = " ".join(text.split())
    if _NUMBER.fullmatch(text):
        return _number(text)
    if _TIMESTAMP.fullmatch(text):
        return _instant(text)
    return text


def _number(text: str) -> int | float | str:
    """Return the number whose shortest spelling is `text`; else the text ("1.10", "-0")."""
    number = float(text) if "." in text else int(text)
    return number if str(number) == text else text


def _instant(text: str) -> str:
    """Spell a timestamp in UTC; one without a zone keeps having none: it means no instant."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat()
    except (ValueError, OverflowError):
        return text  # looks like a time and is none, such as the 31st of June
