"""Server-sent events of a run: what happens, and where it stands, until it has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from reenact import codec
from reenact.domain.progress import Event, RunProgress
from reenact.server.broadcast import Broadcast

_EVERY_S = 1.0
_SIGN_OF_LIFE_S = 15.0
_GOES_ON = ("pending", "running")

EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events named after their kind (`turn_kept`, `call_ended`, `run_ended`), "
        "and `progress` with where the run stands; the data of each is JSON.",
        "content": {
            "text/event-stream": {"schema": {"type": "string"}},
        },
    }
}


async def events_of(
    run_id: str, *, progress: Callable[[str], RunProgress], broadcast: Broadcast
) -> AsyncIterator[bytes]:
    """Yield the events of a run as text/event-stream; first and last is where it stands.

    They also end when the server stops: whoever watches asks again, and is told where it stands.
    A run of another process sends no events here; where it stands is asked of the store.
    """
    with broadcast.watching(run_id) as queue:
        told: RunProgress | None = None
        told_at = asked_at = 0.0
        while told is None or (told.status in _GOES_ON and not broadcast.ended):
            if time.monotonic() - asked_at >= _EVERY_S or told is None:
                stands = await asyncio.to_thread(progress, run_id)
                asked_at = time.monotonic()
                if stands != told:
                    yield _message("progress", stands)
                    told, told_at = stands, asked_at
                elif asked_at - told_at >= _SIGN_OF_LIFE_S:
                    yield b": still here\n\n"
                    told_at = asked_at
                continue
            event = await _next(queue)
            if event is not None:
                yield _message(event.kind, event)
                if event.kind == "run_ended":
                    yield _message("progress", await asyncio.to_thread(progress, run_id))
                    return


async def _next(queue: asyncio.Queue[Event]) -> Event | None:
    try:
        async with asyncio.timeout(_EVERY_S):
            return await queue.get()
    except TimeoutError:
        return None


def _message(name: str, value: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + codec.to_json(value) + b"\n\n"
