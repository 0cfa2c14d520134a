"""Asks a server over one connection each, and says how long answers took."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

API = "/api/v1"


class Client:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, url: str):
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a path of the API."""
        return json.loads(self.bytes(f"{API}{path}?{urlencode(query)}"))

    def bytes(self, address: str) -> bytes:
        """Return the body of an address; raises where the answer is no success."""
        self._connection.request("GET", address)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{address}: {answer.status} {body[:500]!r}")
        return body

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON to a path of the API; return the JSON of the answer."""
        headers = {"content-type": "application/json"}
        self._connection.request("POST", f"{API}{path}", json.dumps(body), headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{path}: {answer.status} {said[:500]!r}")
        return json.loads(said)


def percentile(times: Sequence[float], share: float) -> float:
    """Return a percentile of times in seconds, as milliseconds."""
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)


def timed(ask: Callable[[int], Any], *, times: int) -> dict[str, float]:
    """Ask so often, after one that is not counted; return p50 and p95 in milliseconds."""
    ask(0)
    taken = []
    for number in range(times):
        began = time.perf_counter()
        ask(number)
        taken.append(time.perf_counter() - began)
    return {"p50_ms": percentile(taken, 0.5), "p95_ms": percentile(taken, 0.95)}


def read_together(
    url: str, addresses: Sequence[str], *, readers: int, seconds: float
) -> dict[str, Any]:
    """Let `readers` ask one request a second each for so long; return times and errors."""
    taken: list[float] = []
    errors: list[str] = []

    def reader(number: int) -> None:
        client = Client(url)
        until = time.monotonic() + seconds
        time.sleep(number / readers)
        place = number
        while time.monotonic() < until:
            began = time.perf_counter()
            try:
                client.bytes(addresses[place % len(addresses)])
                taken.append(time.perf_counter() - began)
            except Exception as error:
                errors.append(str(error)[:200])
                client = Client(url)
            place += 1
            time.sleep(max(0.0, 1 - (time.perf_counter() - began)))

    threads = [threading.Thread(target=reader, args=(n,)) for n in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "requests": len(taken),
        "errors": len(errors),
        "first_error": errors[0] if errors else None,
        "p50_ms": percentile(taken, 0.5),
        "p95_ms": percentile(taken, 0.95),
    }
