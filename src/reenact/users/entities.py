"""Entities: what a text names that could be wrong. Ids, numbers, dates, addresses, names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

EntityKind = Literal["email", "url", "date", "time", "phone", "code", "number", "name"]


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that a text names: as it stands there, and in the one spelling of it."""

    kind: EntityKind
    text: str
    value: str


MAX_READ = 50_000
"""Characters of a text that are read."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = "(?:" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS) + r")\.?"
_COUNTED = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTED, start=2)}
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
_URL = re.compile(r"https?://[^\s<>\"')]+|www\.[^\s<>\"')]+")
_COUNT = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[A-Z]{5,8}\b")
_HASH = re.compile(r"#[\w-]+")
_KINDS: tuple[tuple[EntityKind, re.Pattern[str]], ...] = (
    ("email", _EMAIL),
    ("url", _URL),
    ("date", re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")),
    ("date", re.compile(rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?!\d)", re.IGNORECASE)),
    ("date", re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)?\s+{_MONTH}\b", re.IGNORECASE)),
    ("time", re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")),
    ("phone", re.compile(r"(?<![\w#])\+?\(?\d{2,4}\)?(?:[ .-]\(?\d{2,4}\)?){2,4}(?!\w)")),
    ("code", _HASH),
    ("code", re.compile(r"\b(?=[\w-]{0,64}\d)(?=[\w-]{0,64}[^\W\d])\w+(?:-\w+)*\b")),
    ("code", _CAPITALS),
    ("number", re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")),
    ("number", _COUNT),
)
"""In the order in which they are looked for; what one found, the next does not see."""
_WITHOUT_DIGITS = frozenset({_EMAIL, _URL, _HASH, _CAPITALS, _COUNT})

_LISTED = re.compile(r"^[ \t]*\d{1,2}[.)](?=\s)", re.MULTILINE)
"""The number of a list's entry, which names nothing."""
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_CAPITALISED = re.compile(r"(?<![\w'\u2019])[^\W\d_a-z][\w]*(?:['\u2019-]\w+)*")


@lru_cache(maxsize=2048)
def entities_in(text: str) -> tuple[Entity, ...]:
    """Return what `text` names, but people and places: see `names_in`. Each value once."""
    text = text[:MAX_READ]
    left = _LISTED.sub(lambda found: " " * len(found.group()), text)
    shouting = _is_shouting(text)
    found: dict[tuple[str, str], Entity] = {}
    digits = any(map(str.isdigit, text))
    for kind, pattern in _KINDS:
        if (shouting and pattern is _CAPITALS) or not (digits or pattern in _WITHOUT_DIGITS):
            continue
        matches = [match.group() for match in pattern.finditer(left)]
        for entity in (_entity(kind, matched) for matched in matches):
            found.setdefault((entity.kind, entity.value), entity)
        if matches:
            left = pattern.sub(lambda match: " " * len(match.group()), left)
    return tuple(found.values())


def names_in(text: str) -> tuple[Entity, ...]:
    """Return the capitalised words of `text` that are not common ones: names, as far as it shows.

    A word that begins a sentence counts too, because "Anna." is a name.
    """
    text = text[:MAX_READ]
    if _is_shouting(text):
        return ()
    found = (match.group() for match in _CAPITALISED.finditer(text))
    plain = (word for word in found if not any(map(str.isdigit, word)))
    words = dict.fromkeys(_without_possessive(word) for word in plain)
    common = _common_words()
    named = (word for word in words if word.casefold().replace("\u2019", "'") not in common)
    return tuple(Entity("name", word, word.casefold()) for word in named)


def values_of(entities: Sequence[Entity], *, kinds: Collection[EntityKind]) -> frozenset[str]:
    """Return the values of those of `entities` that are of one of `kinds`."""
    return frozenset(entity.value for entity in entities if entity.kind in kinds)


def texts_in(data: object, *, depth: int = 8) -> Iterator[tuple[str, str]]:
    """Yield every text and number of JSON `data`, with the key that it stands under."""
    yield from _texts(data, "", depth)


def _texts(data: object, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict) and depth:
        for name, value in data.items():
            yield from _texts(value, str(name), depth - 1)
    elif isinstance(data, (list, tuple)) and depth:
        for value in data:
            yield from _texts(value, key, depth - 1)
    elif isinstance(data, str) or (isinstance(data, (int, float)) and not isinstance(data, bool)):
        yield key, str(data)


def _entity(kind: EntityKind, text: str) -> Entity:
    if kind == "date":
        return Entity(kind, text, _date(text))
    if kind == "number":
        return Entity(kind, text, _number(text))
    if kind == "phone":
        digits = "".join(character for character in text if character.isdigit())
        return Entity("phone" if len(digits) >= 7 else "number", text, digits)
    if kind == "code" and _ORDINAL.search(text) and text[:-2].isdigit():
        return Entity("number", text, text[:-2])
    if kind == "code":
        return Entity(kind, text, "".join(c for c in text.casefold() if c.isalnum()))
    return Entity(kind, text, text.casefold().rstrip(".,;"))


def _date(text: str) -> str:
    """Return month and day as "05-24": the year is often left out."""
    parts = text.split("-")
    if len(parts) == 3:
        return f"{int(parts[1]):02}-{int(parts[2]):02}"
    digits = next(re.finditer(r"\d+", text)).group()
    letters = "".join(c for c in text.casefold().replace("of", "") if c.isalpha())
    month = next(n for n, name in enumerate(_MONTHS, start=1) if name[:3] in letters)
    return f"{month:02}-{int(digits):02}"


def _number(text: str) -> str:
    plain = _NUMBER_WORDS.get(text.casefold(), text).replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


@cache
def _common_words() -> frozenset[str]:
    """Return words that are written with a capital letter where a sentence begins."""
    text = files("reenact.users").joinpath("common_words.txt").read_text("utf-8")
    return frozenset(text.split()) | frozenset(_MONTHS)


def _without_possessive(word: str) -> str:
    return re.sub(r"['\u2019]s$", "", word)


def _is_shouting(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 12 and sum(map(str.isupper, letters)) > len(letters) / 2
