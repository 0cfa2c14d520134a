"""Parts of a span out of foreign records: ids, times and attributes, made safe and bounded."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.limits import TRUNCATED, Limits
from reenact.capture.values import MAX_TIME_NS

LIMITS = Limits()
PROJECT = "openinference.project.name"
"""The resource attribute that names a span's project."""

_HEX_TRACE = re.compile(r"[0-9a-f]{32}")
_HEX_SPAN = re.compile(r"[0-9a-f]{16}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ENVIRONMENT = re.compile(r"(?:.*[._])?LANG(?:SMITH|CHAIN)_[A-Z0-9_]+")
_FRACTION = re.compile(r"\.(\d{7,9})\d*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALES = ((1e17, 1), (1e14, 1_000), (1e11, 1_000_000), (0, 1_000_000_000))
"""What a number since 1970 is counted in, by its size: nano-, micro-, milliseconds, seconds."""


def trace_id_of(native: str) -> str:
    """Return the trace id for a native one: hex as it is, a UUID without dashes, else a digest."""
    plain = _plain(native)
    return plain if _HEX_TRACE.fullmatch(plain) and plain.strip("0") else digest(native)[:32]


def span_id_of(native: str) -> str:
    """Return the span id for a native one.

    16 hex digits stay as they are. Of a UUID the last 16 stay where the first are all 0: that is
    how span ids are widened. Anything else becomes a digest: to cut a UUID that begins with a
    time would give siblings the same id.
    """
    plain = _plain(native)
    if plain.startswith("0" * 16):
        plain = plain[16:]
    return plain if _HEX_SPAN.fullmatch(plain) and plain.strip("0") else digest(native)[:16]


def digest(*parts: str) -> str:
    """Return 64 hex digits that stand for `parts`."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def hex_of(found: str) -> str:
    """Return an id of OTLP as hex; JSON made from protobuf writes its bytes as base64."""
    if len(found) in (24, 12) and found.endswith("="):
        try:
            return base64.b64decode(found, validate=True).hex()
        except (binascii.Error, ValueError):
            pass
    return found.lower().removeprefix("0x")


def required(record: Mapping[str, Any], key: str) -> str:
    """Return the id at `key`; raises Unusable where there is none."""
    found = record.get(key)
    if not isinstance(found, str) or not found.strip():
        raise Unusable(f"key {key} is missing")
    return found.strip()


def nanoseconds_of(found: Any, what: str) -> int | None:
    """Return a time as Unix nanoseconds, None where there is none.

    Numbers are counted in what their size says; texts are ISO 8601, UTC where they name no zone.

    Raises:
        Unusable: where it is no time, or not one between 1970 and 2262.
    """
    if found is None or found == "":
        return None
    if isinstance(found, str) and found.strip().isdigit():
        found = int(found)
    time: int | None = None
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        time = _counted(found)
    elif isinstance(found, str):
        time = _written(found.strip())
    if time is None or not 0 <= time <= MAX_TIME_NS:
        raise Unusable(f"{what} is no time: {str(found)[:40]!r}")
    return time


def iso_of(nanoseconds: int) -> str:
    """Return a time as ISO 8601 in UTC."""
    return (_EPOCH + timedelta(microseconds=nanoseconds // 1000)).isoformat()


def attributes_of(found: Mapping[Any, Any]) -> dict[str, Any]:
    """Return attributes that can be stored: without nothings, bounded, cuts marked as such.

    Settings out of the environment of a traced process, which LangSmith's library writes into
    its metadata, are left out: there are keys among them.
    """
    kept: dict[str, Any] = {}
    cut: list[str] = []
    for key, value in found.items():
        if value is None or not isinstance(key, str) or _ENVIRONMENT.fullmatch(key):
            continue
        if len(kept) >= LIMITS.span_attributes:
            cut.append(f"{len(found) - len(kept)} more attributes")
            break
        value = without_environment(safe(value))
        if isinstance(value, str) and len(value) > LIMITS.attribute_chars:
            cut.append(key)
            value = value[: LIMITS.attribute_chars]
        kept[key] = value
    return {**kept, TRUNCATED: cut} if cut else kept


def without_environment(data: Any) -> Any:
    """Return `data` without keys that name variables of LangSmith's and LangChain's libraries."""
    if isinstance(data, dict):
        return {
            key: without_environment(value)
            for key, value in data.items()
            if not _ENVIRONMENT.fullmatch(key)
        }
    return [without_environment(value) for value in data] if isinstance(data, list) else data


def json_of(value: Any) -> str | None:
    """Return a value as an attribute's text: a text as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise Unusable("a value cannot be written as JSON") from None


def quoted_json(value: Any) -> str | None:
    """Return a value as JSON, a text in quotes too."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def number_of(found: Any) -> float | None:
    """Return a number, which some stores write as text; None where it is none."""
    if isinstance(found, bool):
        return None
    if isinstance(found, (int, float)):
        return found
    if not isinstance(found, str):
        return None
    try:
        return int(found) if found.strip().isdigit() else float(found)
    except ValueError:
        return None


def _plain(native: str) -> str:
    lower = native.strip().lower()
    return lower.replace("-", "") if _UUID.fullmatch(lower) else lower


def _counted(number: float) -> int | None:
    try:
        return next(int(number * scale) for above, scale in _SCALES if abs(number) >= above)
    except (OverflowError, ValueError, StopIteration):
        return None


def _written(text: str) -> int | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    try:
        whole = (time - _EPOCH) // timedelta(microseconds=1) * 1000
    except OverflowError:
        return None
    fraction = _FRACTION.search(text)
    return whole + (int(fraction[1].ljust(9, "0")) % 1000 if fraction else 0)
