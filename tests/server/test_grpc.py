"""OTLP over gRPC: the same answers as over HTTP, from real clients."""

from __future__ import annotations

import asyncio
import queue
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_grpc
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from reenact.access.keys import Keys
from reenact.access.people import People
from reenact.capture.limits import Limits
from reenact.capture.otlp import signal_of
from reenact.errors import UsageError
from reenact.listening.sockets import free_address
from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from support.posts import captured_posts, protobuf_body
from support.processes import reenact, serving
from support.workspaces import workspace_in


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def received(workspace: Workspace) -> Callable[..., Any]:
    """Runs the server, and `talk` with a channel to it in a thread; returns what it returned."""

    def run(talk: Callable[[grpc.Channel], Any], **options: Any) -> Any:
        address = free_address("127.0.0.1", 0)
        app = create_app(workspace, project="p", grpc_address=address, **options)

        def connected() -> Any:
            with grpc.insecure_channel(address) as channel:
                return talk(channel)

        async def scene() -> Any:
            async with app.router.lifespan_context(app):
                return await asyncio.to_thread(connected)

        return asyncio.run(scene())

    return run


def export(channel: grpc.Channel, body: bytes) -> traces.ExportTraceServiceResponse:
    call = channel.unary_unary(
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        response_deserializer=traces.ExportTraceServiceResponse.FromString,
    )
    answer: traces.ExportTraceServiceResponse = call(body, timeout=10)
    return answer


def refused(channel: grpc.Channel, body: bytes) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        export(channel, body)
    return raised.value.code(), raised.value.details()


def test_spans_that_were_acknowledged_are_in_the_store(received, workspace: Workspace) -> None:
    answer = received(lambda channel: export(channel, protobuf_body(spans=3)))

    assert not answer.HasField("partial_success")
    assert [(p.id, p.spans) for p in workspace.spans.projects()] == [("p", 3)]


def test_bad_spans_are_counted_in_a_partial_success(received) -> None:
    request = traces.ExportTraceServiceRequest.FromString(protobuf_body(spans=2))
    request.resource_spans[0].scope_spans[0].spans[0].trace_id = b"short"

    def talk(channel: grpc.Channel) -> traces.ExportTraceServiceResponse:
        return traces_grpc.TraceServiceStub(channel).Export(request, timeout=10)

    told = received(talk).partial_success
    assert told.rejected_spans == 1
    assert "trace id" in told.error_message


def test_what_cannot_be_read_is_an_invalid_argument_with_the_reason(received) -> None:
    code, said = received(lambda channel: refused(channel, b"\xff\xff"))

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "not an OTLP protobuf request" in said


def test_more_than_may_be_read_is_exhausted(received) -> None:
    small = Limits(body_bytes=2_000, inflated_bytes=10_000)
    for body in (bytes(3_000), bytes(20_000)):
        code, _ = received(lambda channel, body=body: refused(channel, body), limits=small)
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_gzip_that_inflates_beyond_the_limit_is_refused(received) -> None:
    small = Limits(body_bytes=10_000, inflated_bytes=10_000)

    def talk(channel: grpc.Channel) -> grpc.StatusCode:
        call = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.RpcError) as raised:
            call(bytes(100_000), timeout=10, compression=grpc.Compression.Gzip)
        return raised.value.code()

    assert received(talk, limits=small) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_more_than_may_wait_is_unavailable_and_may_be_sent_again(
    received, workspace: Workspace, tmp_path: Path
) -> None:
    workspace.spans.projects()
    other = sqlite3.connect(tmp_path / "spans.db", isolation_level=None, check_same_thread=False)

    def talk(channel: grpc.Channel) -> Any:
        other.execute("BEGIN IMMEDIATE")  # as another process that writes for a while
        ended: queue.Queue[Any] = queue.Queue()
        call = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        for number in range(1, 9):
            call.future(protobuf_body(first=number), timeout=20).add_done_callback(ended.put)
        first = ended.get(timeout=10)
        other.execute("ROLLBACK")
        for _ in range(7):
            ended.get(timeout=20)
        export(channel, protobuf_body(spans=8))
        return first

    refusal = received(talk, most_waiting=100)
    other.close()
    assert refusal.code() is grpc.StatusCode.UNAVAILABLE
    assert "waiting to be stored" in refusal.details()
    assert workspace.spans.projects()[0].spans == 8


def test_a_capture_with_logs_gives_its_sessions(
    received, shared: Path, workspace: Workspace
) -> None:
    folder = shared / "data" / "otlp" / "otel_openai_v2_events"

    def talk(channel: grpc.Channel) -> None:
        for sent in captured_posts(folder):
            if signal_of(sent.path) == "traces":
                export(channel, sent.body)
            elif signal_of(sent.path) == "logs":
                request = logs.ExportLogsServiceRequest.FromString(sent.body)
                logs_grpc.LogsServiceStub(channel).Export(request, timeout=10)

    received(talk)
    named = {summary.session_id: summary for summary in workspace.spans.sessions("p")}
    assert set(named) >= {"sess-tue-4711", "sess-shared-03"}
    assert "blue kettle" in str(named["sess-tue-4711"].first_user_text)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_real_exporter_fills_the_store_of_a_real_server(tmp_path: Path, compression) -> None:
    address = free_address("127.0.0.1", 0)
    with serving(tmp_path, "--grpc-port", address.rpartition(":")[2]):
        exporter = OTLPSpanExporter(f"http://{address}", insecure=True, compression=compression)
        provider = TracerProvider(resource=Resource({"service.name": "shop"}))
        provider.add_span_processor(BatchSpanProcessor(exporter))
        with provider.get_tracer("t").start_as_current_span("x", attributes={"session.id": "s1"}):
            pass
        assert provider.force_flush()
        provider.shutdown()
        told = reenact(tmp_path, "sessions", "--project", "shop")
    assert [session["session_id"] for session in told["sessions"]] == ["s1"]


def test_a_port_that_is_taken_is_named() -> None:
    address = free_address("127.0.0.1", 0)
    port = int(address.rpartition(":")[2])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}"):
            free_address("127.0.0.1", port)


class TestKeys:
    @pytest.fixture
    def sent(self, received, workspace: Workspace) -> Callable[..., Any]:
        """Exports with what a client shows; returns the status, or OK."""

        def send(shown: str | None) -> grpc.StatusCode:
            request = traces.ExportTraceServiceRequest.FromString(protobuf_body())
            metadata = [] if shown is None else [("authorization", shown)]

            def talk(channel: grpc.Channel) -> grpc.StatusCode:
                try:
                    traces_grpc.TraceServiceStub(channel).Export(request, metadata=metadata)
                except grpc.RpcError as error:
                    return error.code()
                return grpc.StatusCode.OK

            return received(talk)

        return send

    def key(self, workspace: Workspace, scope: Any) -> str:
        made = Keys(workspace.access).make("harbour", name="test", scopes=[scope])
        return f"Bearer {made.secret}"

    def test_a_key_decides_over_the_project(self, sent, workspace) -> None:
        assert sent(self.key(workspace, "ingest")) == grpc.StatusCode.OK
        assert [project.id for project in workspace.spans.projects()] == ["harbour"]

    def test_a_key_that_may_not_send_is_refused(self, sent, workspace) -> None:
        assert sent(self.key(workspace, "read")) == grpc.StatusCode.PERMISSION_DENIED
        assert sent("Bearer rnk_0_0") == grpc.StatusCode.UNAUTHENTICATED
        assert workspace.spans.projects() == ()

    def test_with_a_password_who_shows_nothing_sends_nothing(self, sent, workspace) -> None:
        assert sent(None) == grpc.StatusCode.OK
        People(workspace.access).set_password("correct horse battery")
        assert sent(None) == grpc.StatusCode.UNAUTHENTICATED
