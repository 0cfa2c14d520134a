"""Logs and metrics beside traces, overload, and what the receiver tells of itself."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from starlette.testclient import TestClient

from reenact.capture.conversations import Conversations
from reenact.capture.importing import import_paths
from reenact.capture.limits import Limits
from reenact.capture.parallel import Order
from reenact.errors import Overloaded
from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from reenact.server.inbox import Inbox
from reenact.server.meters import Meters
from reenact.server.reading import Reader
from reenact.server.receiver import Receiver
from support.posts import JSON, PROTOBUF, captured_posts, json_body, json_span, protobuf_body
from support.workspaces import workspace_in


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace, project="p"), base_url="http://localhost") as opened:
        yield opened


def logs_body(*, trace: bytes = b"\1" * 16, span: bytes = b"\2" * 8) -> bytes:
    """Return a request with one event of a model call and one ordinary log line."""
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    told = records.add(event_name="gen_ai.user.message", trace_id=trace, span_id=span)
    told.body.kvlist_value.values.add(key="content").value.string_value = "Where is it?"
    records.add(observed_time_unix_nano=1).body.string_value = "listening on port 80"
    return request.SerializeToString()


def meters(client: TestClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


@pytest.mark.parametrize(
    "capture", ["otel_openai_v2_events", "otel_openai_v2_latest_both", "ms_agent_framework"]
)
def test_a_capture_with_logs_and_metrics_posted_is_the_same_as_one_imported(
    shared: Path, client: TestClient, workspace: Workspace, capture: str
) -> None:
    folder = shared / "data" / "otlp" / capture
    for sent in captured_posts(folder):
        assert client.post(sent.path, content=sent.body, headers=sent.headers).status_code == 200
    import_paths([folder], store=workspace.spans, project="imported")

    posted = Conversations(workspace.spans).list("p")
    imported = Conversations(workspace.spans).list("imported")
    assert len(posted) == 5
    assert [one.conversation.items for one in posted] == [
        one.conversation.items for one in imported
    ]


def test_log_records_of_model_calls_are_kept_and_others_counted(client: TestClient) -> None:
    answer = client.post("/v1/logs", content=logs_body(), headers={"content-type": PROTOBUF})

    assert answer.status_code == 200
    assert not ExportLogsServiceResponse.FromString(answer.content).HasField("partial_success")
    counted = meters(client)
    assert counted['reenact_log_records_total{fate="stored"}'] == 1
    assert counted['reenact_log_records_total{fate="ignored"}'] == 1


def test_an_event_that_names_no_span_is_rejected_by_the_name_of_its_signal(
    client: TestClient,
) -> None:
    body = logs_body(trace=b"", span=b"")
    answer = client.post("/v1/logs", content=body, headers={"content-type": PROTOBUF})

    told = ExportLogsServiceResponse.FromString(answer.content).partial_success
    assert told.rejected_log_records == 1
    assert "no trace and span" in told.error_message


def test_metrics_are_accepted_and_not_kept(client: TestClient, workspace: Workspace) -> None:
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.add(name="tokens")
    for path in ("/v1/metrics", "/otel/v1/metrics"):
        answer = client.post(
            path, content=request.SerializeToString(), headers={"content-type": PROTOBUF}
        )
        assert answer.status_code == 200
    assert client.post("/v1/metrics", content=b"\xff", headers={"content-type": PROTOBUF})
    assert workspace.spans.projects() == ()
    assert meters(client)['reenact_posts_total{outcome="ok",signal="metrics"}'] == 2


def test_the_meters_tell_what_became_of_every_post(client: TestClient) -> None:
    for body in (protobuf_body(spans=3), protobuf_body(spans=3), b"\xff"):
        client.post("/v1/traces", content=body, headers={"content-type": PROTOBUF})
    partial = json_body(json_span(), json_span(traceId="00"))
    client.post("/v1/traces", content=partial, headers={"content-type": JSON})

    counted = meters(client)
    assert counted['reenact_spans_total{fate="stored"}'] == 4
    assert counted['reenact_spans_total{fate="duplicate"}'] == 3
    assert counted['reenact_spans_total{fate="rejected"}'] == 1
    assert counted['reenact_posts_total{outcome="ok",signal="traces"}'] == 2
    assert counted['reenact_posts_total{outcome="partial",signal="traces"}'] == 1
    assert counted['reenact_posts_total{outcome="unreadable",signal="traces"}'] == 1
    assert counted["reenact_queue_bytes"] == 0
    assert counted["reenact_commit_seconds_count"] >= 2


def test_what_cannot_wait_is_answered_with_429_and_when_to_come_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    app = create_app(workspace, most_waiting=100)
    other = sqlite3.connect(tmp_path / "spans.db", isolation_level=None)
    with TestClient(app, base_url="http://localhost") as client, ThreadPoolExecutor(1) as pool:
        send = partial(client.post, "/v1/traces", headers={"content-type": PROTOBUF})
        other.execute("BEGIN IMMEDIATE")  # as another process that writes for a while
        first = pool.submit(send, content=protobuf_body(spans=5))
        while client.get("/healthz").json()["queue"]["posts"] == 0:
            pass
        refused = send(content=protobuf_body(first=9))
        other.execute("ROLLBACK")
        assert first.result().status_code == 200
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert meters(client)['reenact_posts_total{outcome="overloaded",signal="traces"}'] == 1
        assert send(content=protobuf_body(first=9)).status_code == 200
    other.close()


def test_a_full_inbox_is_refused_before_the_body_is_decoded() -> None:
    entered, let_go = threading.Event(), threading.Event()

    def store(group) -> None:
        entered.set()
        assert let_go.wait(10)

    async def scene() -> None:
        async with Inbox(store, most_waiting=1) as inbox:
            reader = Reader(inbox, Order(None, Limits()))
            receiver = Receiver(inbox, reader, meters=Meters())
            take = partial(
                receiver.take,
                signal="traces",
                content_type=PROTOBUF,
                content_encoding="identity",
            )
            first = asyncio.create_task(take(protobuf_body()))
            await asyncio.to_thread(entered.wait, 10)
            with pytest.raises(Overloaded):
                await take(b"\xff this is no protobuf")
            let_go.set()
            await first

    asyncio.run(scene())


def test_health_tells_the_queue(client: TestClient) -> None:
    told = client.get("/healthz").json()
    assert told["status"] == "ok"
    assert told["queue"] == {"posts": 0, "bytes": 0, "lag_seconds": 0.0}
    json.dumps(told)


def test_the_agents_sdk_posts_its_own_json_and_is_the_same_as_imported(
    shared: Path, client: TestClient, workspace: Workspace
) -> None:
    folder = shared / "data" / "otlp" / "openai_agents_native"
    for sent in captured_posts(folder):
        answer = client.post(sent.path, content=sent.body, headers=sent.headers)
        assert (answer.status_code, answer.json()) == (200, {})
    import_paths([folder], store=workspace.spans, project="imported")

    posted = Conversations(workspace.spans).list("p")
    imported = Conversations(workspace.spans).list("imported")
    assert len(posted) == 5
    assert [one.conversation.items for one in posted] == [
        one.conversation.items for one in imported
    ]
