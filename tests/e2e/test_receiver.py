"""`reenact serve` as a process: real exporters and raw posts in, sessions out, nothing lost."""

from __future__ import annotations

import gzip
import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from support.posts import JSON, captured_posts, json_body, json_span, protobuf_body
from support.processes import COMMAND, Server, reenact, serving

_HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("receiver")) as started:
        yield started


def test_it_says_what_an_exporter_needs_and_stops_on_ctrl_c(tmp_path):
    with serving(tmp_path) as server:
        assert server.said[0] == f"OTEL_EXPORTER_OTLP_ENDPOINT={server.url}"
        assert f'OTLPSpanExporter(endpoint="{server.url}/v1/traces")' in server.said[1]
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=15) == 0


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_a_real_exporter_fills_the_store(tmp_path, compression):
    with serving(tmp_path) as server:
        exporter = OTLPSpanExporter(f"{server.url}/v1/traces", compression=compression)
        provider = TracerProvider(resource=Resource({"service.name": "shop"}))
        provider.add_span_processor(BatchSpanProcessor(exporter))
        tracer = provider.get_tracer("shop.agent")
        for number in range(20):
            told = {
                "session.id": f"s{number % 2}",
                "openinference.span.kind": "LLM",
                "llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.content": f"Where is order {number}?",
            }
            with tracer.start_as_current_span("chat", attributes=told):
                pass
        assert provider.force_flush()
        provider.shutdown()
        told = reenact(tmp_path, "sessions", "--project", "shop")
    assert {session["session_id"] for session in told["sessions"]} == {"s0", "s1"}
    assert sum(session["spans"] for session in told["sessions"]) == 20


def test_a_capture_posted_is_the_same_as_one_imported(tmp_path, shared):
    folder = shared / "data" / "otlp" / "oi_openai_rooted"
    with serving(tmp_path / "posted", "--project", "p") as server:
        for sent in captured_posts(folder):
            assert server.post(sent.body, **_named(sent.headers)).status == 200
    environ = {**os.environ, "REENACT_HOME": str(tmp_path / "imported")}
    subprocess.run(
        [*COMMAND, "import", str(folder), "--project", "p", "--json"],
        check=True,
        env=environ,
        capture_output=True,
    )
    posted = reenact(tmp_path / "posted", "conversations", "--project", "p")
    imported = reenact(tmp_path / "imported", "conversations", "--project", "p")
    assert posted == imported
    assert len(posted["conversations"]) == 5


def test_kill_9_after_the_answer_loses_nothing(tmp_path):
    answered = []

    def send(number: int) -> None:
        try:
            answer = server.post(protobuf_body(spans=5, trace=number, first=number * 10))
        except (OSError, http.client.HTTPException):
            return  # the server was gone before it could answer
        if answer.status == 200:
            answered.append(number)
            if len(answered) == 30:
                server.process.kill()

    with serving(tmp_path) as server:
        with ThreadPoolExecutor(8) as clients:
            list(clients.map(send, range(1, 200)))
        server.process.wait(timeout=10)
    assert server.process.returncode == -signal.SIGKILL
    listed = reenact(tmp_path, "traces", "--project", "shop", "--limit", "0")["traces"]
    kept = {int(trace["trace_ids"][0], 16): trace["spans"] for trace in listed}
    assert len(answered) >= 30
    assert {number: kept.get(number) for number in answered} == dict.fromkeys(answered, 5)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (protobuf_body()[:-5], {}, 400),
        (protobuf_body(), {"content_encoding": "gzip"}, 400),
        (gzip.compress(bytes(80 * 2**20)), {"content_encoding": "gzip"}, 413),
        (protobuf_body(), {"kind": "text/plain"}, 415),
        (b"\xff\xfe{}", {"kind": JSON}, 400),
        (json_body(json_span(), json_span(traceId="bad")), {"kind": JSON}, 200),
    ],
    ids=["truncated", "wrong gzip", "inflates to 80 MB", "wrong type", "not UTF-8", "half good"],
)
def test_bad_posts_are_answered_and_the_server_goes_on(server, body, headers, status):
    assert server.post(body, **headers).status == status
    assert server.post(protobuf_body()).status == 200


def test_two_gigabytes_declared_are_refused_before_they_are_sent(server):
    with socket.create_connection(_address(server.url), timeout=10) as line:
        line.sendall(_HEAD + b"Content-Length: 2147483648\r\n\r\n")
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert server.post(protobuf_body()).status == 200


def test_a_client_that_sends_too_much_is_told_so_and_not_cut_off(server):
    answer = server.post(bytes(21 * 2**20))
    assert answer.status == 413


def test_a_client_that_leaves_half_way_does_no_harm(server):
    with socket.create_connection(_address(server.url), timeout=10) as line:
        line.sendall(_HEAD + b"Content-Length: 100\r\n\r\nhalf")
    assert server.post(protobuf_body()).status == 200


def test_a_replay_marked_span_shows_in_no_list(tmp_path):
    replayed = json_span(attributes={"reenact.run": "run-1", "session.id": "replayed"})
    real = json_span(traceId="a" * 32, attributes={"session.id": "real"})
    with serving(tmp_path) as server:
        assert server.post(json_body(replayed, real), JSON).status == 200
    told = reenact(tmp_path, "sessions", "--project", "shop")
    assert [session["session_id"] for session in told["sessions"]] == ["real"]
    assert reenact(tmp_path, "traces", "--project", "shop")["total"] == 1


@pytest.mark.parametrize(
    ("argv", "says"),
    [(("--host", "0.0.0.0"), "other machines"), (("--port", "99999"), "--port 0")],
)
def test_an_address_it_may_not_listen_on_exits_2(tmp_path, argv, says):
    environ = {**os.environ, "REENACT_HOME": str(tmp_path)}
    ended = subprocess.run(
        [*COMMAND, "serve", *argv], capture_output=True, text=True, env=environ, timeout=50
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert says in ended.stderr


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


def _named(headers: dict[str, str]) -> dict[str, str]:
    named = {name.lower().replace("-", "_"): value for name, value in headers.items()}
    return {"kind": named.pop("content_type"), **named}
