"""The tool server at work: a socket, an application, and a thread that it runs in."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from reenact.errors import UsageError
from reenact.listening.sockets import bind, url_of
from reenact.tools.served.open_turns import Tooling

if TYPE_CHECKING:
    from reenact.listening.started import TellingServer

_ADDRESS = re.compile(r"(?:(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):)?(?P<port>\d{1,5})")
_ANY = ("0.0.0.0", "::")  # noqa: S104 (refused)
_CONNECTIONS = 1024
_GRACE_S = 1
_START_S = 30.0
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ServerUrls:
    """Where the tools are: `base` holds the token, so whoever has it may ask."""

    base: str

    @property
    def token(self) -> str:
        """What callers must know, as the run's own address holds it."""
        return self.base.rpartition("/")[2]

    @property
    def mcp(self) -> str:
        """The address of MCP's streamable HTTP."""
        return f"{self.base}/mcp"

    @property
    def tools(self) -> str:
        """The address of the plain endpoint."""
        return f"{self.base}/tools"

    def of(self, session_id: str, turn: int) -> ServerUrls:
        """Return the addresses for one turn of one conversation."""
        return ServerUrls(f"{self.base}/{session_id}.{turn}")


def parse_address(text: str, *, where: str) -> tuple[str, int]:
    """Read `[HOST:]PORT`; the host is this machine's loopback by default.

    Raises:
        UsageError: where it is neither, or the host is no address that an agent can be told.
    """
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or int(found["port"]) > 65535:
        raise UsageError(
            f"{text[:80]!r} is no address to listen on",
            where=where,
            next_step="write a port, or HOST:PORT; port 0 takes any free one",
        )
    host = (found["host"] or LOOPBACK).strip("[]")
    if host in _ANY:
        raise UsageError(
            f"{host} is every address of this machine, and none that an agent can be told",
            where=where,
            next_step="name the one that the agent reaches, such as a container's bridge",
        )
    return host, int(found["port"])


@contextmanager
def running(
    tooling: Tooling, *, host: str, port: int, token: str, where: str, sessions: bool = False
) -> Iterator[ServerUrls]:
    """Serve `tooling` in a thread meanwhile; yield its addresses.

    Raises:
        UsageError: when the address cannot be had.
    """
    with bind(host, port, keyed=True, where=where) as bound:
        settled = threading.Event()
        server = _server(tooling, token, host, sessions=sessions, on_started=settled.set)

        def serve() -> None:
            try:
                server.run(sockets=[bound])
            finally:
                settled.set()

        thread = threading.Thread(target=serve, name="reenact-tools", daemon=True)
        thread.start()
        try:
            if not settled.wait(_START_S) or not server.started:
                raise UsageError(
                    "the tool server did not start", where=where, next_step="name another port"
                )
            yield ServerUrls(f"{url_of(bound)}/{token}")
        finally:
            server.should_exit = True
            thread.join()


def run_until_stopped(
    tooling: Tooling,
    bound: socket.socket,
    *,
    token: str,
    host: str,
    on_ready: Callable[[ServerUrls], Any],
) -> None:
    """Serve `tooling` here until a signal comes; MCP sessions are told apart."""
    urls = ServerUrls(f"{url_of(bound)}/{token}")
    server = _server(tooling, token, host, sessions=True, on_started=partial(on_ready, urls))
    server.run(sockets=[bound])


def _server(
    tooling: Tooling, token: str, host: str, *, sessions: bool, on_started: Callable[[], Any]
) -> TellingServer:
    import uvicorn

    from reenact.listening.started import TellingServer
    from reenact.tools.served.access import Access
    from reenact.tools.served.endpoint import tool_app
    from reenact.tools.served.mcp_server import RecordedMcp, is_available

    mcp = RecordedMcp(tooling, sessions=sessions) if is_available() else None
    return TellingServer(
        uvicorn.Config(
            tool_app(tooling, access=Access(token, host), mcp=mcp),
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE_S,
        ),
        on_started=on_started,
    )
