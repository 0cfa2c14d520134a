"""The process in which the stub agent runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any, Self

from benchmarks.workload import ROOT, SHARED


class Stub:
    """Runs the stub agent under uvicorn on a free port; use as a context manager.

    One of the peers asks it for the talks to have: so many, of so many turns.
    """

    def __init__(self, *, conversations: int, turns: int) -> None:
        self._talks = {"BENCH_N": str(conversations), "BENCH_T": str(turns)}

    def __enter__(self) -> Self:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        folder = SHARED / "replay"
        app, cwd = ("stub:app", folder) if (folder / "stub.py").is_file() else (OWN, ROOT)
        command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), *QUIET]
        environ = {**os.environ, **self._talks, "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(command, cwd=cwd, env=environ)
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def requests(self) -> int:
        """Return how many turns were asked for since the last reset."""
        return int(self._call("/stats")["requests"])

    def reset(self) -> None:
        """Begin to count again."""
        self._call("/reset", data=b"")

    def _call(self, path: str, data: bytes | None = None) -> dict[str, Any]:
        with urllib.request.urlopen(self.url + path, data=data, timeout=10) as answer:
            return dict(json.loads(answer.read()))

    def _wait(self) -> None:
        for _ in range(200):
            try:
                self._call("/stats")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
            else:
                return
        self._process.terminate()
        raise RuntimeError("the stub agent did not start within 10 s")


OWN = "benchmarks.stub_agent:app"
QUIET = ["--no-access-log", "--log-level", "error", "--backlog", "4096"]
