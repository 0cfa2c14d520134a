"""Replay at scale: a thousand talks at once, memory from a thousand talks on, a kill and a restart.

The bounds are those of a run's own process (`benchmarks.alone`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.alone import SINCE
from benchmarks.stub import Stub
from benchmarks.table import Check, print_checks, print_rows
from benchmarks.workload import ROOT, ideal_s, measured, module, write_rows

IN_PROCESS = "benchmarks.engine:answer"
TURNS = 6


def bench_scale(*, huge: bool) -> bool:
    """Measure, print and write replay-scale.json; return True where every bound holds.

    With `huge` memory is measured at 100,000 talks too, which takes many minutes to prepare.
    """
    rows: list[dict[str, Any]] = []
    with Stub(conversations=1000, turns=TURNS) as stub:
        agent = f"{stub.url}/agent"
        rows.append(_run("1,000 at once", IN_PROCESS, talks=1000, at_once=1000))
        rows.append(_run("1,000 over HTTP", agent, talks=1000, at_once=64))
        rows.append(_restarted(stub))
    large = (10_000, 100_000) if huge else (10_000,)
    rows += [_run(f"{talks:,}", IN_PROCESS, talks=talks, at_once=256) for talks in large]
    path = write_rows("replay-scale", rows)
    print(f"\nreplay at scale: talks of {TURNS} turns, agent answers after 50 ms -> {path.name}")
    print_rows(rows, ["talks", "at_once", "wall_s", "x_ideal", "rss_mb", "first_call_s"])
    return print_checks(_checks({row["name"]: row for row in rows}))


def _run(name: str, agent: str, *, talks: int, at_once: int) -> dict[str, Any]:
    print(f"{name}, prepared first", file=sys.stderr)
    with _prepared(agent, talks=talks, at_once=at_once) as home:
        return _row(name, _measured(home), talks=talks, at_once=at_once)


def _restarted(stub: Stub) -> dict[str, Any]:
    """Kill a run half way, and run the rest: nothing that was answered is asked again."""
    print("killed and started again", file=sys.stderr)
    talks, at_once = 500, 64
    with _prepared(f"{stub.url}/agent", talks=talks, at_once=at_once) as home:
        stub.reset()
        with subprocess.Popen(
            module("alone", "run", home),
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, SINCE: "0"},
        ) as killed:
            while stub.requests() < talks * TURNS // 2 and killed.poll() is None:
                time.sleep(0.05)
            killed.kill()
        result = _measured(home)
        again = stub.requests() - talks * TURNS
    if again > at_once:
        raise RuntimeError(f"{again} turns were asked again, more than {at_once} under way")
    row = _row("killed, again", result, talks=talks, at_once=at_once)
    return row | {"x_ideal": None, "asked_again": again}


def _row(name: str, result: dict[str, Any], *, talks: int, at_once: int) -> dict[str, Any]:
    return {
        "name": name,
        "talks": talks,
        "at_once": at_once,
        "wall_s": round(result["wall"], 2),
        "x_ideal": round(result["wall"] / ideal_s(talks, TURNS, at_once), 2),
        "cpu_ms_turn": round(result["cpu_s"] / talks / TURNS * 1000, 3),
        "rss_mb": result["rss_mb"],
        "first_call_s": round(result["first_call_s"], 2),
    }


def _checks(rows: dict[str, dict[str, Any]]) -> list[Check]:
    checks = [
        Check("1,000 at once, wall x ideal", rows["1,000 at once"]["x_ideal"], most=1.6),
        Check("1,000 talks over HTTP, MB", rows["1,000 over HTTP"]["rss_mb"], most=90),
        Check("first call after a kill, s", rows["killed, again"]["first_call_s"], most=1.0),
    ]
    if "100,000" in rows:
        times = round(rows["100,000"]["rss_mb"] / rows["10,000"]["rss_mb"], 2)
        checks.append(Check("memory at 100,000 talks x 10,000", times, most=1.2))
    return checks


def _measured(home: Path) -> dict[str, Any]:
    return measured(module("alone", "run", home), timeout_s=3600, **{SINCE: str(time.time())})


@contextmanager
def _prepared(agent: str, *, talks: int, at_once: int) -> Iterator[Path]:
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        home = Path(folder) / "home"
        asked = ("--agent", agent, "--n", talks, "--conc", at_once, "--turns", TURNS)
        measured(module("alone", "prepare", home, *asked), timeout_s=3600)
        yield home
