"""Phoenix and MLflow on their default embedded stores, from environments of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest.sampling import working_in
from benchmarks.ingest.serving import free_port
from benchmarks.workload import SHARED

POSTS = 10
"""They need minutes for more."""
CONNECTIONS = 2
_LONGEST_S = 1_800
_ATTEMPTS = 2
"""On a busy machine a peer may hang up: it gets a second chance."""
_ENVIRON = {
    "DO_NOT_TRACK": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    # On a busy machine uvicorn takes a worker of MLflow for dead after 5 s, and ends it.
    "UVICORN_TIMEOUT_WORKER_HEALTHCHECK": "300",
}
_SCRIPTS = SHARED / "ingest"
_TOLD = re.compile(r"acknowledged (-?\d+), present after kill -9 (-?\d+)")


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer and the environment in which it is installed."""

    name: str
    package: str
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


def installed(venvs: Path) -> list[Peer]:
    """Return the peers that are there; say of each other one that it is left out."""
    found = []
    known = (("phoenix", "arize-phoenix==20.26.1"), ("mlflow", "mlflow==3.17.2"))
    for name, package in known:
        peer = Peer(name, package, venvs / name)
        if peer.python.is_file():
            found.append(peer)
            continue
        print(
            f"left out: {name} is not installed: python -m venv {venvs.name}/{name} && "
            f"{venvs.name}/{name}/bin/pip install {package} psutil requests"
        )
    return found


def peer_row(peer: Peer, load: Path) -> dict[str, Any] | None:
    """Post to a peer, ask it, and return its row; None, with a line that says why, if it fails."""
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        for attempt in range(_ATTEMPTS):
            work = Path(folder) / str(attempt) / peer.name
            arguments = ["--limit", POSTS, "--conns", CONNECTIONS, "--work", work]
            arguments += ["--port", free_port()]
            done = _run(peer, "bench_peers.py", load, arguments, work.parent)
            told = work.with_suffix(".json")
            if told.is_file():
                return _row(peer, json.loads(told.read_text()))
    print(f"left out: {peer.name} failed: {_last_line(done)}")
    return None


def killed_row(peer: Peer, load: Path) -> dict[str, Any] | None:
    """Kill a peer after it has acknowledged its posts; return what it kept."""
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        for attempt in range(_ATTEMPTS):
            work = Path(folder) / str(attempt)
            done = _run(peer, "peer_kill9.py", load, ["--limit", POSTS], work)
            if told := _TOLD.search(done):
                acknowledged, kept = int(told[1]), max(0, int(told[2]))
                lost = acknowledged - kept
                return {"name": peer.name, "acknowledged": acknowledged, "kept": kept, "lost": lost}
    print(f"left out: kill -9 of {peer.name} failed: {_last_line(done)}")
    return None


def _last_line(printed: str) -> str:
    return next((line for line in reversed(printed.splitlines()) if line.strip()), "no word")


def _row(peer: Peer, told: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a peer; of two ways to ask for the same the faster one."""
    asked: dict[str, Any] = told["queries"]
    lists = [_median(asked.get(name)) for name in ("list50_gql", "list50_rest")]
    return {
        "name": peer.name,
        "version": peer.package.partition("==")[2],
        "connections": CONNECTIONS,
        "spans": told["visible"],
        "spans_per_s": told["durable_spans_s"],
        "wall_s": told["durable_s"],
        "cpu_us_span": told["cpu_us_per_span"],
        "rss_peak_mb": told["peak_rss_mb"],
        "bytes_span": told["disk_bytes_per_span"],
        "post_ms_p50": told["post_ms_p50"],
        "post_ms_p99": told["post_ms_p99"],
        "told_to_wait": told["retries_503"],
        "start_s": told["cold_start_s"],
        "list_ms": min((one for one in lists if one is not None), default=None),
        "session_ms": _median(asked.get("one_session")),
        "filter_ms": _median(asked.get("attr_filter")),
        "text_ms": _median(asked.get("text_filter")),
        "queries": asked,
    }


def _median(told: Any) -> float | None:
    """Return the median of a query; a query that failed left a text in its place."""
    return told["median_ms"] if isinstance(told, dict) else None


def _run(peer: Peer, script: str, load: Path, arguments: Sequence[object], folder: Path) -> str:
    """Run a script of the peer's bench; return what it printed. Nothing of it is left running."""
    told = [peer.python, _SCRIPTS / script, peer.name, "--venv", peer.folder, "--frames", load]
    (folder / ".bench").mkdir(parents=True)
    process = subprocess.Popen(
        [str(word) for word in (*told, *arguments)],
        cwd=folder,
        env={**os.environ, **_ENVIRON},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        out, _ = process.communicate(timeout=_LONGEST_S)
    except subprocess.TimeoutExpired:
        out = f"not done after {_LONGEST_S} s"
    finally:
        process.kill()
        process.wait()
        # The scripts start servers in sessions of their own, and leave them where they fail.
        for pid in working_in(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    return out
