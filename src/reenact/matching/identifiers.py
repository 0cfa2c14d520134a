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
GENERIC = frozenset(["", "id", "uuid", "guid", "number", "no", "code", "token", "ref", "reference"])
"""Keys that do not say of what kind the thing is that they name."""

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
    return frozenset(name for _, name in _names(data, key="", depth=0))


def kinds_in(data: Any) -> frozenset[str]:
    """Return the kinds of the things that `data` speaks of: the keys that names stand under.

    `order_ids` holds things of the kind `order_id`; a name without a key is of no kind (``).
    """
    return frozenset(kind for kind, _ in _names(data, key="", depth=0))


def _names(data: Any, *, key: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the kind and the spelling of every name."""
    if depth >= MAX_DEPTH:
        return
    if isinstance(data, Mapping):
        for inner, value in data.items():
            if looks_like_a_name(str(inner)):  # {"credit_card_4421486": {...}}
                yield key, str(inner).casefold()
            yield from _names(value, key=folded(str(inner)), depth=depth + 1)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _names(value, key=key, depth=depth + 1)
    elif (_ID_KEY.search(key) or looks_like_a_name(data)) and (name := name_of(data)):
        yield key.removesuffix("s"), name


def _has_letter(word: str) -> bool:
    return any(c.isalpha() for c in word)
