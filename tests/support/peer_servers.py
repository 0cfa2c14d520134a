"""Real servers of Phoenix and MLflow, started in folders of their own, and what they export."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reenact.capture.captured import NotTraces, captured_files, posts_in
from reenact.capture.importing import FILE_LIMITS

START_SECONDS = 300
SETTLE_SECONDS = 120

PHOENIX_EXPORT = """
import json, sys
from phoenix.client import Client
client, project, folder = Client(base_url=sys.argv[1]), sys.argv[2], sys.argv[3]
spans = client.spans.get_spans(project_identifier=project, limit=10_000)
json.dump(spans, open(f"{folder}/spans.json", "w"), default=str)
frame = client.spans.get_spans_dataframe(project_identifier=project, limit=10_000)
frame.to_json(f"{folder}/frame.jsonl", orient="records", lines=True, date_format="iso",
              date_unit="us")
"""
MLFLOW_EXPORT = """
import sys, warnings
warnings.simplefilter("ignore")
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
place = [mlflow.get_experiment_by_name(sys.argv[2]).experiment_id]
folder = sys.argv[3]
traces = mlflow.search_traces(locations=place, return_type="list", max_results=500)
with open(f"{folder}/traces.jsonl", "w") as file:
    file.writelines(trace.to_json() + "\\n" for trace in traces)
frame = mlflow.search_traces(locations=place, max_results=500)
frame.to_json(f"{folder}/frame.json", orient="records")
"""


@dataclass
class Peer:
    """A peer that runs."""

    name: str
    url: str
    python: Path
    headers: dict[str, str]

    def take(self, capture: Path) -> str:
        """Post a capture's traces to a new project; return the project's name."""
        project = f"{capture.name}-{uuid.uuid4().hex[:8]}"
        headers = dict(self.headers)
        if self.name == "mlflow":
            made = self.ask(
                "POST",
                "/api/2.0/mlflow/experiments/create",
                json.dumps({"name": project}).encode(),
                {"content-type": "application/json"},
            )
            headers["x-mlflow-experiment-id"] = made["experiment_id"]
        else:
            headers["x-project-name"] = project
        for captured in captured_files(capture / "wire"):
            try:
                posts = posts_in(captured, lone=False, limits=FILE_LIMITS)
            except NotTraces:
                continue
            for post in posts:
                told = {"content-type": post.content_type}
                if post.content_encoding != "identity":
                    told["content-encoding"] = post.content_encoding
                self.ask("POST", "/v1/traces", post.body, headers | told)
        return project

    def export(self, project: str, folder: Path) -> list[Path]:
        """Let the peer's own library write its files; return them by name."""
        program = PHOENIX_EXPORT if self.name == "phoenix" else MLFLOW_EXPORT
        folder.mkdir()
        subprocess.run(
            [self.python, "-W", "ignore", "-c", program, self.url, project, str(folder)],
            check=True, capture_output=True, timeout=SETTLE_SECONDS,
        )  # fmt: skip
        return sorted(folder.iterdir())

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, (path, answer.status, content[:300])
        is_json = "json" in answer.headers.get("content-type", "")
        return json.loads(content) if content and is_json else None


@contextmanager
def running(name: str, venv: Path, folder: Path) -> Iterator[Peer]:
    """Start a peer with its embedded database in `folder`; stop it at the end."""
    port, other = _free_port(), _free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "PATH": f"{venv / 'bin'}:{os.environ['PATH']}", "DO_NOT_TRACK": "1"}
    if name == "phoenix":
        command = [str(venv / "bin" / "phoenix"), "serve"]
        environ |= {
            "PHOENIX_WORKING_DIR": str(folder), "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(port), "PHOENIX_GRPC_PORT": str(other),
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }  # fmt: skip
    else:
        command = [str(venv / "bin" / "mlflow"), "server", "--host", "127.0.0.1"]
        command += ["--port", str(port)]
        environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(
        command, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait(server, url, "/healthz" if name == "phoenix" else "/health", folder)
        yield Peer(name, url, venv / "bin" / "python", {})
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def _wait(server: subprocess.Popen[bytes], url: str, path: str, folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.5)
    said = (folder / "server.log").read_text(errors="replace")[-2_000:]
    raise AssertionError(f"the server did not start:\n{said}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
