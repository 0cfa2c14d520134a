"""Rung 4: the one recorded read that is clearly nearest, and about the same things."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reenact.codec import canonical
from reenact.matching.fields import leaves
from reenact.matching.likeness import likeness
from reenact.tools.calls import RecordedCall
from reenact.tools.rulebook import Rulebook

THRESHOLD = 0.75
"""Calls less alike than this are not the same question."""
MARGIN = 0.1
"""The nearest call must be nearer by this than the next one that gave something else."""

_WORD = re.compile(r"\w+")
_NAME_WORDS = 3
"""Texts of up to this many words are values (a city, a status), not wording."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A live call whose nearest recorded one is looked for; its arguments are normalised."""

    name: str
    arguments: Any


@dataclass(frozen=True, slots=True)
class Near:
    """The recorded calls that are nearest, all of the same arguments, and how alike they are."""

    alike: tuple[RecordedCall, ...]
    score: float


def nearest(
    asked: Nearby, recorded: Sequence[RecordedCall], rules: Rulebook, *, names: Container[str]
) -> Near | None:
    """Return the recorded calls of the tool that are clearly nearest; None where none is.

    Never across a differing identifier: see `reenact.matching.likeness`. `names` are the words
    that name things in the talk.
    """
    by_arguments: dict[str, list[RecordedCall]] = {}
    for one in recorded:
        if one.call.name == asked.name and one.servable:
            by_arguments.setdefault(canonical(one.call.arguments), []).append(one)
    if not by_arguments:
        return None
    ranked: list[Near] = []
    for calls in by_arguments.values():
        before = rules.normalise(asked.name, calls[0].call.arguments)
        ranked.append(Near(tuple(calls), likeness(before, asked.arguments, names=names).score))
    ranked.sort(key=lambda near: -near.score)
    best = ranked[0]
    if best.score < THRESHOLD:
        return None
    others = [near for near in ranked[1:] if _answers(near) != _answers(best)]
    if others and best.score - others[0].score < MARGIN:
        return None
    return best


def _answers(near: Near) -> set[str]:
    return {canonical([one.call.result, one.call.error]) for one in near.alike}


def names_of(recorded: Sequence[RecordedCall]) -> frozenset[str]:
    """Return the words, case folded, of all short texts: they may name a thing of the talk."""
    return frozenset(
        word.casefold()
        for one in recorded
        for text in _texts(one)
        if len(words := _WORD.findall(text)) <= _NAME_WORDS
        for word in words
    )


def _texts(one: RecordedCall) -> Iterator[str]:
    for data in (one.call.arguments, one.call.result):
        yield from (value for _, value in leaves(data) if isinstance(value, str))
