"""The receiver, over its real stores: what it takes, what it refuses and with which words."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.testclient import TestClient

from reenact.capture.limits import Limits
from reenact.domain.agent import CallableTarget
from reenact.domain.run import CallExecution, Run, RunTest
from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from support.posts import JSON, PROTOBUF, captured_posts, json_body, json_span, protobuf_body
from support.workspaces import workspace_in

SMALL = Limits(body_bytes=2_000, inflated_bytes=10_000)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace, limits=SMALL), base_url="http://localhost") as opened:
        yield opened


def post(client: TestClient, body: bytes, kind: str | None = PROTOBUF, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind is not None:
        named["content-type"] = kind
    return client.post("/v1/traces", content=body, headers=named)


def begin_attempt(workspace: Workspace, *, trace_key: str) -> None:
    """Let the journal know of a call execution whose traces start with `trace_key`."""
    now = datetime(2026, 11, 24, tzinfo=UTC)
    test = RunTest(
        id="test-1",
        project_id="shop",
        name="t",
        agent_id="agent-1",
        agent_version=1,
        target=CallableTarget(path="m:f"),
        scenario_ids=(),
        created_at=now,
    )
    call = CallExecution(
        id="run-1/r/0",
        run_id="run-1",
        scenario_id="s",
        row_id="r",
        attempt=1,
        session_id="replay-1",
        trace_key=trace_key,
    )
    workspace.records.save_run_test(test)
    workspace.records.save_run(
        Run(id="run-1", run_test_id="test-1", project_id="shop", created_at=now)
    )
    workspace.records.add_calls([replace(call, attempt=0, session_id=None, trace_key=None)])
    asyncio.run(workspace.journal.begin(call))


def test_spans_that_were_answered_with_200_are_in_the_store(client, workspace):
    answer = post(client, protobuf_body(spans=3))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == PROTOBUF
    assert not ExportTraceServiceResponse.FromString(answer.content).HasField("partial_success")
    assert [(p.id, p.spans) for p in workspace.spans.projects()] == [("shop", 3)]


def test_json_is_answered_in_json(client, workspace):
    answer = post(client, json_body(json_span()), "application/json; charset=utf-8")
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["content-type"] == JSON
    assert workspace.spans.count_traces("shop") == 1


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "GZIP"])
def test_gzip_is_read(client, workspace, name):
    answer = post(client, gzip.compress(protobuf_body()), content_encoding=name)
    assert answer.status_code == 200
    assert workspace.spans.count_traces("shop") == 1


def test_an_empty_request_is_a_good_one(client):
    assert post(client, b"").status_code == 200


def test_sending_twice_stores_once(client, workspace):
    for _ in range(2):
        assert post(client, protobuf_body(spans=2)).status_code == 200
    assert workspace.spans.projects()[0].spans == 2


@pytest.mark.parametrize("path", ["/v1/traces", "/tracer/v1/traces", "/api/public/otel/v1/traces"])
def test_any_path_that_ends_in_v1_traces_is_traces(client, path):
    answer = client.post(path, content=protobuf_body(), headers={"content-type": PROTOBUF})
    assert answer.status_code == 200


def test_the_list_of_traces_takes_none(client, workspace):
    answer = client.post("/api/v1/traces", content=protobuf_body())
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"
    assert workspace.spans.projects() == ()


@pytest.mark.parametrize(
    ("body", "encoding", "says"),
    [
        (protobuf_body()[:-7], "identity", "protobuf"),
        (b"\x0a\xff\xff\xff\xff\x07", "identity", "protobuf"),
        (protobuf_body(), "gzip", "gzip"),
        (gzip.compress(protobuf_body())[:-9], "gzip", "ends early"),
    ],
    ids=["truncated", "two gigabytes declared inside", "not gzip", "gzip cut short"],
)
def test_what_cannot_be_read_is_400_with_a_reason(client, workspace, body, encoding, says):
    answer = post(client, body, content_encoding=encoding)
    status = Status.FromString(answer.content)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROTOBUF
    assert status.code == 3
    assert says in status.message
    assert "->" in status.message, "the next step is named"
    assert workspace.spans.projects() == ()


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"resourceSpans": 7}', b'\xff{"a": 1}'])
def test_broken_json_is_400_in_json(client, body):
    answer = post(client, body, JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] == 3
    assert answer.json()["message"]


def test_a_declared_size_beyond_the_limit_is_413_before_the_body_is_read(client):
    answer = post(client, b"", content_length=str(2 * 2**30))
    assert answer.status_code == 413
    assert "2,147,483,648 bytes" in Status.FromString(answer.content).message
    assert answer.headers["connection"] == "close"


def test_a_body_that_grows_beyond_the_limit_is_413(client):
    chunks = (b"x" * 500 for _ in range(1_000))
    answer = client.post("/v1/traces", content=chunks, headers={"content-type": PROTOBUF})
    assert answer.status_code == 413


def test_gzip_that_inflates_beyond_the_limit_is_413(client):
    answer = post(client, gzip.compress(bytes(10_001)), content_encoding="gzip")
    assert answer.status_code == 413
    assert "inflates" in Status.FromString(answer.content).message


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_415_and_says_which_are_right(client, kind):
    answer = post(client, protobuf_body(), kind)
    assert answer.status_code == 415
    assert PROTOBUF in answer.json()["message"]


def test_another_content_encoding_is_415(client):
    answer = post(client, protobuf_body(), content_encoding="br")
    assert answer.status_code == 415
    assert "gzip" in Status.FromString(answer.content).message


def test_the_good_spans_of_a_post_are_kept_and_the_bad_ones_counted(client, workspace):
    body = json_body(json_span(), json_span(traceId="00"), json_span(spanId="zz"))
    answer = post(client, body, JSON)
    told = answer.json()["partialSuccess"]
    assert answer.status_code == 200
    assert told["rejectedSpans"] == "2"
    assert told["errorMessage"]
    assert workspace.spans.projects()[0].spans == 1


def test_partial_success_in_protobuf(client):
    bad = bytearray(protobuf_body(spans=2))
    at = bytes(bad).rindex((2).to_bytes(8, "big"))
    bad[at : at + 8] = bytes(8)  # a span id of zeros is none
    told = ExportTraceServiceResponse.FromString(post(client, bytes(bad)).content)
    assert told.partial_success.rejected_spans == 1
    assert told.partial_success.error_message


def test_a_store_that_takes_nothing_is_503_and_says_when_to_come_back(client, workspace):
    workspace.spans.close()
    answer = post(client, protobuf_body())
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert Status.FromString(answer.content).code == 14


def test_spans_that_a_replay_marked_stay_out_of_production(client, workspace):
    marked = json_span(attributes={"reenact.run": "run-1", "session.id": "replayed"})
    assert post(client, json_body(marked), JSON).status_code == 200
    assert workspace.spans.projects() == ()
    assert workspace.spans.sessions("shop") == ()
    kept = workspace.spans.spans_of_traces("shop", [marked["traceId"]], origin="replay")
    assert len(kept) == 1


def test_spans_of_a_trace_that_the_journal_knows_stay_out_of_production(client, workspace):
    trace_key = "feed0123feed0123"
    begin_attempt(workspace, trace_key=trace_key)
    replayed = json_span(traceId=trace_key + "0" * 16, attributes={"session.id": "replayed"})
    real = json_span(attributes={"session.id": "real"})
    assert post(client, json_body(replayed, real), JSON).status_code == 200
    assert [s.session_id for s in workspace.spans.sessions("shop")] == ["real"]
    kept = workspace.spans.spans_of_traces("shop", [replayed["traceId"]], origin="replay")
    assert len(kept) == 1


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4318", "192.168.1.7", ""])
def test_another_host_name_is_refused(client, host):
    answer = client.post("/v1/traces", content=b"", headers={"host": host, "content-type": JSON})
    assert answer.status_code == 403
    assert answer.json()["code"] == 7


@pytest.mark.parametrize("host", ["localhost:4318", "127.0.0.1", "[::1]:4318", "127.8.9.1:1"])
def test_loopback_names_are_let_in(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_a_further_host_may_be_allowed(workspace):
    app = create_app(workspace, hosts=["Host.docker.internal"])
    with TestClient(app, base_url="http://host.docker.internal:4318") as client:
        assert client.get("/healthz").json()["status"] == "ok"


def test_an_unknown_path_says_where_traces_go(client):
    answer = client.post("/v2/spans", content=b"{}", headers={"content-type": JSON})
    assert answer.status_code == 404
    assert "/v1/traces" in answer.json()["message"]


def test_reading_traces_by_get_is_405(client):
    assert client.get("/v1/traces").status_code == 405


def test_a_project_given_to_the_server_wins(workspace):
    with TestClient(create_app(workspace, project="mine"), base_url="http://localhost") as client:
        post(client, protobuf_body())
    assert [project.id for project in workspace.spans.projects()] == ["mine"]


@pytest.mark.parametrize("capture", ["oi_openai_rooted", "langfuse", "vercel_ai_json"])
def test_a_real_capture_posted_gives_its_sessions(shared, workspace, capture):
    folder = shared / "data" / "otlp" / capture
    told = json.loads((folder / "expected.json").read_text())
    with TestClient(create_app(workspace, project="p"), base_url="http://localhost") as client:
        for sent in captured_posts(folder):
            answer = client.post(sent.path, content=sent.body, headers=sent.headers)
            assert answer.status_code == 200, answer.text
    named = {s["session_id"] for s in told["sessions"] if s["session_id"]}
    assert {summary.session_id for summary in workspace.spans.sessions("p")} == named
