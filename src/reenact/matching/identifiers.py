"""Which values of JSON data name things: what makes two calls be about different things.

Two questions, each answered on its careful side (docs/decisions/0015):

- May two calls be taken for each other? `is_free_text` says which values are no identifiers;
  all others are, when in doubt.
- Which things does a call touch? `names_in` finds the values that certainly or probably name
  one. Too many only means that fewer recorded results are thought to be still true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reenact.matching.fields import MAX_DEPTH, folded

_ID_KEY = re.compile(
    r"(?:^|_)(?:ids?|uuid|guid|emails?|phone|sku|username|login|numbers?|no|code|reference|ref|iban"
    r"|vin|isbn|imei|msisdn|ssn|token|handle|slug|uri|url)$"
)
_DATE_OR_TIME = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?|\d\d:\d\d(:\d\d)?([+-]\d+|Z)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
)
_AMOUNT = re.compile(r"[-+]?[$€£]?\d{1,4}([.,]\d+)?%?")
_WORD = re.compile(r"\w", re.UNICODE)
_LONGEST_NAME = 128


def is_free_text(value: Any) -> bool:
    """Tell whether `value` is a text of three words or more: it may be worded otherwise."""
    return isinstance(value, str) and sum(map(_has_letter, value.split())) >= 3


def is_name_key(key: str) -> bool:
    """Tell whether a key says that its value names something (`order_id`, `email`, `sku`)."""
    return _ID_KEY.search(folded(key)) is not None


def looks_like_a_name(value: Any) -> bool:
    """Tell whether a value by itself looks like an id: one word with a digit, or an address.

    Dates, times and amounts of up to four digits do not.
    """
    if not isinstance(value, str) or not 3 <= len(value) <= _LONGEST_NAME or " " in value:
        return False
    if "@" in value:
        return True
    if not any(c.isdigit() for c in value):
        return False
    return not _DATE_OR_TIME.fullmatch(value) and not _AMOUNT.fullmatch(value)


def name_of(value: Any) -> str | None:
    """Return the spelling under which a value is known as a name; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value).strip().casefold()
    return text if _WORD.search(text) and len(text) <= _LONGEST_NAME else None


def names_in(data: Any) -> frozenset[str]:
    """Return the names of all things that `data` speaks of, as `name_of` spells them."""
    return frozenset(_names(data, named=False, depth=0))


def names_beside(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the names that stand in one object itself, not in what lies inside it."""
    return frozenset(
        name
        for key, value in data.items()
        if (is_name_key(str(key)) or looks_like_a_name(value)) and (name := name_of(value))
    )


def objects_in(data: Any, *, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield every object of `data`, the outer before the inner ones."""
    if depth >= MAX_DEPTH:
        return
    if isinstance(data, Mapping):
        yield data
        for value in data.values():
            yield from objects_in(value, depth=depth + 1)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from objects_in(value, depth=depth + 1)


def _names(data: Any, *, named: bool, depth: int) -> Iterator[str]:
    if depth >= MAX_DEPTH:
        return
    if isinstance(data, Mapping):
        for key, value in data.items():
            if looks_like_a_name(str(key)):  # {"credit_card_4421486": {...}}
                yield str(key).casefold()
            yield from _names(value, named=is_name_key(str(key)), depth=depth + 1)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _names(value, named=named, depth=depth + 1)
    elif (named or looks_like_a_name(data)) and (name := name_of(data)):
        yield name


def _has_letter(word: str) -> bool:
    return any(c.isalpha() for c in word)
