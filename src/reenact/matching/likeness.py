"""How alike two calls of one tool are, where they are about the same things (rung 4).

Everything in arguments counts as an identifier and must be the same, except: how a key is
spelt (`orderId`); a size limit; an argument that is absent on one side and empty or false on
the other; and the wording of free text in an argument that is named for it (`query`, `reason`).
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from reenact.codec import canonical
from reenact.matching.fields import folded, leaves
from reenact.matching.identifiers import is_free_text
from reenact.matching.normal_form import normal_form
from reenact.matching.text import similarity

SPELT_OTHERWISE = 0.95
LEFT_OUT = 0.9
OTHER_LIMIT = 0.8


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LIMITS = _words("limit page_size per_page max_results num_results top_k max_items max_count")
_WORDINGS = _words(
    "query q question text message prompt search search_query description reason summary note "
    "notes comment comments content thought details explanation instructions request issue problem"
)
"""Arguments whose names say that they hold somebody's wording."""
_NEGATIONS = _words("not no never without except excluding but nor only")
_FILLERS = _words(
    "a an the is are was be do does did can could would i you we it my me our your this that what "
    "which how please about there any"
)
"""Words that change nothing. Prepositions are not among them: from and to are not one thing."""
_WORDS = re.compile(r"\w+(?:[-.'\u2019@/:#]\w+)*")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two calls are: `score` from 0 to 1, or the path of an identifier that differs."""

    score: float
    differs: str | None = None


def likeness(recorded: Any, asked: Any, *, names: Container[str]) -> Likeness:
    """Compare the arguments of a recorded call with those that are asked.

    The score is that of the least alike argument. `names` are words (case folded) that name
    things in the recording: they are identifiers in free text too.
    """
    before, after = _by_key(recorded), _by_key(asked)
    if before is None or after is None:
        return Likeness(0.0, differs="")
    score = 1.0
    for path in dict.fromkeys((*before, *after)):
        one, other = before.get(path), after.get(path)
        alike = _alike(one, other, path, names)
        if alike is None:
            return Likeness(0.0, differs=(other or one or _Leaf(path, None)).path)
        score = min(score, alike)
    return Likeness(score)


@dataclass(frozen=True, slots=True)
class _Leaf:
    path: str
    value: Any


def _by_key(arguments: Any) -> dict[str, _Leaf] | None:
    """Return the leaves by folded path; None where that is not clear."""
    if not isinstance(arguments, Mapping):
        return None
    found: dict[str, _Leaf] = {}
    for path, value in leaves(arguments):
        key = ".".join(folded(part) or part for part in path.split("."))
        if key in found:
            return None
        found[key] = _Leaf(path, value)
    return found


def _alike(
    one: _Leaf | None, other: _Leaf | None, path: str, names: Container[str]
) -> float | None:
    """Return how alike two values of one argument are; None where an identifier differs."""
    if one is None or other is None:
        value = (one or other or _Leaf(path, None)).value
        if value is None or value is False or value in ("", [], {}):
            return LEFT_OUT
        return OTHER_LIMIT if _is_limit(path, value) else None
    spelling = 1.0 if one.path == other.path else SPELT_OTHERWISE
    if canonical(normal_form(one.value)) == canonical(normal_form(other.value)):
        return spelling
    if _is_limit(path, one.value) and _is_limit(path, other.value):
        return OTHER_LIMIT
    if _is_wording(path, one.value) and _is_wording(path, other.value):
        worded = _worded_alike(one.value, other.value, names)
        return None if worded is None else min(spelling, worded)
    return None


def _is_limit(path: str, value: Any) -> bool:
    number = isinstance(value, int) and not isinstance(value, bool)
    return number and path.rpartition(".")[2] in _LIMITS


def _is_wording(path: str, value: Any) -> bool:
    return path.rpartition(".")[2] in _WORDINGS and is_free_text(value)


def _worded_alike(one: str, other: str, names: Container[str]) -> float | None:
    """Return how alike two texts are; None where they may speak of different things.

    They may where a word on one side only is a number, a name or a negation; where each side
    has a word of its own, since it may stand for the other's; and where the words that both
    have come in another order.
    """
    words, others = _telling(one), _telling(other)
    own = [word for word in words if word.casefold() not in {w.casefold() for w in others}]
    theirs = [word for word in others if word.casefold() not in {w.casefold() for w in words}]
    if (own and theirs) or any(_is_identifier(word, names) for word in (*own, *theirs)):
        return None
    shared = [word.casefold() for word in words if word not in own]
    if shared != [word.casefold() for word in others if word not in theirs]:
        return None
    return similarity(one, other)


def _telling(text: str) -> list[str]:
    """Return the words of `text` but fillers, each as it is written."""
    words = _WORDS.findall(text)
    if words and words[0][1:].islower():
        words[0] = words[0].casefold()  # a capital at the start says nothing
    return [word for word in words if word.casefold() not in _FILLERS]


def _is_identifier(word: str, names: Container[str]) -> bool:
    plain = word.casefold()
    return word != plain or not word.isalpha() or plain in _NEGATIONS or plain in names
