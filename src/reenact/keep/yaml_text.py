"""YAML as plain JSON data with the line of every value; bounded, and nothing but data.

Anchors, aliases, tags and further documents are refused, so a small text stays small. A plain
scalar is null, true, false or a number only as JSON writes it; all else is text, so that an
unquoted `2026-03-05` or `007` stays what it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from reenact.errors import KeptFileError

MAX_DEPTH = 40
MAX_EVENTS = 100_000

_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,3999})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")


@dataclass(frozen=True, slots=True)
class Spot:
    """A value with the line it stands on (from 1); the children of a container are spots."""

    value: Any
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)
    """The line of each key of a mapping."""

    def plain(self) -> Any:
        """Return the value as plain JSON data."""
        if isinstance(self.value, dict):
            return {key: spot.plain() for key, spot in self.value.items()}
        if isinstance(self.value, list):
            return [spot.plain() for spot in self.value]
        return self.value


def parse(text: str, *, where: str) -> Spot:
    """Return the one document in `text`.

    Raises:
        KeptFileError: naming `where`, the line and what is not allowed there.
    """
    reader = _Reader(_events(text, where), where)
    return reader.document()


def comments_in(text: str) -> list[str]:
    """Return the comments of a YAML text that parses, in order, each from its `#`."""
    bare = list(text)
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, ScalarEvent):
            for place in range(event.start_mark.index, event.end_mark.index):
                if bare[place] != "\n":
                    bare[place] = "x"
    found = (_COMMENT.search(line) for line in "".join(bare).split("\n"))
    return [match.group().rstrip() for match in found if match]


def _events(text: str, where: str) -> Iterator[Event]:
    depth = 0
    try:
        for number, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH or number > MAX_EVENTS:
                refuse(where, _line(event), "the file is nested too deeply or is too long")
            yield event
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "not YAML"
        hint = "indent with spaces, never with tabs" if "\\t" in what else None
        refuse(where, mark.line + 1 if mark else None, f"not YAML: {what}", hint)
    except YAMLError as error:
        refuse(where, None, f"not YAML: {str(error).splitlines()[0]}")
    except RecursionError:
        refuse(where, None, "the file is nested too deeply")


def refuse(where: str, line: int | None, what: str, next_step: str | None = None) -> NoReturn:
    """Raise a `KeptFileError` for a line of the file `where`."""
    place = f"{where}:{line}" if line is not None else where
    raise KeptFileError(what, where=place, next_step=next_step)


class _Reader:
    """Builds spots from events."""

    def __init__(self, events: Iterator[Event], where: str):
        self._events, self._where = events, where

    def document(self) -> Spot:
        root: Spot | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent) and root is not None:
                self._refuse(event, "a second document begins here", "write one case to a file")
            if isinstance(event, NodeEvent):
                root = self._node(event)
        if root is None:
            refuse(self._where, 1, "the file is empty")
        return root

    def _node(self, event: Event) -> Spot:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            self._refuse(event, "anchors and aliases (& and *) are not allowed", "write it out")
        if isinstance(event, ScalarEvent):
            self._refuse_tag(event)
            return Spot(self._scalar(event), _line(event))
        self._refuse_tag(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(event)
        return Spot([self._node(inner) for inner in self._children()], _line(event))

    def _mapping(self, event: Event) -> Spot:
        values: dict[str, Spot] = {}
        lines: dict[str, int] = {}
        for key_event in self._children():
            if not isinstance(key_event, ScalarEvent):
                self._refuse(key_event, "a key must be a text")
            key = str(key_event.value)
            if key in values:
                self._refuse(key_event, f"the key {key!r} is here twice", "keep one of them")
            lines[key] = _line(key_event)
            values[key] = self._node(next(self._events))
        return Spot(values, _line(event), lines)

    def _children(self) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                return
            yield event

    def _scalar(self, event: ScalarEvent) -> Any:
        text = str(event.value)
        if event.style is not None:
            return text
        if text.lower() in _WORDS and text in (text.lower(), text.upper(), text.title()):
            return _WORDS[text.lower()]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NO_NUMBER.fullmatch(text):
            self._refuse(event, f"{text} is no number that JSON knows", f'for text write "{text}"')
        if _NUMBER.fullmatch(text) and not _INTEGER.fullmatch(text):
            number = float(text)
            return number if math.isfinite(number) else text
        return text

    def _refuse_tag(self, event: Event) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) != "!":
            self._refuse(event, f"the tag {tag} is not allowed", "write plain values")

    def _refuse(self, event: Event, what: str, next_step: str | None = None) -> NoReturn:
        refuse(self._where, _line(event), what, next_step)


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1
