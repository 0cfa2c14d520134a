"""Structured logs: one line of JSON per event of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from reenact import codec
from reenact.domain.progress import Event, Listener
from reenact.errors import UsageError

STDERR = "stderr"


@contextmanager
def event_log(place: str | None) -> Iterator[Listener | None]:
    """Append events to a file, or write them to stderr for that word; yields whom to tell them.

    The lines hold ids, numbers and states: no word of a talk and no secret.

    Raises:
        UsageError: where the file cannot be written.
    """
    if place is None:
        yield None
        return
    if place == STDERR:
        yield _writer(sys.stderr)
        return
    try:
        file = open(place, "a", encoding="utf-8")  # noqa: SIM115 (opening may fail, the rest not)
    except OSError as error:
        raise UsageError(f"cannot be written: {error}", where=f"--log-json {place}") from None
    with file:
        yield _writer(file)


def _writer(stream: IO[str]) -> Listener:
    def write(event: Event) -> None:
        stream.write(codec.to_json(event).decode() + "\n")
        stream.flush()

    return write
