"""From an address to a server that listens there until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI

from reenact.listening.sockets import url_of

GRACE_SECONDS = 10
"""How long requests that are under way may take to end when the server stops."""
CONNECTIONS = 512


def listen(app: FastAPI, bound: socket.socket, *, on_ready: Callable[[str], Any]) -> None:
    """Serve `app` on `bound` until SIGINT or SIGTERM; requests under way are finished.

    `on_ready` is called with the server's URL: requests that come from then on are answered, and
    signals from then on stop it.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    try:
        _Server(config, on_started=partial(on_ready, url_of(bound))).run(sockets=[bound])
    finally:
        bound.close()


class _Server(uvicorn.Server):
    """Says when it has started. Signals that come before that may be lost."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], Any]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()
