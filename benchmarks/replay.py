"""Replay: the plain aiohttp loop, Reenact over HTTP, Reenact in process, in turns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.stub import Stub
from benchmarks.table import Check, print_checks, print_rows
from benchmarks.workload import SHARED, NotThereYet, ideal_s, measured, median, module, write_rows

FLOOR = "bare aiohttp"
HTTP = "reenact http"
IN_PROCESS = "reenact in-process"
PEERS = {  # name -> environment, script, further arguments
    "pydantic-evals": ("pydeval", "p_pydantic_evals.py", []),
    "deepeval": ("deepeval", "p_deepeval.py", []),
    "inspect_ai": ("inspect", "p_inspect.py", []),
    "agent-simulate": ("fagi", "p_fagi.py", []),
    "langwatch-scenario": ("scenario", "p_scenario.py", ["--mode", "arun"]),
}
FASTER_THAN = {"deepeval": 2, "inspect_ai": 3.5, "agent-simulate": 6, "langwatch-scenario": 10}
"""How many times as many conversations a second as a peer we are to run."""


def bench_replay(
    *, conversations: int, turns: int, concurrency: int, rounds: int, venvs: Path
) -> bool:
    """Measure, print and write replay.json; return True where every bound holds."""
    size = ["--n", conversations, "--conc", concurrency, "--turns", turns]
    found: dict[str, list[dict[str, Any]]] = {}
    with Stub(conversations=conversations, turns=turns) as stub:
        commands = _commands(stub.url, size, venvs)
        for number in range(rounds):
            for name, command in list(commands.items()):
                print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
                stub.reset()
                try:
                    result = _one(command, stub, expected=_asked(name, conversations * turns))
                except NotThereYet as missing:
                    print(f"left out: {name}: {missing}")
                    del commands[name]
                else:
                    found.setdefault(name, []).append(result)
    ideal = ideal_s(conversations, turns, concurrency)
    rows = [_row(name, results, ideal, size) for name, results in found.items()]
    floor = next(row["cpu_ms_turn"] for row in rows if row["name"] == FLOOR)
    for row in rows:
        row["x_floor_cpu"] = round(row["cpu_ms_turn"] / floor, 2)
    path = write_rows("replay", rows)
    print(f"\nreplay: {conversations} conversations x {turns} turns, {concurrency} at once, agent")
    print(f"answers after 50 ms, ideal {ideal:.2f} s, medians of {rounds} rounds -> {path.name}")
    print_rows(rows, ["wall_s", "x_ideal", "cpu_ms_turn", "x_floor_cpu", "rss_mb"])
    return print_checks(_checks({row["name"]: row for row in rows}))


def _commands(url: str, size: list[Any], venvs: Path) -> dict[str, list[str]]:
    words = [str(word) for word in size]
    shared_floor = SHARED / "replay" / "floor.py"
    floor = module("floor")
    if shared_floor.is_file():
        floor = [sys.executable, str(shared_floor), "--dir", str(venvs.parent / ".bench")]
    commands = {
        FLOOR: [*floor, "--agent", url, *words],
        HTTP: [*module("engine"), "--agent", f"{url}/agent", *words],
        IN_PROCESS: [*module("engine"), "--agent", "benchmarks.engine:answer", *words],
    }
    for name, (environment, script, further) in PEERS.items():
        python = venvs / environment / "bin" / "python"
        if python.is_file():
            peer = str(SHARED / "replay" / "peers" / script)
            commands[name] = [str(python), peer, "--agent", url, *words, *further]
        else:
            print(f"left out: {name} is not installed ({venvs.name}/{environment})")
    return commands


def _asked(name: str, turns: int) -> int | None:
    """Return how many requests the stub must have seen; a peer's own bookkeeping is its own."""
    return {FLOOR: turns, HTTP: turns, IN_PROCESS: 0}.get(name)


def _one(command: list[str], stub: Stub, *, expected: int | None) -> dict[str, Any]:
    result = measured(
        command, PYTHONDONTWRITEBYTECODE="1", DEEPEVAL_TELEMETRY_OPT_OUT="YES", DO_NOT_TRACK="1"
    )
    asked = stub.requests()
    if expected is not None and asked != expected:
        raise RuntimeError(f"the agent was asked {asked} times instead of {expected}: {command}")
    return result


def _row(name: str, results: list[dict[str, Any]], ideal: float, size: list[Any]) -> dict[str, Any]:
    wall = median(results, "wall", 3)
    row = {
        "name": name,
        "concurrency": size[3],
        "conversations": size[1],
        "turns": size[5],
        "wall_s": wall,
        "x_ideal": round(wall / ideal, 3),
        "cpu_ms_turn": median(results, "cpu_ms_turn", 4),
        "rss_mb": median(results, "rss_mb", 1),
        "walls_s": [round(result["wall"], 3) for result in results],
        "cpus_ms_turn": [round(result["cpu_ms_turn"], 4) for result in results],
    }
    for extra in ("prepare_s", "compare_s"):
        if extra in results[0]:
            row[extra] = median(results, extra, 3)
    return row


def _checks(rows: dict[str, dict[str, Any]]) -> list[Check]:
    checks = []
    if HTTP in rows:
        checks.append(Check("over HTTP, wall x ideal", rows[HTTP]["x_ideal"], most=1.30))
        checks.append(Check("over HTTP, CPU x bare aiohttp", rows[HTTP]["x_floor_cpu"], most=1.8))
    if IN_PROCESS in rows:
        checks.append(Check("in process, wall x ideal", rows[IN_PROCESS]["x_ideal"], most=1.1))
    ours = rows.get(HTTP)
    for name, least in FASTER_THAN.items():
        if ours is not None and name in rows:
            times = round(rows[name]["wall_s"] / ours["wall_s"], 2)
            checks.append(Check(f"conversations/s x {name}", times, least=least))
    return checks
