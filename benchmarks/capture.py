"""Capture: how many spans a second an import of OTLP files stores, durable and queryable."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.table import Check, print_checks, print_rows
from benchmarks.workload import (
    GENERATOR,
    Meter,
    NotThereYet,
    generator,
    measured,
    median,
    module,
    report,
    write_rows,
)

NAME = "reenact import"


def bench_capture(*, sessions: int, rounds: int) -> bool:
    """Measure, print and write import.json; return True where the bound holds."""
    if not GENERATOR.is_file():
        print("left out: import of captures: ../shared/bench/ingest/genload.py is not here")
        return True
    with tempfile.TemporaryDirectory(prefix="reenact-bench-") as folder:
        spans, size = write_captures(Path(folder), sessions=sessions)
        try:
            results = [measured(module("capture", folder, spans)) for _ in range(rounds)]
        except NotThereYet as missing:
            print(f"left out: {NAME}: {missing}")
            return True
    row = {
        "name": NAME,
        "spans": spans,
        "spans_per_s": round(spans / median(results, "wall", 4)),
        "cpu_us_span": round(median(results, "cpu_s", 4) / spans * 1e6, 1),
        "rss_peak_mb": median(results, "rss_mb", 1),
        "bytes_span": round(results[0]["stored"] / spans),
        "bytes_span_posted": round(size / spans),
        "list_ms": median(results, "list_ms", 2),
        "session_ms": median(results, "session_ms", 2),
        "walls_s": [round(result["wall"], 3) for result in results],
    }
    path = write_rows("import", [row])
    print(f"\ncapture: {spans:,} spans in gzip posts of 512, median of {rounds} -> {path.name}")
    columns = ["spans_per_s", "cpu_us_span", "rss_peak_mb", "bytes_span", "list_ms", "session_ms"]
    print_rows([row], columns)
    return print_checks([Check("import, spans a second", row["spans_per_s"], least=10_000)])


def write_captures(folder: Path, *, sessions: int) -> tuple[int, int]:
    """Write the load as captured posts; return the number of spans and of bytes."""
    import gzip

    headers = [["content-type", "application/x-protobuf"], ["content-encoding", "gzip"]]
    about = json.dumps({"method": "POST", "path": "/v1/traces", "headers": headers})
    spans = size = 0
    load = generator().iter_requests(sessions=sessions)
    for number, (request, count) in enumerate(load):
        body = gzip.compress(request.SerializeToString(), 6)
        stem = f"{number:04}_post_v1_traces"
        (folder / f"{stem}.pb").write_bytes(body)
        (folder / f"{stem}.pb.headers.json").write_text(about)
        spans, size = spans + count, size + len(body)
    return spans, size


def measure(captures: Path, *, expected: int, home: Path) -> None:
    """Import `captures` into a store under `home` and report."""
    from reenact.capture.importing import import_paths
    from reenact.settings import read_settings
    from reenact.store.spans import open_span_store

    store = open_span_store(read_settings().spans_url)
    try:
        with Meter() as meter:
            import_paths([captures], store=store)
            (project,) = store.projects()
        if project.spans != expected:
            raise RuntimeError(f"{project.spans} of {expected} spans were stored")
        listed, list_ms = _timed(lambda: store.sessions(project.id, limit=50))
        session = listed[0].session_id
        _, session_ms = _timed(lambda: store.spans_of_session(project.id, session))
    finally:
        store.close()
    stored = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    report(
        wall=meter.wall_s, cpu_s=meter.cpu_s, stored=stored, list_ms=list_ms, session_ms=session_ms
    )


def _timed(read: Any) -> tuple[Any, float]:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        found = read()
        times.append((time.perf_counter() - began) * 1000)
    return found, sorted(times)[len(times) // 2]


def main() -> None:
    """Import in a home of its own and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("captures", type=Path)
    parser.add_argument("spans", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reenact-bench-") as folder:
        os.environ["REENACT_HOME"] = folder
        try:
            measure(given.captures, expected=given.spans, home=Path(folder))
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("reenact"):
                raise
            report(not_there_yet=f"{error.name} is missing")


if __name__ == "__main__":
    main()
