"""`reenact` and `reenact serve` as processes, in a home of their own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from support.posts import PROTOBUF

COMMAND = (sys.executable, "-W", "error", "-c", "from reenact.cli import main; main()")


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    url: str
    said: tuple[str, ...]

    def post(self, body: bytes, kind: str = PROTOBUF, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", "/v1/traces", body, {"content-type": kind, **named})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


@contextmanager
def serving(home: Path, *argv: str) -> Iterator[Server]:
    """Start `reenact serve` on a free port; at the end it must not have met a surprise."""
    environ = {**os.environ, "REENACT_HOME": str(home)}
    http_only = [] if "--grpc-port" in argv else ["--no-grpc"]
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *http_only, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    try:
        assert process.stdout is not None
        said = (process.stdout.readline().strip(), process.stdout.readline().strip())
        yield Server(process, said[0].partition("=")[2], said)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=15)
        assert "Traceback" not in complaints, complaints


def reenact(home: Path, *argv: str) -> dict[str, Any]:
    """Run a command with --json in `home`; return what it printed."""
    environ = {**os.environ, "REENACT_HOME": str(home)}
    ended = subprocess.run(
        [*COMMAND, *argv, "--json"], capture_output=True, text=True, env=environ, check=True
    )
    return json.loads(ended.stdout)
