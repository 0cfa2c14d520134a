"""The sweep: every now and then, what a project does not keep is deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from reenact.capture.retention import Swept, sweep
from reenact.store.spans import SpanStore

EVERY_S = 3600.0


@asynccontextmanager
async def sweeping(
    store: SpanStore,
    *,
    on_swept: Callable[[tuple[Swept, ...]], object],
    on_failed: Callable[[Exception], object],
    every_s: float = EVERY_S,
) -> AsyncIterator[None]:
    """Sweep `store` at once and then every `every_s` seconds, as long as the context is open.

    A sweep that fails is told to `on_failed`; the next one tries again.
    """
    task = asyncio.create_task(_sweep(store, on_swept, on_failed, every_s))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _sweep(
    store: SpanStore,
    on_swept: Callable[[tuple[Swept, ...]], object],
    on_failed: Callable[[Exception], object],
    every_s: float,
) -> None:
    last: datetime | None = None
    while True:
        now = datetime.now(UTC)
        try:
            on_swept(await asyncio.to_thread(sweep, store, now=now, last=last))
            last = now
        except Exception as error:
            on_failed(error)
        await asyncio.sleep(every_s)
