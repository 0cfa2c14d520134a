"""The conversations that are replayed, the places, and the line in which a process reports."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SHARED = ROOT.parent / "shared" / "bench"
GENERATOR = SHARED / "ingest" / "genload.py"
ANSWER_S = 0.05
ANSWER = "Your order A-1042 shipped on Monday and should arrive by Thursday. " * 3
USER = [
    "hi, where is my order A-1042?",
    "no, it was due on Tuesday",
    "can you check the status again?",
    "and what about the refund?",
    "please don't refund it, just tell me",
    "ok thanks, bye",
]


class NotThereYet(Exception):
    """Raised by a measurement whose part of Reenact does not exist."""


def user_turns(conversation: int, turns: int) -> list[str]:
    """Return what the user says in one conversation."""
    return [f"[{conversation}] {USER[turn % len(USER)]}" for turn in range(turns)]


def ideal_s(conversations: int, turns: int, concurrency: int) -> float:
    """Return the seconds that the agent alone takes: its answers, one round after the other."""
    return math.ceil(conversations / concurrency) * turns * ANSWER_S


def generator() -> Any:
    """Return the module that makes the load of spans."""
    spec = importlib.util.spec_from_file_location("genload", GENERATOR)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{GENERATOR.name} cannot be imported")
    made = importlib.util.module_from_spec(spec)
    sys.modules["genload"] = made
    spec.loader.exec_module(made)
    return made


class Meter:
    """Wall clock and CPU of this process, threads included, between enter and exit."""

    def __enter__(self) -> Self:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.perf_counter() - self._wall
        self.cpu_s = time.process_time() - self._cpu


def report(**result: Any) -> None:
    """Print the one line that the parent process looks for."""
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("RESULT " + json.dumps({**result, "rss_mb": round(peak_mb, 1)}), flush=True)


def measured(
    command: Sequence[str], *, cwd: Path = ROOT, timeout_s: float = 900, **environ: str
) -> dict[str, Any]:
    """Run `command` and return what it reports."""
    environment = {**os.environ, **environ}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout_s
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            result: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
            if missing := result.get("not_there_yet"):
                raise NotThereYet(missing)
            return result
    raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def module(name: str, *arguments: object) -> list[str]:
    """Return the command that runs one module of the benchmarks in a process of its own."""
    return [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]


def median(rows: Sequence[dict[str, Any]], key: str, digits: int) -> float:
    """Return the median of one figure."""
    return round(statistics.median(row[key] for row in rows), digits)


def write_rows(name: str, rows: Sequence[dict[str, Any]]) -> Path:
    """Write `rows` to benchmarks/results/<name>.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(list(rows), indent=1) + "\n")
    return path
