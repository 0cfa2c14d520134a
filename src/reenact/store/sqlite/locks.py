"""How to wait for other processes that use the same SQLite file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

BUSY_SECONDS = 30.0
"""How long to wait for another process that writes."""


def is_busy(error: BaseException) -> bool:
    """Say whether `error` is that another connection holds the file."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def when_free(action: Callable[[], None], *, seconds: float) -> None:
    """Do `action` as soon as the file is free, or raise what it raised after `seconds`.

    SQLite does not wait by itself for a file whose journal mode is being changed, which is
    what two processes meet that open a new store at the same moment.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
