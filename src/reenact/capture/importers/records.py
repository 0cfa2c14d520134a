"""Records out of exports: a JSON array, an object that holds a page of them, or JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from reenact.capture.importers.json_places import (
    Unusable,
    elements,
    file_text,
    first_place,
    member_places,
    safe,
    value_at,
)
from reenact.capture.limits import BadSpan
from reenact.domain.span import Span
from reenact.errors import DecodeError

Record = dict[str, Any]


def records_in(
    path: Path, *, pages: Collection[str], on_reject: Callable[[str], None]
) -> Iterator[tuple[str, Record]]:
    """Yield the records of a file, each with its place in words.

    `pages` are the keys under which an object holds a page of records instead of being one.
    What is no object, or too deep, is rejected alone; where JSON is broken, the rest of the
    file (of JSON lines: the line) is.

    Raises:
        DecodeError: where the file is neither.
        UsageError: where it cannot be read or is too large.
    """
    text = file_text(path)
    at = first_place(text)
    if text[at : at + 1] not in ("[", "{"):
        raise DecodeError(
            "neither a JSON array or object nor JSON lines",
            where=str(path),
            next_step="give the export as the tool wrote it",
        )
    found = _lines(text, pages) if _has_lines(text, at) else _document(text, at, pages)
    for place, value in found:
        try:
            if isinstance(value, Unusable):
                raise value
            if not isinstance(value, dict):
                raise Unusable("no object")
            yield place, safe(value)
        except Unusable as why:
            on_reject(f"{place}: {why}")


def spans_of_records(
    records: Iterable[tuple[str, Record]],
    spans_of: Callable[[Record], Iterable[Span]],
    *,
    where: str,
    fits: Callable[[Record], bool],
    wanted: str,
    on_reject: Callable[[str], None],
) -> Iterator[Span]:
    """Yield the spans of records, and hand what cannot be taken to `on_reject`.

    Raises:
        DecodeError: where there are records, and none of them `fits`.
    """
    met, fitting = 0, 0
    for place, record in records:
        met += 1
        if not fits(record):
            on_reject(f"{place}: not {wanted}: {', '.join(sorted(record)[:6]) or 'no keys'}")
            continue
        fitting += 1
        try:
            spans = list(spans_of(record))
        except (Unusable, BadSpan) as why:
            on_reject(f"{place}: {why}")
            continue
        yield from spans
    if met and not fitting:
        raise DecodeError(
            f"none of its {met:,} records is {wanted}",
            where=where,
            next_step="use another --format",
        )


def _has_lines(text: str, at: int) -> bool:
    """Tell whether the first line is a JSON value of its own, and another line follows."""
    end = text.find("\n", at)
    if end < 0 or not text[end:].strip():
        return False
    line = text[at:end]
    try:
        return not line[value_at(line, 0)[1] :].strip()
    except Unusable:
        # A broken line, where the next one begins as a record does, and not as a member.
        return line[0] == "{" and text[first_place(text, end)] == "{"


def _lines(text: str, pages: Collection[str]) -> Iterator[tuple[str, Any]]:
    start = 0
    number = 0
    while start < len(text):
        number += 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line, start = text[start:end].strip(), end + 1
        if not line:
            continue
        place = f"line {number}"
        try:
            value, stop = value_at(line, 0)
            if line[stop:].strip():
                raise Unusable("more than one JSON value on the line")
        except Unusable as why:
            yield place, Unusable(str(why).replace("line 1 ", ""))
            continue
        yield from _held(place, value, pages)


def _held(place: str, value: Any, pages: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Yield the records of a page, else the value itself."""
    listed = value if isinstance(value, list) else None
    if isinstance(value, dict):
        listed = next((value[key] for key in pages if isinstance(value.get(key), list)), None)
    if listed is None:
        yield place, value
        return
    for number, record in enumerate(listed, 1):
        yield f"{place} record {number}", record


def _document(text: str, at: int, pages: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Yield the records of one JSON value, without ever holding a long list of them."""
    start: int | None = at
    if text[at] == "{":
        places = member_places(text, at)
        lists = (places[key] for key in pages if key in places)
        start = next((place for place in lists if text[place : place + 1] == "["), None)
    if start is None:
        try:
            yield "the file", value_at(text, at)[0]
        except Unusable as why:
            yield "the file", why
        return
    number = 0
    found = elements(text, start)
    while True:
        number += 1
        try:
            record = next(found)
        except StopIteration:
            return
        except Unusable as why:
            yield f"record {number}", Unusable(f"{why}; nothing after it is read")
            return
        yield f"record {number}", record
