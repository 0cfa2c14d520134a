"""kill -9 of a real server under load: what it acknowledged must be there, once, and counted.

Each round: a new home, a load over several connections, a kill at a random moment. The store is
looked through, the server started again, everything sent again, and the store looked through
once more: then it must hold every span of the load once.
"""

from __future__ import annotations

import http.client
import random
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest.examining import Key, examine
from benchmarks.ingest.load import Post
from benchmarks.ingest.posting import Line, Shared, post_all
from benchmarks.ingest.sampling import tree
from benchmarks.ingest.serving import Serving

CONNECTIONS = 8
_SHARE_AT_MOST = 0.8
"""The kill comes after a random number of answers, at most this share of all, ..."""
_LATER_AT_MOST_S = 0.15
"""... and a random time after that one, so that it falls anywhere between two commits."""
COLUMNS = (
    "killed_s", "acknowledged", "kept", "lost", "unacknowledged", "doubled", "rollup_exact",
    "restart_s", "after_resend", "doubled_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Moment:
    """When to kill: so many seconds after so many answers."""

    answers: int
    later_s: float


def kill_rows(posts: Sequence[Post], *, rounds: int, seed: int) -> list[dict[str, Any]]:
    """Return a row for each of `rounds` kills; `seed` decides their moments."""
    rng = random.Random(seed)
    keys = {post.number: keys_of(post) for post in posts}
    most = int(len(posts) * _SHARE_AT_MOST)
    rows = []
    for number in range(1, rounds + 1):
        print(f"kill {number} of {rounds}", file=sys.stderr)
        moment = _Moment(rng.randint(0, most), rng.uniform(0, _LATER_AT_MOST_S))
        with TemporaryDirectory(prefix="reenact-bench-") as folder:
            row = _one_kill(Path(folder) / "home", posts, keys, moment)
        rows.append({"name": f"kill {number}", **row})
    return rows


def keys_of(post: Post) -> frozenset[Key]:
    """Return trace and span ids of what a post holds."""
    from reenact.capture.otlp import decode

    decoded = decode(post.body, content_type="application/x-protobuf", content_encoding="gzip")
    return frozenset((span.trace_id, span.span_id) for span in decoded.spans)


def _one_kill(
    home: Path, posts: Sequence[Post], keys: dict[int, frozenset[Key]], moment: _Moment
) -> dict[str, Any]:
    acknowledged, killed_s, orphans = _load_and_kill(home, posts, moment)
    promised = frozenset[Key]().union(*(keys[number] for number in acknowledged))
    every = frozenset[Key]().union(*keys.values())
    after = examine(home)
    with Serving(home) as server:
        post_all(server.url, posts, connections=CONNECTIONS)
    again = examine(home)
    faults = [*after.faults, *again.faults]
    if again.keys != every:
        faults.append(f"sent again: {len(every)} spans; there are {len(again.keys)}")
    if orphans:
        faults.append(f"{orphans} processes of the server lived on")
    return {
        "killed_s": round(killed_s, 2),
        "acknowledged": len(promised),
        "kept": len(promised & after.keys),
        "lost": len(promised - after.keys),
        "unacknowledged": len(after.keys - promised),
        "doubled": after.doubled,
        "rollup_exact": not faults,
        "restart_s": server.start_s,
        "after_resend": len(again.keys),
        "doubled_after": again.doubled,
        "faults": faults,
    }


def _load_and_kill(
    home: Path, posts: Sequence[Post], moment: _Moment
) -> tuple[list[int], float, int]:
    """Return the numbers of the posts that were answered 200, when the kill came, and orphans."""
    acknowledged: list[int] = []
    with Serving(home) as server:
        waiting = Shared(posts)
        threads = [
            threading.Thread(target=_send_until_it_dies, args=(server.url, waiting, acknowledged))
            for _ in range(CONNECTIONS)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        while len(acknowledged) < moment.answers and any(map(threading.Thread.is_alive, threads)):
            time.sleep(0.001)
        time.sleep(moment.later_s)
        family = tree(server.process.pid)
        server.kill()
        killed_s = time.perf_counter() - began
        for thread in threads:
            thread.join()
    return acknowledged, killed_s, _left_of(family - {server.process.pid})


def _send_until_it_dies(url: str, waiting: Shared, acknowledged: list[int]) -> None:
    with closing(Line(url)) as line:
        for post in waiting:
            try:
                answer = line.send(post.body)
            except (OSError, http.client.HTTPException):
                return  # the server was gone before it could answer
            if answer.status == 200:
                acknowledged.append(post.number)


def _left_of(family: set[int]) -> int:
    """Return how many processes of the server are there after it, given a moment to go."""
    until = time.monotonic() + 5
    while (left := {pid for pid in family if tree(pid)}) and time.monotonic() < until:
        time.sleep(0.05)
    return len(left)


def total_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums of the rounds as one more row."""
    total: dict[str, Any] = {"name": f"all {len(rows)}"}
    for column in COLUMNS:
        if column not in ("killed_s", "restart_s", "rollup_exact"):
            total[column] = sum(row[column] for row in rows)
    total["rollup_exact"] = all(row["rollup_exact"] for row in rows)
    total["wrong"] = sum(not row["rollup_exact"] for row in rows)
    return total
