"""Queries of a filled store, as a process beside the server asks them; medians in milliseconds."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sized
from pathlib import Path

from benchmarks.ingest.load import NEEDLE, PROJECT
from benchmarks.ingest.serving import opened_store
from benchmarks.workload import measured, module, report

TOOL = "refund_order"
REPEATS = 15


def ask(home: Path) -> dict[str, float]:
    """Return what the queries of the store under `home` take, each in milliseconds.

    `filter_ms` and `text_ms` are those of the slower list, sessions or traces. `found_...` says
    how much each gave.
    """
    result = measured(module("ingest.queries", home))
    for form in ("filter", "text"):
        slower = max(result[f"{form}_sessions_ms"], result[f"{form}_traces_ms"])
        result[f"{form}_ms"] = slower
    return {name: value for name, value in result.items() if name != "rss_mb"}


def measure(home: Path) -> None:
    """Ask each query several times and report."""
    from reenact.domain.selection import Filter

    store = opened_store(home)
    failed, said = Filter(tool=TOOL, error=True), Filter(text=NEEDLE)
    listed = store.sessions(PROJECT, limit=50)
    ids = [one.session_id for one in listed if one.session_id is not None]
    asked: dict[str, Callable[[int], Sized]] = {
        "list": lambda n: store.sessions(PROJECT, limit=50),
        # Another session each time, so that none is answered from what was just read.
        "session": lambda n: store.spans_of_session(PROJECT, ids[n % len(ids)]),
        "filter_sessions": lambda n: store.sessions(PROJECT, failed, limit=50),
        "filter_traces": lambda n: store.traces(PROJECT, failed, limit=50),
        "text_sessions": lambda n: store.sessions(PROJECT, said, limit=50),
        "text_traces": lambda n: store.traces(PROJECT, said, limit=50),
        "count": lambda n: range(store.count_sessions(PROJECT)),
        "count_filter": lambda n: range(store.count_sessions(PROJECT, failed)),
    }
    told: dict[str, float] = {}
    for name, query in asked.items():
        times = []
        for number in range(REPEATS + 1):
            began = time.perf_counter()
            found = query(number)
            times.append((time.perf_counter() - began) * 1000)
        told[f"{name}_ms"] = round(statistics.median(times[1:]), 3)
        told[f"{name}_first_ms"] = round(times[0], 3)
        told[f"found_{name}"] = len(found)
    store.close()
    report(**told)


def main() -> None:
    """Measure the store under the home that is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    measure(parser.parse_args().home)


if __name__ == "__main__":
    main()
