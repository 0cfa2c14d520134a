"""The parts of the benchmark, one after the other, each with its table, its bounds, its file."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest import exporters, kill
from benchmarks.ingest.bounds import (
    AIM_SPANS_PER_S,
    bounds,
    exporter_bounds,
    kill_bounds,
    memory_bounds,
)
from benchmarks.ingest.load import SPANS_PER_SESSION, Post, read_posts, write_load
from benchmarks.ingest.memory import memory_row, print_memory
from benchmarks.ingest.million import million_row
from benchmarks.ingest.ours import COMPARED, CONNECTIONS, fresh_leg, one_leg, row_of
from benchmarks.ingest.peers import Peer, installed, killed_row, peer_row
from benchmarks.table import print_checks, print_rows
from benchmarks.workload import GENERATOR, write_rows

PARTS = ("ours", "peers", "million", "kill", "memory", "exporters")
COLUMNS = (
    "connections", "spans", "spans_per_s", "cpu_us_span", "rss_peak_mb", "bytes_span", "list_ms",
    "session_ms", "filter_ms", "text_ms",
)  # fmt: skip
SEED = 20_26


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured, and how much of it."""

    parts: Collection[str] = PARTS
    sessions: int = 2_000
    rounds: int = 3
    million: int = 1_000_000
    """Spans of the large store."""
    kills: int = 20
    loads: int = 5
    """Loads of the long load."""
    venvs: Path


def bench_ingest(plan: Plan) -> bool:
    """Measure, print, write the results; return True where every bound holds."""
    if not GENERATOR.is_file():
        print("left out: ingest: ../shared/bench/ingest/genload.py is not here")
        return True
    if not Path("/proc/self/stat").is_file():
        print("left out: ingest: CPU and memory are read from /proc, this needs Linux")
        return True
    _tell_if_busy()
    peers = installed(plan.venvs) if {"peers", "kill"} & set(plan.parts) else []
    held = []
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        load = Path(folder) / "load.bin"
        write_load(load, sessions=plan.sessions)
        if {"ours", "peers", "million"} & set(plan.parts):
            held.append(_speed(plan, load, peers))
        if "kill" in plan.parts:
            held.append(_kills(plan, load, peers))
        if "memory" in plan.parts:
            held.append(_memory(plan, Path(folder)))
        if "exporters" in plan.parts:
            held.append(_exporters())
    return all(held)


def _speed(plan: Plan, load: Path, peers: Sequence[Peer]) -> bool:
    rows = list(_measured_in_turns(plan, load, peers))
    if "million" in plan.parts:
        _note(f"filling a store with {plan.million:,} spans")
        rows.append(million_row(spans=plan.million))
    path = write_rows("ingest", rows)
    print(
        f"\ningest: {plan.sessions * SPANS_PER_SESSION:,} spans in gzip posts of 512, durable and"
    )
    print(f"queryable; medians of {plan.rounds} rounds, peers one with 10 posts -> {path.name}")
    print_rows(rows, COLUMNS)
    _explain(rows)
    return print_checks(list(bounds(rows)))


def _measured_in_turns(plan: Plan, load: Path, peers: Sequence[Peer]) -> Iterator[dict[str, Any]]:
    """Yield the rows of ours and of the peers; a peer is measured after each round of ours."""
    posts = read_posts(load)
    waiting = list(peers) if "peers" in plan.parts else []
    legs: dict[int, list[dict[str, Any]]] = {}
    fresh: dict[str, Any] = {}
    theirs = []
    rounds = plan.rounds if "ours" in plan.parts else 0
    for number in range(max(rounds, len(waiting))):
        if number < rounds:
            for connections in CONNECTIONS:
                _note(f"round {number + 1} of {rounds}: {connections} connections")
                legs.setdefault(connections, []).append(one_leg(posts, connections=connections))
            fresh = fresh or fresh_leg(posts)
        if waiting:
            peer = waiting.pop(0)
            _note(f"{peer.name}, this takes minutes")
            theirs.append(peer_row(peer, load))
    for connections, found in legs.items():
        yield {**row_of(found), **(fresh if connections == COMPARED else {})}
    yield from (row for row in theirs if row is not None)


def _explain(rows: Sequence[dict[str, Any]]) -> None:
    """Print what a reader of the table must know."""
    print("  queries: ours are calls of the store in another process than the server's, a peer's")
    print("  are HTTP requests to it; a peer holds only the spans that its row says")
    for row in rows:
        if "fill_s" in row:
            print(f"  the large store was filled in {row['fill_s']:,.0f} s, in process")
        if row.get("connections") == COMPARED and "fresh_probes" in row:
            told = f"{row['spans_per_s']:,} of {AIM_SPANS_PER_S:,} spans/s"
            print(f"  the aim over {COMPARED} connections: {told}; {row['fresh_probes']} probes")


def _kills(plan: Plan, load: Path, peers: Sequence[Peer]) -> bool:
    posts: list[Post] = read_posts(load)
    rows = kill.kill_rows(posts, rounds=plan.kills, seed=SEED)
    total = kill.total_of(rows)
    theirs = []
    for peer in peers:
        _note(f"kill -9 of {peer.name}")
        theirs.append(killed_row(peer, load))
    rows += [total, *(row for row in theirs if row is not None)]
    path = write_rows("ingest_kill", rows)
    print(
        f"\nkill -9 under load over {kill.CONNECTIONS} connections, a new home each -> {path.name}"
    )
    print("  a peer: after its posts were acknowledged; started again, ours got everything again")
    print_rows(rows, kill.COLUMNS)
    for row in rows:
        for fault in row.get("faults", ()):
            print(f"  {row['name']}: {fault}")
    return print_checks(list(kill_bounds(total)))


def _memory(plan: Plan, folder: Path) -> bool:
    _note("memory over a long load")
    row = memory_row(folder, sessions=plan.sessions, loads=plan.loads)
    path = write_rows("ingest_memory", [row])
    print(f"\nmemory: {row['spans']:,} spans over {row['connections']} connections -> {path.name}")
    print_rows([row], ["spans_per_s", "rss_peak_mb", "post_ms_p50", "post_ms_p99", "told_to_wait"])
    print_memory(row)
    return print_checks(list(memory_bounds(row)))


def _exporters() -> bool:
    _note("real exporters")
    rows = exporters.exporter_rows()
    path = write_rows("ingest_exporters", rows)
    print(f"\nexporters: the same talks from each -> {path.name}")
    print_rows(rows, exporters.COLUMNS)
    return print_checks(list(exporter_bounds(rows)))


def _tell_if_busy() -> None:
    """Say before anything is measured that other work takes from it."""
    wanted, cores = os.getloadavg()[0], os.cpu_count() or 1
    if wanted > cores / 2:
        print(f"this machine is busy: {wanted:.1f} processes want its {cores} cores already;")
        print("  what follows is slower than it is on a quiet one, and rounds differ")


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
