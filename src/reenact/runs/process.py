"""This process while it runs talks: its event loop, and how the interpreter is tuned."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

_COLLECT_AFTER = 10_000


def complete(run: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end; in a thread of its own where a loop runs here already.

    A notebook, or an async test, calls us from inside its loop. It is blocked meanwhile.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(run)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="reenact-run") as thread:
        thread.submit(contextvars.copy_context().run, asyncio.run, run).result()


@contextmanager
def tuned_process() -> Iterator[None]:
    """Tune the interpreter for a run, and set it back.

    What was loaded before stays anyway; walking it again and again took a third of a run's
    processor time.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
