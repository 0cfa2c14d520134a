"""`reenact serve` as a process, in a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Self

from benchmarks.workload import ROOT

if TYPE_CHECKING:
    from reenact.store.spans import SpanStore

_PATIENCE_S = 60.0
_PLAIN = ("--no-grpc",)
"""As it runs where the extra is not installed; two servers would also want one port."""


class Serving:
    """Runs `reenact serve` on a free port until the end of the block, or until it is killed."""

    def __init__(self, home: Path, *arguments: str):
        self.home = home
        self._arguments = arguments or _PLAIN

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        self._log = self.home.with_suffix(".log")
        began = time.perf_counter()
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reenact", "serve", "--port", "0", *self._arguments],
                cwd=ROOT,
                env=environ(self.home),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip().partition("=")[2]
        self._wait_until_it_answers()
        self.start_s = round(time.perf_counter() - began, 2)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()

    @property
    def log(self) -> str:
        """What it has written to standard error."""
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """Kill it as `kill -9` does, without a chance to put anything in order."""
        self.process.kill()
        self.process.wait()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while self.url and self.process.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.02)
        self.process.kill()
        raise RuntimeError(f"reenact serve did not start:\n{self.log[-4000:]}")


def environ(home: Path) -> dict[str, str]:
    """Return the environment of a process whose stores are under `home`, whatever is set here."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("REENACT_")}
    return {**plain, "REENACT_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}


def opened_store(home: Path) -> SpanStore:
    """Open the span store of a home beside the server that writes it."""
    from reenact.store.spans import open_span_store

    return open_span_store(f"sqlite:///{home / 'spans.db'}")


def free_port() -> int:
    """Return a port that is free, as is the next one: Phoenix takes two."""
    while True:
        with socket.socket() as one, socket.socket() as next_one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def bytes_on_disk(home: Path) -> int:
    """Return what the files under `home` take on the disk, as the peers' are measured."""
    return sum(path.stat().st_blocks * 512 for path in home.rglob("*") if path.is_file())
