"""Freshness: how long after its 200 a span is seen by another process that reads the store.

A probe is a span with a session and a word of its own. It is posted beside the load; from its
200 on the store is asked, again and again, for sessions in which that word was said.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from benchmarks.ingest.load import PROJECT
from benchmarks.ingest.posting import Line, percentile
from benchmarks.ingest.serving import environ, opened_store
from benchmarks.workload import ROOT, module

LINES = 4
PAUSE_S = 0.02
GIVE_UP_S = 30.0


class Freshness:
    """Probes run in a process of their own until the end of the block."""

    def __init__(self, url: str, home: Path):
        self._command = module("ingest.freshness", url, home)
        self._environ = environ(home)
        self.ms: list[float] = []
        """Milliseconds from each probe's 200 until it was seen."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        out, _told = self._process.communicate("", timeout=GIVE_UP_S + 10)
        if kind is None and self._process.returncode:
            raise RuntimeError("the process that looks for fresh spans failed")
        self.ms = json.loads(out or "[]")

    def figures(self) -> dict[str, Any]:
        """Return the figures of a row."""
        return {
            "fresh_probes": len(self.ms),
            "fresh_ms_p50": rounded(percentile(self.ms, 0.5)),
            "fresh_ms_p99": rounded(percentile(self.ms, 0.99)),
            "fresh_ms_max": rounded(percentile(self.ms, 1.0)),
        }


def rounded(value: float | None) -> float | None:
    """Return milliseconds as rows hold them."""
    return None if value is None else round(value, 2)


def probe(line: Line, store: Any, number: int) -> float:
    """Send one probe; return the milliseconds from its 200 until the store shows it."""
    from reenact.domain.selection import Filter

    word = f"probe{uuid.uuid4().hex}"
    body = _body(word, number)
    while line.send(body, {"content-type": "application/json"}).status != 200:
        time.sleep(0.1)  # it was told to come back later
    began = time.perf_counter()
    wanted = Filter(text=word)
    while not store.sessions(PROJECT, wanted, limit=1):
        if time.perf_counter() - began > GIVE_UP_S:
            raise RuntimeError(f"{word} is not visible {GIVE_UP_S:g} s after its 200")
        time.sleep(0.001)
    return (time.perf_counter() - began) * 1000


def _body(word: str, number: int) -> bytes:
    now = time.time_ns()
    said = {
        "openinference.span.kind": "LLM",
        "session.id": f"probe-{word}",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": f"is {word} there?",
    }
    span = {
        "traceId": uuid.uuid4().hex,
        "spanId": f"{number + 1:016x}",
        "name": "probe",
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 1000),
        "attributes": _attributes(said),
    }
    resource = {"attributes": _attributes({"openinference.project.name": PROJECT})}
    scope = {"scope": {"name": "openinference.probe"}, "spans": [span]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}).encode()


def _attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def _probes(url: str, store: Any, ended: threading.Event) -> list[float]:
    """Send probes over one line until `ended`; return what each took but the first."""
    found: list[float] = []
    with closing(Line(url)) as line:
        while not ended.wait(PAUSE_S):
            found.append(probe(line, store, len(found)))
    return found[1:]  # the first one opens everything


def main() -> None:
    """Send probes until standard input ends, then print what each took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("home", type=Path)
    given = parser.parse_args()
    store, ended = opened_store(given.home), threading.Event()
    with closing(store), ThreadPoolExecutor(LINES) as pool:
        lines = [pool.submit(_probes, given.url, store, ended) for _ in range(LINES)]
        print("ready", flush=True)
        sys.stdin.read()
        ended.set()
        print(json.dumps([round(one, 3) for line in lines for one in line.result()]))


if __name__ == "__main__":
    main()
