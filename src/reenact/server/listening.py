"""From an address to a server that listens there until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI

from reenact.listening.sockets import url_of
from reenact.listening.started import TellingServer

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
        server = TellingServer(
            config,
            on_started=partial(on_ready, url_of(bound)),
            on_stopping=app.state.on_stopping,
        )
        server.run(sockets=[bound])
    finally:
        bound.close()
