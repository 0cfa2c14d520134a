"""Real exporters pointed at a real server: what each sends must be there, the same from all."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest.load import PROJECT
from benchmarks.ingest.serving import Serving, free_port, opened_store
from benchmarks.workload import ROOT, module, user_turns

SESSIONS = 20
TURNS = 10
NODE_PACKAGES = (
    "@opentelemetry/api@1",
    "@opentelemetry/sdk-trace-base@2",
    "@opentelemetry/resources@2",
    "@opentelemetry/exporter-trace-otlp-http@0",
    "@opentelemetry/exporter-trace-otlp-proto@0",
)
COLUMNS = ("spans", "stored", "sessions", "as_sent", "wall_s")
_LONGEST_S = 180
_ANSWER = "Your order shipped on Monday."
_SCRIPT = Path(__file__).with_name("exporter.mjs")


class LeftOut(Exception):
    """Raised for an exporter that cannot be tried here; the text says why."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the server listens."""

    http: str
    grpc: str | None
    """None where grpcio is not installed."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """A way to send; `command` takes where to, the talks, and a folder to work in."""

    name: str
    command: Callable[[Endpoints, Path, Path], list[str]]


def exporter_rows() -> list[dict[str, Any]]:
    """Let every exporter that can be had send the same talks; return a row for each.

    Raises:
        RuntimeError: where an exporter itself says that it could not send.
    """
    rows = []
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        work = Path(folder)
        talks = work / "talks.json"
        talks.write_text(json.dumps(_talks()))
        for exporter in EXPORTERS:
            try:
                rows.append(_row(exporter, talks, work))
            except LeftOut as reason:
                print(f"left out: {exporter.name}: {reason}")
    return rows


def _row(exporter: Exporter, talks: Path, work: Path) -> dict[str, Any]:
    home = work / exporter.name.replace(" ", "-").replace("/", "-")
    port, arguments = None, ["--no-grpc"]
    if importlib.util.find_spec("grpc"):
        port = f"{free_port()}"
        arguments = ["--grpc-port", port]
    with Serving(home, *arguments) as server:
        http, grpc = f"{server.url}/v1/traces", port and f"http://127.0.0.1:{port}"
        command = exporter.command(Endpoints(http, grpc), talks, work)
        began = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
        )
        wall_s = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{exporter.name} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    stored = _stored(home)
    return {
        "name": exporter.name,
        "spans": SESSIONS * TURNS * 2,
        "stored": stored["spans"],
        "sessions": len(stored["said"]),
        "as_sent": stored["said"] == _said(),
        "wall_s": round(wall_s, 2),
    }


def _stored(home: Path) -> dict[str, Any]:
    """Return how many spans a store holds, and what was said in each session."""
    from reenact.capture.conversations import Conversations
    from reenact.domain.view import view_of

    store = opened_store(home)
    try:
        spans = sum(project.spans for project in store.projects())
        found = Conversations(store).list(PROJECT)
    finally:
        store.close()
    views = [view_of(one.conversation, one.fidelity) for one in found]
    said = {
        view.session_id: [(t.user, t.assistant, t.usage.input_tokens) for t in view.turns]
        for view in views
    }
    return {"spans": spans, "said": said}


def _talks() -> dict[str, Any]:
    """Return the resource and the spans that are sent: an agent's span with a model call in it."""
    spans = []
    began_ms = int(time.time() * 1000) - 3_600_000
    for number in range(SESSIONS):
        for turn, words in enumerate(user_turns(number, TURNS)):
            common = {"session.id": f"s-{number}", "user.id": f"u-{number}"}
            model = {
                "openinference.span.kind": "LLM",
                "llm.model_name": "gpt-5-mini",
                "llm.token_count.prompt": 100 + turn,
                "llm.token_count.completion": 7,
                "llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.content": words,
                "llm.output_messages.0.message.role": "assistant",
                "llm.output_messages.0.message.content": f"{_ANSWER} ({turn})",
            }
            agent = {"openinference.span.kind": "AGENT", "input.value": words}
            agent["output.value"] = f"{_ANSWER} ({turn})"
            # Node's clock counts milliseconds: turns that followed each other at once would tie.
            times = {"start_ms": began_ms + turn * 1000, "end_ms": began_ms + turn * 1000 + 500}
            child = {"name": "ChatCompletion", "attributes": {**model, **common}, **times}
            root = {"name": "agent", "attributes": {**agent, **common}, **times}
            spans.append({**root, "children": [child]})
    resource = {"service.name": "shop", "openinference.project.name": PROJECT}
    return {"resource": resource, "spans": spans}


def _said() -> dict[str, list[tuple[str, str, int]]]:
    """Return what must be found: per session the user's words, the answer, the input tokens."""
    return {
        f"s-{number}": [
            (words, f"{_ANSWER} ({turn})", 100 + turn)
            for turn, words in enumerate(user_turns(number, TURNS))
        ]
        for number in range(SESSIONS)
    }


def _python_http(to: Endpoints, talks: Path, work: Path) -> list[str]:
    return module("ingest.exporting", to.http, talks, "http")


def _python_grpc(to: Endpoints, talks: Path, work: Path) -> list[str]:
    if to.grpc is None or not importlib.util.find_spec("opentelemetry.exporter.otlp.proto.grpc"):
        raise LeftOut("grpcio or the gRPC exporter is not installed: reenact[grpc]")
    return module("ingest.exporting", to.grpc, talks, "grpc")


def _node(encoding: str) -> Callable[[Endpoints, Path, Path], list[str]]:
    def command(to: Endpoints, talks: Path, work: Path) -> list[str]:
        _install(work / "node")
        script = shutil.copy(_SCRIPT, work / "node")
        return ["node", str(script), to.http, str(talks), encoding]

    return command


def _install(folder: Path) -> None:
    """Put the Node packages into `folder`, once."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise LeftOut("node and npm are not here")
    if folder.is_dir():
        return
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *NODE_PACKAGES],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
    )
    if done.returncode:
        shutil.rmtree(folder)
        raise LeftOut(f"npm could not install the exporters: {done.stderr[-300:]}")


EXPORTERS = (
    Exporter("python http/protobuf", _python_http),
    Exporter("python grpc", _python_grpc),
    Exporter("node http/json", _node("json")),
    Exporter("node http/protobuf", _node("protobuf")),
)
