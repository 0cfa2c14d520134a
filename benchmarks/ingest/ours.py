"""Reenact: one load over some connections into a new store, and what that took."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest.freshness import Freshness, rounded
from benchmarks.ingest.load import PROJECT, Post
from benchmarks.ingest.posting import percentile, post_all
from benchmarks.ingest.queries import ask
from benchmarks.ingest.sampling import Sampler
from benchmarks.ingest.serving import Serving, bytes_on_disk, opened_store

NAME = "reenact"
CONNECTIONS = (1, 2, 16)
COMPARED = 2
"""The number of connections over which the peers get their posts too."""
_PATIENCE_S = 120.0


def one_leg(posts: Sequence[Post], *, connections: int) -> dict[str, Any]:
    """Post all of `posts` to a new server and return the figures of one row."""
    spans = sum(post.spans for post in posts)
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        home = Path(folder) / "home"
        with Serving(home) as server:
            before = bytes_on_disk(home)
            with Sampler(server.process.pid) as sampler:
                began = time.perf_counter()
                posted = post_all(server.url, posts, connections=connections)
                counted_s = _wait_for(home, spans) - began
            held = bytes_on_disk(home) - before
            asked = ask(home)
        _refuse_complaints(server)
        closed = bytes_on_disk(home)
    return {
        "name": NAME,
        "connections": connections,
        "spans": spans,
        "spans_per_s": round(spans / counted_s),
        "wall_s": round(counted_s, 3),
        "cpu_us_span": round(sampler.cpu_s / spans * 1e6, 1),
        "rss_peak_mb": sampler.peak_mb,
        "bytes_span": round(held / spans),
        "bytes_span_closed": round(closed / spans),
        "post_ms_p50": rounded(percentile(posted.ms, 0.5)),
        "post_ms_p99": rounded(percentile(posted.ms, 0.99)),
        "told_to_wait": posted.again,
        "start_s": server.start_s,
        **asked,
    }


def fresh_leg(posts: Sequence[Post]) -> dict[str, Any]:
    """Post over the compared number of connections with probes beside it; return their figures."""
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        home = Path(folder) / "home"
        with Serving(home) as server, Freshness(server.url, home) as fresh:
            post_all(server.url, posts, connections=COMPARED)
        _refuse_complaints(server)
    return fresh.figures()


def row_of(legs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of legs of one kind; of memory the highest."""
    row: dict[str, Any] = {}
    for name, value in legs[0].items():
        values = [leg[name] for leg in legs if leg[name] is not None]
        if isinstance(value, str) or not values:
            row[name] = value
        elif name == "rss_peak_mb":
            row[name] = max(values)
        else:
            row[name] = _plain(statistics.median(values))
    row["rounds"] = len(legs)
    row["spans_per_s_rounds"] = [leg["spans_per_s"] for leg in legs]
    return row


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, 3)


def _wait_for(home: Path, spans: int) -> float:
    """Return the moment at which another process counts all `spans` in the project's row."""
    store = opened_store(home)
    until = time.monotonic() + _PATIENCE_S
    counted = None
    while time.monotonic() < until:
        counted = {project.id: project.spans for project in store.projects()}
        if counted == {PROJECT: spans}:
            store.close()
            return time.perf_counter()
        time.sleep(0.005)
    raise RuntimeError(f"{spans} spans were acknowledged, the store counts {counted}")


def _refuse_complaints(server: Serving) -> None:
    if "Traceback" in server.log:
        raise RuntimeError(f"the server met a surprise:\n{server.log[-4000:]}")
