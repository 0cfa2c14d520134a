"""What the sources have in common: a window of time, a page, and what is too young to take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reenact.capture.importers.foreign_spans import iso_of
from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.limits import BadSpan
from reenact.domain.span import Span
from reenact.errors import SourceFailed

SETTLING_NS = 6 * 3_600 * 10**9
"""Six hours: for so long a span may run or be late. A later fetch looks at them again, and what
runs within them is left for it."""
_BEGINNING = 946_684_800 * 10**9  # 2000: some sources take a missing bound for "lately"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when (None: the beginning) to when, by the start of spans, in Unix nanoseconds."""

    since: int | None
    until: int

    @property
    def since_iso(self) -> str:
        """The first moment as ISO 8601."""
        return iso_of(_BEGINNING if self.since is None else self.since)

    @property
    def until_iso(self) -> str:
        """The moment after the last one as ISO 8601."""
        return iso_of(self.until)

    @property
    def since_ms(self) -> int:
        """The first moment in milliseconds."""
        return (_BEGINNING if self.since is None else self.since) // 10**6

    @property
    def until_ms(self) -> int:
        """The moment after the last one in milliseconds."""
        return self.until // 10**6

    def is_young(self, began: int | None) -> bool:
        """Tell whether what began then may still be running when the window ends."""
        return began is not None and began > self.until - SETTLING_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as spans."""

    spans: tuple[Span, ...] = ()
    rejected: tuple[str, ...] = ()
    """Why records of it could not be taken, one reason each."""
    left: int = 0
    """How many records are still running, and left for a later fetch."""
    cursor: str | None = None
    """Where the next page begins; None after the last one."""


class Source(Protocol):
    """A tool's API, read page by page."""

    def page(self, window: Window, cursor: str | None, size: int) -> Page:
        """Return the page at `cursor` (None: the first) with about `size` records.

        Raises:
            SourceFailed: where the source refuses or fails.
            AnswerTooLarge: where smaller pages must be asked for.
        """


def page_of(
    records: Iterable[Any],
    spans_of: Callable[[dict[str, Any]], Iterable[Span]],
    *,
    cursor: str | None,
    left: Callable[[Mapping[str, Any]], bool] = lambda record: False,
) -> Page:
    """Return a page of the spans of `records`, without those that are still running."""
    spans: list[Span] = []
    rejected: list[str] = []
    running = 0
    for record in records:
        try:
            found = safe(record)
            if not isinstance(found, dict):
                raise Unusable("a record is no object")
            if left(found):
                running += 1
                continue
            spans.extend(list(spans_of(found)))
        except (Unusable, BadSpan) as why:
            name = record.get("id", "") if isinstance(record, dict) else ""
            rejected.append(f"{name}: {why}" if isinstance(name, str) and name else str(why))
    return Page(spans=tuple(spans), rejected=tuple(rejected), left=running, cursor=cursor)


def listed(answer: Any, key: str, *, where: str) -> list[Any]:
    """Return the list at `key` of an answer; raises SourceFailed where there is none."""
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise SourceFailed(
            f"the answer holds no list {key!r}",
            where=where,
            next_step="check --url: it must be the address of the API",
        )
    return found


def text_at(answer: Any, *keys: str) -> str | None:
    """Return the text under `keys`, None where there is none that is not empty."""
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer if isinstance(answer, str) and answer else None
