"""MCP over stdin and stdout, which are this process's alone meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TextIO

from reenact.tools.served.mcp_server import mcp_server
from reenact.tools.served.open_turns import Tooling

MOST_CHARACTERS = 4 * 2**20
"""The longest message; with a longer one the client is taken to have left."""


async def serve_stdio(tooling: Tooling) -> None:
    """Serve until the client closes stdin, or a signal comes.

    The SDK reads stdin in a thread that no signal can end. Here a daemon reads it.
    """
    import anyio
    from mcp.server.stdio import stdio_server

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 (a coroutine runs in one)
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # not on Windows
            loop.add_signal_handler(number, task.cancel)
    server = mcp_server(tooling)
    told = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")  # closed by its reader
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as said, suppress(asyncio.CancelledError):
        streams = _lines(told), anyio.wrap_file(said)
        async with stdio_server(*streams) as (reading, writing):  # type: ignore[arg-type]
            await server.run(reading, writing, server.create_initialization_options())


async def _lines(file: TextIO) -> AsyncIterator[str]:
    """Yield the lines of `file` as they come."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        with file, suppress(RuntimeError):  # the loop is closed: nobody waits any more
            while line := file.readline(MOST_CHARACTERS):
                if not line.endswith("\n") and len(line) >= MOST_CHARACTERS:
                    break
                loop.call_soon_threadsafe(waiting.put_nowait, line)
            loop.call_soon_threadsafe(waiting.put_nowait, "")

    threading.Thread(target=read, name="reenact-stdin", daemon=True).start()
    while line := await waiting.get():
        yield line
