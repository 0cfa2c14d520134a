"""Sockets that a server of this machine listens on, and the addresses of these."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from reenact.errors import UsageError
from reenact.listening.names import is_loopback

_BACKLOG = 256


def bind(host: str, port: int, *, keyed: bool = False, where: str = "--host") -> socket.socket:
    """Return a socket that is bound to `host` and `port` (0 takes any free one).

    `keyed` says that whoever asks must show a key or sign in: others may then reach it. `where`
    names the option that the host came from.

    Raises:
        UsageError: when others could reach it, or the address cannot be had.
    """
    if not keyed and not is_loopback(host):
        raise UsageError(
            f"{host} can be reached from other machines, and no password is set that tells who "
            "may ask",
            where=where,
            next_step="set one (reenact password set, or REENACT_PASSWORD), or listen on 127.0.0.1",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio sends small answers at once (TCP_NODELAY).
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


def free_address(host: str, port: int, *, keyed: bool = False) -> str:
    """Return `host:port` as gRPC takes it, after a look whether it can be had (0: any free one).

    Raises:
        UsageError: as `bind`.
    """
    with bind(host, port, keyed=keyed) as bound:
        found, number = bound.getsockname()[:2]
    return f"[{found}]:{number}" if ":" in found else f"{found}:{number}"


def url_of(bound: socket.socket) -> str:
    """Return the URL under which a bound socket is reached."""
    host, port = bound.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = own_address(bound.family) or host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def own_address(family: socket.AddressFamily = socket.AF_INET) -> str | None:
    """Return the address under which other machines reach this one; None without a network."""
    elsewhere = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"  # RFC 3849, 5737
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        try:
            line.connect((elsewhere, 9))  # only chooses the way: nothing is sent
        except OSError:
            return None
        return str(line.getsockname()[0])
