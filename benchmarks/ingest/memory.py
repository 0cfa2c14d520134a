"""Memory over time: a longer load over 16 connections, with the memory of each half second."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest.freshness import Freshness, rounded
from benchmarks.ingest.load import Post, read_posts, write_load
from benchmarks.ingest.ours import NAME
from benchmarks.ingest.posting import percentile, post_all
from benchmarks.ingest.sampling import Sampler
from benchmarks.ingest.serving import Serving

CONNECTIONS = 16
EVERY_S = 0.5
_FIRST_SEED = 50
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 60


def memory_row(folder: Path, *, sessions: int, loads: int) -> dict[str, Any]:
    """Post `loads` loads of `sessions` sessions one after the other; return a row with samples."""
    posts = _written(folder, sessions=sessions, loads=loads)
    with TemporaryDirectory(prefix="reenact-bench-") as temporary:
        home = Path(temporary) / "home"
        with (
            Serving(home) as server,
            Sampler(server.process.pid, every_s=EVERY_S) as sampler,
            Freshness(server.url, home) as fresh,
        ):
            posted = post_all(server.url, posts, connections=CONNECTIONS)
    spans = sum(post.spans for post in posts)
    return {
        "name": f"{NAME}, a long load",
        "connections": CONNECTIONS,
        "spans": spans,
        "wall_s": round(posted.wall_s, 2),
        "spans_per_s": round(spans / posted.wall_s),
        "rss_peak_mb": sampler.peak_mb,
        **_quarters(sampler.rss),
        "longest_gap_s": _longest_gap(sampler.rss),
        "post_ms_p50": rounded(percentile(posted.ms, 0.5)),
        "post_ms_p99": rounded(percentile(posted.ms, 0.99)),
        "told_to_wait": posted.again,
        **fresh.figures(),
        "rss_mb": sampler.rss,
    }


def print_memory(row: dict[str, Any]) -> None:
    """Print the memory of a row as a line of bars and a small table."""
    samples = [mb for _, mb in row["rss_mb"]]
    print(f"  {sparkline(samples)}  0 to {max(samples):.0f} MB, every {EVERY_S:g} s")
    step = max(1, len(row["rss_mb"]) // 12)
    for seconds, mb in row["rss_mb"][::step]:
        print(f"  {seconds:8.1f} s {mb:8.1f} MB")
    if row["longest_gap_s"] > 10 * EVERY_S:
        print(
            f"  this machine stood still for {row['longest_gap_s']:g} s: its figures show that too"
        )


def sparkline(values: Sequence[float]) -> str:
    """Return `values` as bars from 0 to their highest, at most `_WIDTH` of them."""
    step = max(1, -(-len(values) // _WIDTH))
    highest = max(values)
    groups = (values[start : start + step] for start in range(0, len(values), step))
    return "".join(_BARS[int(max(group) / highest * (len(_BARS) - 1))] for group in groups)


def _quarters(samples: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return the mean memory of each quarter of the time."""
    size = max(1, len(samples) // 4)
    parts = [samples[start : start + size] for start in range(0, 4 * size, size)]
    means = [round(statistics.fmean(mb for _, mb in part), 1) for part in parts if part]
    return {f"rss_quarter_{number}_mb": mean for number, mean in enumerate(means, start=1)}


def _longest_gap(samples: Sequence[tuple[float, float]]) -> float:
    """Return the longest time between two samples."""
    times = [seconds for seconds, _ in samples]
    return round(max((later - one for one, later in pairwise(times)), default=0.0), 2)


def _written(folder: Path, *, sessions: int, loads: int) -> list[Post]:
    posts: list[Post] = []
    for path in _loads(folder, sessions=sessions, loads=loads):
        posts += read_posts(path, first=len(posts))
    return posts


def _loads(folder: Path, *, sessions: int, loads: int) -> Iterator[Path]:
    path = folder / "long.bin"
    for number in range(loads):
        write_load(path, sessions=sessions, seed=_FIRST_SEED + number)
        yield path
    path.unlink()
