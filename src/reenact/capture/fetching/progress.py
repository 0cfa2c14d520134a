"""How far a fetch came: kept in a file, so that a stopped one goes on and nothing is read twice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import msgspec

from reenact.capture.fetching.pages import SETTLING_NS, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A window that is being read."""

    window: Window
    cursor: str | None = None
    """Where its next page begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What was read in full, and what is being read."""

    covered: Window | None = None
    """Everything in it was read; what began in its last hours may have come since."""
    open: Open | None = None

    def next_window(self, since: int | None, now: int) -> Progress | None:
        """Return the progress with the next window opened, None where nothing is left to do.

        A window that was begun is finished first. Then comes what lies before what is covered,
        where `since` reaches there, and then what is new.
        """
        if self.open is not None:
            return self
        if self.covered is None:
            return replace(self, open=Open(window=Window(since=since, until=now)))
        first = self.covered.since
        if since is not None and first is not None and since < first:
            return replace(self, open=Open(window=Window(since=since, until=first)))
        if now <= self.covered.until:
            return None
        again = self.covered.until - SETTLING_NS
        again = again if first is None else max(first, again)
        return replace(self, open=Open(window=Window(since=again, until=now)))

    def at(self, cursor: str | None) -> Progress:
        """Return the progress after a page: further in its window, or with the window covered."""
        if self.open is None:
            return self
        if cursor is not None:
            return replace(self, open=replace(self.open, cursor=cursor))
        done = self.open.window
        if self.covered is not None:
            sinces = (self.covered.since, done.since)
            earliest = None if None in sinces else min(s for s in sinces if s is not None)
            done = Window(since=earliest, until=max(self.covered.until, done.until))
        return Progress(covered=done)


class Memory(Protocol):
    """Remembers the progress of one fetch."""

    def load(self) -> Progress:
        """Return what was saved last; no progress where nothing was, or where it cannot be read."""

    def save(self, progress: Progress) -> None:
        """Remember `progress`, durably."""


class FileMemory:
    """Remembers it in a file under `folder`, named after what is fetched into which store."""

    def __init__(self, folder: Path, *what: str) -> None:
        name = hashlib.sha256("\0".join(what).encode()).hexdigest()[:24]
        self._path = folder / f"{name}.json"

    def load(self) -> Progress:
        """Return what was saved last; no progress where nothing was, or where it cannot be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Progress)
        except (OSError, msgspec.MsgspecError):
            return Progress()

    def save(self, progress: Progress) -> None:
        """Replace the file by one with `progress`; it is on disk when this returns."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(f".{os.getpid()}.new")
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(progress))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)


Clock = Callable[[], int]
"""Tells the time in Unix nanoseconds."""
