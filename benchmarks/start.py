"""Start: whole processes, in turns, beside `from pydantic import BaseModel`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.table import Check, print_checks, print_rows
from benchmarks.workload import ROOT, write_rows

PYDANTIC = "from pydantic import BaseModel"
IMPORT = "import reenact"
HELP = "reenact --help"


def bench_start(*, rounds: int) -> bool:
    """Measure, print and write start.json; return True where every bound holds."""
    commands = {
        "bare python": [sys.executable, "-c", "pass"],
        PYDANTIC: [sys.executable, "-c", PYDANTIC],
        IMPORT: [sys.executable, "-c", IMPORT],
    }
    script = Path(sys.executable).with_name("reenact")
    if script.is_file() and _works([str(script), "--help"]):
        commands[HELP] = [str(script), "--help"]
    else:
        print(f"left out: {HELP}: the command is not there yet")
    times = _times(commands, rounds)
    base = statistics.median(times[PYDANTIC])
    rows = [_row(name, times[name], base) for name in commands]
    path = write_rows("start", rows)
    print(f"\nstart: whole processes, {rounds} rounds in turns -> {path.name}")
    print_rows(rows, ["min_ms", "median_ms", "x_pydantic"])
    ratio = {row["name"]: row["x_pydantic"] for row in rows}
    checks = [Check(f"{IMPORT}, x {PYDANTIC}", ratio[IMPORT], most=1.5)]
    if HELP in ratio:
        checks.append(Check(f"{HELP}, x {PYDANTIC}", ratio[HELP], most=4.0))
    return print_checks(checks)


def _works(command: list[str]) -> bool:
    return subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0


def _times(commands: dict[str, list[str]], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 2):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
            if number >= 2:  # the first rounds compile and fill the disk cache
                times[name].append((time.perf_counter() - began) * 1000)
    return times


def _row(name: str, times: list[float], base: float) -> dict[str, Any]:
    median = statistics.median(times)
    return {
        "name": name,
        "min_ms": round(min(times), 1),
        "median_ms": round(median, 1),
        "x_pydantic": round(median / base, 2),
    }
