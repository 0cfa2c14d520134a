"""From an address to a server that listens there until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI

from reenact.errors import UsageError
from reenact.server.hosts import is_loopback

GRACE_SECONDS = 10
"""How long requests that are under way may take to end when the server stops."""
CONNECTIONS = 512
_BACKLOG = 256


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to `host` and `port` (0 takes any free one).

    Raises:
        UsageError: when others could reach it, or the address cannot be had.
    """
    if not is_loopback(host):
        raise UsageError(
            f"{host} can be reached from other machines, and there are no keys yet to tell "
            "who may send",
            where="--host",
            next_step="listen on 127.0.0.1, and forward to it over ssh or a proxy that you trust",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        bound.close()
        raise UsageError(
            f"cannot listen there: {getattr(error, 'strerror', None) or error}",
            where=f"{host}:{port}",
            next_step="stop what listens there, or name another one: --port 0 takes any free port",
        ) from None
    return bound


def free_address(host: str, port: int) -> str:
    """Return `host:port` as gRPC takes it, after a look whether it can be had (0: any free one).

    Raises:
        UsageError: as `bind`.
    """
    with bind(host, port) as bound:
        found, number = bound.getsockname()[:2]
    return f"[{found}]:{number}" if ":" in found else f"{found}:{number}"


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


def url_of(bound: socket.socket) -> str:
    """Return the URL under which a bound socket is reached."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
