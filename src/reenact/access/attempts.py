"""How often passwords may be tried: a few times by one client, and few at once by all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address, ip_network

from reenact.errors import TooManyAttempts

MOST = 5
"""Wrong passwords of one client within `WINDOW_S`."""
WINDOW_S = 300
CLIENTS = 4_096
"""Clients that are remembered; beyond that, who failed longest ago is forgotten."""
_WAITING = 4
"""Attempts that may wait for their turn. More would hold up the threads of other requests."""


class Attempts:
    """Counts wrong passwords by client, in bounded memory, and lets one be checked at a time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._counting = threading.Lock()
        self._turn = threading.Lock()  # a check takes 64 MiB
        self._places = threading.BoundedSemaphore(_WAITING)

    @contextmanager
    def one_of(self, client: str) -> Iterator[None]:
        """Let `client` try once, when its turn comes. It counts as wrong until `forgive`.

        Raises:
            TooManyAttempts: where it has failed too often, or too many wait.
        """
        if not self._places.acquire(blocking=False):
            raise TooManyAttempts(1)
        try:
            self._count(network_of(client))
            with self._turn:
                yield
        finally:
            self._places.release()

    def forgive(self, client: str) -> None:
        """Forget what `client` got wrong: it knows the password."""
        with self._counting:
            self._failed.pop(network_of(client), None)

    def _count(self, client: str) -> None:
        with self._counting:
            now = self._clock()
            since, failed = self._failed.pop(client, (now, 0))
            if now - since >= WINDOW_S:
                since, failed = now, 0
            # Put back last: who tries most recently is remembered longest.
            self._failed[client] = since, min(failed + 1, MOST + 1)
            while len(self._failed) > CLIENTS:
                self._failed.popitem(last=False)
        if failed >= MOST:
            raise TooManyAttempts(max(1, round(since + WINDOW_S - now)))


def network_of(client: str) -> str:
    """Return the network that one client is likely to have: its address, or its /64 of IPv6."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client[:100]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
