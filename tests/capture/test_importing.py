"""Files and folders into the store, with counts of what was taken, left out, and why."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from reenact.capture.importing import import_paths
from reenact.errors import UsageError
from reenact.store.spans import SpanStore, open_span_store


@pytest.fixture
def store(tmp_path: Path):
    found = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "capture"
    made.mkdir()
    return made


def a_body(number: int = 1, **span: object) -> bytes:
    whole = {"traceId": "ab" * 16, "spanId": f"{number:016x}", "name": "x", **span}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [whole]}]}]}).encode()


def a_post(folder: Path, name: str, body: bytes, *, path: str = "/v1/traces", **headers: str):
    (folder / name).write_bytes(body)
    told = {"path": path, "headers": [["Content-Type", "application/json"], *headers.items()]}
    (folder / f"{name}.headers.json").write_text(json.dumps(told))


def test_a_capture_is_taken_and_the_rest_counted(shared: Path, store: SpanStore):
    report = import_paths([shared / "data" / "otlp" / "oi_openai_rooted"], store=store)

    assert (report.files, report.posts, report.taken, report.rejected) == (10, 10, 47, 0)
    assert report.conversations == {"shop": 5}
    assert report.readers == {"openinference": 47}
    names = {Path(skipped.path).name for skipped in report.skipped}
    assert {"expected.json", "on_wire.json", "versions.txt"} <= names
    assert {skipped.reason for skipped in report.skipped} == {"no .headers.json beside it"}


def test_log_records_are_taken_and_metrics_skipped_with_their_path(shared: Path, store: SpanStore):
    wire = shared / "data" / "otlp" / "otel_openai_v2_events" / "wire"
    first = import_paths([wire], store=store, project="p")
    again = import_paths([wire], store=store, project="p")

    assert (first.taken, first.logs, first.ignored) == (47, 182, 0)
    assert (again.taken, again.logs) == (0, 0)
    assert {skipped.reason for skipped in first.skipped} == {
        "posted to /v1/metrics: nothing reads metrics"
    }
    assert {Path(skipped.path).name.partition("_")[2] for skipped in first.skipped} == {
        "post_v1_metrics.pb"
    }


def test_any_path_that_ends_in_v1_traces_is_traces(folder: Path, store: SpanStore):
    a_post(folder, "1.json", a_body(1), path="/api/public/otel/v1/traces")
    a_post(folder, "2.json", a_body(2), path="/tracer/v1/traces?key=1")
    a_post(folder, "3.json", a_body(3), path="/v1/traces/ingest")
    report = import_paths([folder], store=store)

    assert report.taken == 2
    assert [Path(skipped.path).name for skipped in report.skipped] == ["3.json"]


def test_a_post_that_cannot_be_read_is_skipped_and_the_rest_goes_on(folder: Path, store: SpanStore):
    a_post(folder, "1.json", b"{")
    a_post(folder, "2.json", a_body(2))
    a_post(folder, "3.json", a_body(3), **{"content-encoding": "gzip"})
    a_post(folder, "4.json", a_body(4, traceId="short"))
    (folder / "5.json.headers.json").write_text("{}")
    (folder / "6.json").write_bytes(a_body(6))
    (folder / "6.json.headers.json").write_text("[]")
    report = import_paths([folder], store=store)

    assert (report.taken, report.rejected) == (1, 1)
    assert "trace id 'short'" in report.reasons[0]
    reasons = {Path(skipped.path).name: skipped.reason for skipped in report.skipped}
    assert "not an OTLP/JSON" in reasons["1.json"]
    assert "not gzip" in reasons["3.json"]
    assert reasons["5.json"] == "its headers are here, but not the body"
    assert reasons["6.json"] == "its .headers.json does not hold path and headers"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("spans.json", a_body()),
        ("spans.json.gz", gzip.compress(a_body())),
        ("spans.jsonl", a_body() + b"\n\n" + a_body() + b"\n"),
        ("collected.json", a_body() + b"\n" + a_body() + b"\n"),
        ("indented.json", json.dumps(json.loads(a_body()), indent=2).encode() + b"\n"),
    ],
    ids=["json", "gzip", "lines", "lines of a collector", "indented"],
)
def test_a_lone_file_is_taken_by_its_suffix(folder: Path, store: SpanStore, name: str, body: bytes):
    (folder / name).write_bytes(body)
    report = import_paths([folder / name], store=store)

    assert (report.files, report.taken) == (1, 1)


def test_a_lone_protobuf_file_is_taken(shared: Path, folder: Path, store: SpanStore):
    wire = shared / "data" / "otlp" / "oi_openai_rooted" / "wire"
    shutil.copy(wire / "0001_post_v1_traces.pb", folder / "one.pb")

    assert import_paths([folder / "one.pb"], store=store).taken > 0


def test_a_file_named_by_itself_has_the_headers_beside_it(folder: Path, store: SpanStore):
    a_post(folder, "1.bin", gzip.compress(a_body()), **{"content-encoding": "gzip"})

    assert import_paths([folder / "1.bin"], store=store).taken == 1
    assert import_paths([folder / "1.bin.headers.json"], store=store).duplicates == 1


def test_a_path_that_is_not_there_is_wrong_use(store: SpanStore, folder: Path):
    with pytest.raises(UsageError, match="no such file"):
        import_paths([folder / "nowhere"], store=store)
    with pytest.raises(UsageError, match="nothing to import"):
        import_paths([folder], store=store)


def test_a_file_of_unknown_looks_asks_for_its_format(folder: Path, store: SpanStore):
    (folder / "notes.txt").write_text("hello")
    report = import_paths([folder / "notes.txt"], store=store)

    assert [s.reason for s in report.skipped] == ["not recognised: name its --format"]


def test_a_folder_without_any_headers_is_taken_file_by_file(folder: Path, store: SpanStore):
    (folder / "spans.json").write_bytes(a_body())
    (folder / "notes.txt").write_text("hello")
    report = import_paths([folder], store=store)

    assert (report.files, report.taken) == (1, 1)
    assert [Path(skipped.path).name for skipped in report.skipped] == ["notes.txt"]


def test_foreign_talks_come_through_the_same_store(shared: Path, store: SpanStore):
    talks = shared / "data" / "conversations" / "tau_bench" / "gpt-4o-airline.even_tasks.json"
    report = import_paths([talks], store=store, project="airline")

    assert report.files == 1
    assert report.conversations == {"airline": 100}
