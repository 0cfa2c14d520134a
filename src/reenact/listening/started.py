"""A uvicorn server that says when it has started, and when it is going to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import uvicorn


class TellingServer(uvicorn.Server):
    """Calls `on_started` once requests are answered. Signals that come before may be lost.

    `on_stopping` is called before it waits for the answers under way to end: those that would
    go on for long can be cut short.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_started: Callable[[], Any],
        on_stopping: Callable[[], Any] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so, and stop."""
        self._on_stopping()
        await super().shutdown(sockets=sockets)
