"""A million spans: how the queries do in a large store. Filled in process, not over HTTP."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest.load import PROJECT, SPANS_PER_SESSION, generated
from benchmarks.ingest.ours import NAME
from benchmarks.ingest.queries import ask
from benchmarks.ingest.serving import bytes_on_disk, opened_store
from benchmarks.workload import Meter, measured, module, report

SPANS = 1_000_000
_SESSIONS_PER_SEED = 2_000
_FIRST_SEED = 100
_POSTS_AT_ONCE = 10
_LONGEST_S = 3_600


def million_row(*, spans: int) -> dict[str, Any]:
    """Fill a new store with `spans` spans, ask it, and return a row."""
    began = time.perf_counter()
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        home = Path(folder) / "home"
        filled = measured(module("ingest.million", home, spans), timeout_s=_LONGEST_S)
        held = bytes_on_disk(home)
        asked = ask(home)
    return {
        "name": f"{NAME}, a large store",
        "connections": None,
        "spans": filled["spans"],
        "spans_per_s": None,
        "cpu_us_span": round(filled["cpu_s"] / filled["spans"] * 1e6, 1),
        "rss_peak_mb": filled["rss_mb"],
        "bytes_span": round(held / filled["spans"]),
        "fill_s": round(filled["wall_s"], 1),
        "whole_s": round(time.perf_counter() - began, 1),
        **asked,
    }


def fill(home: Path, *, spans: int) -> int:
    """Write `spans` spans, or a few more, into the store under `home`; return how many."""
    from reenact.capture.ingest import ingest_readied, readied
    from reenact.capture.otlp import decode

    per_seed = min(_SESSIONS_PER_SEED, -(-spans // SPANS_PER_SESSION))
    seeds = -(-spans // (per_seed * SPANS_PER_SESSION))
    store = opened_store(home)
    taken = 0
    waiting: list[Any] = []
    load = generated(sessions=per_seed, seeds=range(_FIRST_SEED, _FIRST_SEED + seeds))
    for number, raw in enumerate(load, start=1):
        decoded = decode(raw, content_type="application/x-protobuf")
        waiting.extend(readied(decoded.spans, None))
        if number % _POSTS_AT_ONCE == 0:
            taken += ingest_readied(waiting, store=store).taken
            waiting = []
    taken += ingest_readied(waiting, store=store).taken
    counted = {project.id: project.spans for project in store.projects()}
    store.close()
    if counted != {PROJECT: taken} or taken < spans:
        raise RuntimeError(f"{taken} spans were taken, the store counts {counted}")
    return taken


def main() -> None:
    """Fill the store under the home that is named, and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("spans", type=int)
    given = parser.parse_args()
    with Meter() as meter:
        taken = fill(given.home, spans=given.spans)
    report(spans=taken, wall_s=meter.wall_s, cpu_s=meter.cpu_s)


if __name__ == "__main__":
    main()
