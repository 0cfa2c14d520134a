"""Asks a model from code that cannot wait: on one event loop, in a thread of its own.

A model's connections belong to the loop that made them, so all blocking questions of a process
share one loop.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import TimeoutError as WaitTimeout

from reenact.errors import ModelFailed
from reenact.llm.port import Completion, LanguageModel, Prompt

_LOCK = threading.Lock()
_LOOPS: list[asyncio.AbstractEventLoop] = []


def complete_now(model: LanguageModel, prompt: Prompt, *, timeout_s: float) -> Completion:
    """Return the answer to `prompt`, blocking this thread; at most `timeout_s` seconds.

    Raises:
        ModelFailed: it did not answer in time, or not in the shape that was asked for.
    """
    asked = asyncio.run_coroutine_threadsafe(model.complete(prompt), _loop())
    try:
        return asked.result(timeout_s)
    except WaitTimeout:
        asked.cancel()
        raise ModelFailed(f"no answer within {timeout_s:g} s", where=model.name) from None


def _loop() -> asyncio.AbstractEventLoop:
    with _LOCK:
        if not _LOOPS:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="reenact-model", daemon=True).start()
            _LOOPS.append(loop)
        return _LOOPS[0]
