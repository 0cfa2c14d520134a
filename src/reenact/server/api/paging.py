"""Lists, a page at a time: a cursor is the place of the last thing shown, opaque to clients."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Query

from reenact.errors import UsageError

T = TypeVar("T")
Place = tuple[int | float | str, ...]
"""What orders a list, down to a field that no two of its things share."""

MOST = 500
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most")]
Cursor = Annotated[
    str | None, Query(max_length=2000, description="`next_cursor` of the page before this one")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A page of a list."""

    items: tuple[T, ...]
    next_cursor: str | None
    """Names the next page; None on the last."""
    total: int | None = None
    """How many the list has; None where nobody asked (`count=true`)."""


def page(
    found: Sequence[T], *, limit: int, place: Callable[[T], Place], total: int | None = None
) -> Page[T]:
    """Return the page of `found`, which was asked for with one more than `limit`."""
    shown = tuple(found[:limit])
    more = len(found) > limit
    return Page(items=shown, next_cursor=_cursor(place(shown[-1])) if more else None, total=total)


def place_of(cursor: str | None, *kinds: type) -> Place | None:
    """Return the place that `cursor` names; None for the first page.

    Raises:
        UsageError: where it is no cursor of this list.
    """
    if cursor is None:
        return None
    try:
        found = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        found = None
    fits = isinstance(found, list) and [type(part) for part in found] == list(kinds)
    if not fits:
        raise UsageError(
            "this is no cursor of this list",
            where="cursor",
            next_step="pass `next_cursor` of the page before, or nothing for the first page",
        )
    return tuple(found)


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
