"""Domain values to JSON and back; canonical JSON and content hashes.

The domain is plain dataclasses; pydantic reads and checks them at the edges. One adapter is
built per type and kept, because building one costs milliseconds. Compact JSON is written by
msgspec, in a twentieth of pydantic's time: a replay writes every turn.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any, TypeVar, cast

import msgspec
from pydantic import TypeAdapter, ValidationError

from reenact.domain.conversation import Conversation
from reenact.domain.fidelity import Fidelity
from reenact.domain.recording import Recording
from reenact.errors import RecordingTampered, UsageError

T = TypeVar("T")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def adapter(kind: Any) -> TypeAdapter[Any]:
    """Return the pydantic adapter for `kind` (a dataclass, a union or a `list[...]`)."""
    found = _ADAPTERS.get(kind)
    if found is None:
        found = _ADAPTERS[kind] = TypeAdapter(kind)
    return found


def to_data(value: Any, *, kind: Any = None) -> Any:
    """Return `value` as plain JSON data: dicts, lists, strings, numbers, booleans, None."""
    return adapter(kind or type(value)).dump_python(value, mode="json")


def to_json(value: Any, *, kind: Any = None, indent: int | None = None) -> bytes:
    """Return `value` as JSON bytes, keys in the order of its fields.

    Raises:
        ValueError: where it holds what JSON cannot say.
    """
    if indent is None:
        try:
            return msgspec.json.encode(value)
        except TypeError:
            pass  # pydantic knows more types, and says better which one it does not know
    return adapter(kind or type(value)).dump_json(value, indent=indent)


def from_data(kind: type[T], data: Any, *, where: str) -> T:
    """Return the `kind` that `data` describes.

    Raises:
        UsageError: naming the path inside `data` that does not fit.
    """
    try:
        return cast("T", adapter(kind).validate_python(data))
    except ValidationError as error:
        raise _misfit(error, where) from None


def from_json(kind: type[T], data: bytes | str, *, where: str) -> T:
    """Return the `kind` that the JSON text `data` describes; raises as `from_data`."""
    try:
        return cast("T", adapter(kind).validate_json(data))
    except ValidationError as error:
        raise _misfit(error, where) from None


def canonical(data: Any) -> str:
    """Return JSON data as one text: keys sorted, no white space, numbers that are equal alike.

    JavaScript sends 12 for 12.0, so a whole float is written as an integer.
    """
    return json.dumps(
        _plain_numbers(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def content_hash(data: Any) -> str:
    """Return `sha256:` and the digest of the canonical JSON of `data`."""
    return "sha256:" + hashlib.sha256(canonical(data).encode()).hexdigest()


def record(conversation: Conversation, fidelity: Fidelity) -> Recording:
    """Freeze `conversation` and `fidelity` under the hash of their content.

    Fields at their defaults are no content, and neither are keys that hold null: a field that
    a later version adds must not make every recording look tampered with, and a number that
    JSON does not have (NaN) is null once it was written.
    """
    content = {"conversation": _content(conversation), "fidelity": _content(fidelity)}
    return Recording(hash=content_hash(content), conversation=conversation, fidelity=fidelity)


def verified(recording: Recording, *, where: str) -> Recording:
    """Return `recording` if its content gives its hash.

    Raises:
        RecordingTampered: if it does not.
    """
    true_hash = record(recording.conversation, recording.fidelity).hash
    if true_hash != recording.hash:
        raise RecordingTampered(
            f"the recording says {recording.hash[:19]}… but its content gives {true_hash[:19]}…",
            where=where,
            next_step="restore the file from version control, or keep the case again",
        )
    return recording


def _content(value: Any) -> Any:
    return _held(adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True))


def _held(data: Any) -> Any:
    """Return JSON data without the keys that hold nothing."""
    if isinstance(data, dict):
        kept = ((key, _held(value)) for key, value in data.items())
        return {key: value for key, value in kept if value is not None}
    if isinstance(data, (list, tuple)):
        return [_held(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _plain_numbers(data: Any) -> Any:
    if isinstance(data, float):
        if not math.isfinite(data):
            return None  # as `to_json` writes what JSON has no number for
        return int(data) if data.is_integer() and abs(data) < 2**53 else data
    if isinstance(data, dict):
        return {str(key): _plain_numbers(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain_numbers(value) for value in data]
    return data


def _misfit(error: ValidationError, where: str) -> UsageError:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"]) or "the whole"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return UsageError(f"{path}: {first['msg']}{more}", where=where)
