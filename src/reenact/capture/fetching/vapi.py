"""Vapi's API: the calls of an organisation, newest first, page by page by the time of creation.

A window begins by when a call was last changed: a call that was planned or began long ago, and
has ended since, is in the window after its end. Recordings are never asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from reenact.capture.fetching.calls import is_incomplete, moment_at
from reenact.capture.fetching.client import Client
from reenact.capture.fetching.pages import Page, Window, listed, page_of, text_at
from reenact.capture.importers.foreign_spans import iso_of
from reenact.capture.importers.vapi import conversation_of
from reenact.capture.items import spans_of
from reenact.errors import SourceFailed

_PATH = "/call"
_LARGEST = 1_000
"""Calls that the API gives on a page at most."""
_RUNNING = ("scheduled", "queued", "ringing", "in-progress", "forwarding")
_MS = 10**6


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: at the calls of one millisecond, some of which are taken already."""

    at: int
    """In milliseconds."""
    taken: tuple[str, ...]

    @classmethod
    def read(cls, cursor: str) -> _Place:
        at, taken = msgspec.json.decode(cursor, type=tuple[int, tuple[str, ...]])
        return cls(at, taken)

    def __str__(self) -> str:
        return msgspec.json.encode((self.at, self.taken)).decode()


class Vapi:
    """Reads the calls that a key may see: all, or those of one assistant."""

    def __init__(self, client: Client, project: str, *, assistant: str | None) -> None:
        self._client = client
        self._project = project
        self._assistant = assistant

    def page(self, window: Window, cursor: str | None, size: int) -> Page:
        """Return a page of calls."""
        place = _Place.read(cursor) if cursor else None
        taken = place.taken if place else ()
        limit = min(size + len(taken), _LARGEST)
        # The whole millisecond is asked for again: the page may have ended in the middle of it.
        before = iso_of((place.at + 1) * _MS) if place else window.until_iso
        params = [
            ("limit", str(limit)),
            ("updatedAtGe", window.since_iso),
            ("createdAtLt", before),
            *([("assistantId", self._assistant)] if self._assistant else []),
        ]
        calls = listed({"calls": self._client.get(_PATH, params)}, "calls", where=_PATH)
        fresh = [call for call in calls if text_at(call, "id") not in taken]
        return page_of(
            fresh,
            lambda call: spans_of(conversation_of(call, project=self._project)),
            cursor=_following(calls, place, full=len(calls) >= limit),
            left=lambda call: is_incomplete(
                call, window, status="status", running=_RUNNING, ended="endedAt"
            ),
        )


def _following(calls: Sequence[Any], place: _Place | None, *, full: bool) -> str | None:
    """Return where the next page begins, None where this one brought nothing more.

    A page is not trusted to be the last one because it is short: a server may give less.
    """
    found = [(text_at(call, "id"), _created(call)) for call in calls]
    times = [time for _, time in found if time is not None]
    if full and times != sorted(times, reverse=True):
        raise _unreadable("calls do not come newest first")
    following = place
    if times:
        at = min(times)
        there = [id for id, time in found if id is not None and time == at]
        earlier = place.taken if place and place.at == at else ()
        following = _Place(at, tuple(dict.fromkeys([*earlier, *there])))
    if following != place:
        return str(following)
    if full:
        raise _unreadable(f"calls repeat, or more than {_LARGEST:,} began in one millisecond")
    return None


def _created(call: Any) -> int | None:
    """Return when a call was created, in milliseconds."""
    at = moment_at(call, "createdAt") if isinstance(call, dict) else None
    return None if at is None else at // _MS


def _unreadable(what: str) -> SourceFailed:
    return SourceFailed(
        f"{what}: some would be left out",
        where=_PATH,
        next_step="export the calls, and use reenact import --format vapi",
    )
