"""A uvicorn server that says when it has started."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import uvicorn


class TellingServer(uvicorn.Server):
    """Calls `on_started` once requests are answered. Signals that come before may be lost."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], Any]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()
