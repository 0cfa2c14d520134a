"""JSON files read value by value, so that a large file is never held as data at once."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from reenact.capture.values import safe_number, safe_text
from reenact.capture.wire.json_text import parse
from reenact.errors import DecodeError, UsageError

MAX_FILE_BYTES = 512 * 2**20
MAX_DEPTH = 64
"""Deepest nesting of lists and objects that is taken; beyond it data cannot be written back."""

_SPACE = re.compile(r"[ \t\r\n]*")


class Unusable(ValueError):
    """A talk that cannot be taken; the text says why. Never leaves the importers."""


def file_text(path: Path, *, limit: int = MAX_FILE_BYTES) -> str:
    """Return the text of a UTF-8 file of at most `limit` bytes, inflated where it is `.gz`.

    Raises:
        UsageError: where it cannot be read or is larger.
        DecodeError: where it is not UTF-8, or no gzip.
    """
    zipped = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            raw = file.read(limit + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DecodeError(
            f"not gzip: {error}", where=str(path), next_step="check that it was copied whole"
        ) from error
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(path), next_step="check the path"
        ) from error
    if len(raw) > limit:
        raise UsageError(
            f"larger than {limit // 2**20} MiB",
            where=str(path),
            next_step="split it into smaller files and import them together",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodeError(
            f"byte {error.start} is not UTF-8", where=str(path), next_step="save it as UTF-8"
        ) from error


def first_place(text: str, at: int = 0) -> int:
    """Return where the first value at or after `at` begins."""
    return _skip(text, at)


def elements(text: str, at: int) -> Iterator[Any]:
    """Yield the values of the JSON array that begins at `at`, as they are: see `safe`.

    Raises:
        Unusable: saying line and column, where the text stops being JSON; the values before
            it have been yielded by then.
    """
    for value, _ in _elements(text, at):
        yield value


def member_places(text: str, at: int) -> dict[str, int]:
    """Return where the value of each member of the JSON object at `at` begins.

    Stops without a word at the first value that is not JSON: reading that one says what is wrong.
    """
    places: dict[str, int] = {}
    at = _skip(text, at + 1)
    try:
        while text[at : at + 1] == '"':
            key, at = value_at(text, at)
            at = _skip(text, _expect(text, _skip(text, at), ":"))
            places[key] = at
            at = _skip(text, _end(text, at))
            if text[at : at + 1] != ",":
                break
            at = _skip(text, at + 1)
    except Unusable:
        pass
    return places


def value_at(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at `at`, as it is, and where it ends.

    Raises:
        Unusable: where it is not JSON.
    """
    try:
        return _DECODER.raw_decode(text, at)
    except JSONDecodeError as error:
        raise Unusable(f"broken JSON at {line_of(text, error.pos)}: {error.msg}") from error
    except RecursionError:
        raise Unusable(f"nested too deep at {line_of(text, at)}") from None
    except ValueError as error:
        raise Unusable(f"broken JSON after {line_of(text, at)}: {error}") from error


def parsed(text: str) -> Any:
    """Return the data of a JSON text, or the text itself where it is not JSON."""
    try:
        return safe(parse(text))
    except ValueError:
        return safe_text(text)


def safe(data: Any, depth: int = 0) -> Any:
    """Return `data` so that it can be written as strict JSON again.

    Raises:
        Unusable: where it is nested deeper than `MAX_DEPTH`.
    """
    if depth > MAX_DEPTH:
        raise Unusable(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(data, str):
        return safe_text(data)
    if isinstance(data, list):
        return [safe(value, depth + 1) for value in data]
    if isinstance(data, dict):
        return {safe_text(key): safe(value, depth + 1) for key, value in data.items()}
    return data if isinstance(data, bool) or data is None else safe_number(data)


def line_of(text: str, at: int) -> str:
    """Return the place `at` in words: line and column, from 1."""
    line = text.count("\n", 0, at) + 1
    return f"line {line} column {at - text.rfind(chr(10), 0, at)}"


def _elements(text: str, at: int) -> Iterator[tuple[Any, int]]:
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        value, at = value_at(text, at)
        at = _skip(text, at)
        yield value, at
        if text[at : at + 1] != "]":
            at = _skip(text, _expect(text, at, ","))


def _end(text: str, at: int) -> int:
    """Return where the value at `at` ends; a long list is walked, not held."""
    if text[at : at + 1] != "[":
        return value_at(text, at)[1]
    end = _skip(text, at + 1)
    for _, place in _elements(text, at):
        end = place
    return _expect(text, end, "]")


def _expect(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        found = repr(text[at : at + 1]) if at < len(text) else "the end of the file"
        raise Unusable(f"broken JSON at {line_of(text, at)}: {found} where '{mark}' must be")
    return at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
