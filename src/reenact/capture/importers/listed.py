"""Files of several values: a JSON list, or one value a line, read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from reenact.capture.importers.json_places import (
    Unusable,
    elements,
    file_text,
    first_place,
    safe,
    value_at,
)
from reenact.domain.conversation import Conversation
from reenact.errors import DecodeError, UsageError

MAX_LINE_BYTES = 64 * 2**20

Listed = Iterator[tuple[str, Callable[[], Any]]]
"""Places in words, each with what reads the data there; reading raises Unusable."""


def values_in(
    path: Path,
    noun: str,
    on_reject: Callable[[str], None],
    *,
    is_part: Callable[[Any], bool] = lambda first: False,
) -> Listed:
    """Yield the values of a file, each with its place: `noun` and number, or the line.

    A file whose name ends in `.json` holds one value or a list of them; every other file holds
    one a line. Where the first of a list `is_part` of a value, the whole list is one value.

    Raises:
        DecodeError: where a `.json` file is not JSON from its first value on, or not UTF-8.
        UsageError: where it cannot be read or is too large.
    """
    if path.suffix.lower() == ".json":
        return _in_json(path, noun, on_reject, is_part)
    return _in_lines(path)


def conversations_of(
    listed: Listed, make: Callable[[Any], Conversation], on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield what `make` makes of each value; a second conversation of one id is rejected."""
    seen: dict[str, str] = {}
    for place, read in listed:
        try:
            conversation = make(safe(read()))
            earlier = seen.setdefault(conversation.id, place)
            if earlier != place:
                raise Unusable(f"the same {conversation.kind} as {earlier}")
            yield conversation
        except Unusable as error:
            on_reject(f"{place}: {error}")


def _in_lines(path: Path) -> Listed:
    number = 0
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    _skip_line(file.readline)
                    yield f"line {number}", _too_long
                elif line.strip(b" \t\r\n\xef\xbb\xbf"):
                    yield f"line {number}", _Line(line)
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}", where=str(path), next_step="check the path"
        ) from error


def _skip_line(readline: Callable[[int], bytes]) -> None:
    while (rest := readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


def _too_long() -> Any:
    raise Unusable(f"longer than {MAX_LINE_BYTES // 2**20} MiB")


@dataclass(frozen=True, slots=True)
class _Line:
    raw: bytes

    def __call__(self) -> Any:
        try:
            text = self.raw.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise Unusable(f"byte {error.start} is not UTF-8") from None
        try:
            value, end = value_at(text, first_place(text))
        except Unusable as error:
            # The line's own number is said outside; inside, a lone line is always the first.
            raise Unusable(str(error).replace(" line 1 column", " column")) from None
        if (rest := first_place(text, end)) < len(text):
            raise Unusable(f"more follows the JSON at column {rest + 1}")
        return value


def _in_json(
    path: Path, noun: str, on_reject: Callable[[str], None], is_part: Callable[[Any], bool]
) -> Listed:
    text = file_text(path)
    at = first_place(text)
    if text[at : at + 1] != "[":
        yield "the file", _Line(text.encode())
        return
    found = elements(text, at)
    try:
        first = next(found, None)
    except Unusable as error:
        raise DecodeError(
            str(error), where=str(path), next_step=f"one {noun} a line goes into a .jsonl file"
        ) from error
    if is_part(first):
        yield "the file", lambda: [first, *found]
        return
    number = -1
    try:
        for number, value in enumerate(chain([] if first is None else [first], found)):
            yield f"{noun} {number}", partial(_given, value)
    except Unusable as error:
        on_reject(f"{noun} {number + 1}: {error}; nothing after it is read")


def _given(value: Any) -> Any:
    return value
