"""`reenact serve` on an address that other machines reach: never without a password."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from reenact.listening.sockets import own_address
from support.processes import COMMAND, Server, serving

PASSWORD = "correct horse battery"
API = "/api/v1"


def run(home: Path, *argv: str, said: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *argv],
        input=said,
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "REENACT_HOME": str(home), **environ},
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a password."""
    folder = tmp_path_factory.mktemp("home")
    assert run(folder, "password", "set", said=f"{PASSWORD}\n").returncode == 0
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    """A server on all addresses, reached under the one that other machines would use."""
    if own_address() is None:
        pytest.skip("this machine has no address but its own: it is on no network")
    with serving(home, "--host", "0.0.0.0") as started:
        assert own_address() in started.url
        yield started


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, trust_env=False) as opened:
        yield opened


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_without_a_password_it_refuses_to_start_and_says_what_to_do(tmp_path, host) -> None:
    ended = run(tmp_path, "serve", "--host", host, "--port", "0", "--no-grpc")
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: --host: {host} can be reached from other machines")
    assert "reenact password set, or REENACT_PASSWORD" in ended.stderr
    assert ended.stdout == ""


def test_a_password_that_is_too_short_lets_it_not_start_either(tmp_path) -> None:
    ended = run(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0", REENACT_PASSWORD="short")
    assert ended.returncode == 2
    assert "REENACT_PASSWORD: the password has 5 characters" in ended.stderr
    assert "12" in ended.stderr


def test_the_password_of_the_environment_is_taken_and_kept(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("REENACT_PASSWORD", PASSWORD)
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        login = httpx2.post(f"{server.url}{API}/login", json={"password": PASSWORD})
        assert login.status_code == 200
    monkeypatch.delenv("REENACT_PASSWORD")
    assert run(tmp_path, "password").stdout == "a password is set\n"


def test_people_sign_in_and_out(client: httpx2.Client) -> None:
    assert client.get(f"{API}/projects").status_code == 401
    assert client.post(f"{API}/login", json={"password": "wrong horse battery"}).status_code == 401
    csrf = client.post(f"{API}/login", json={"password": PASSWORD}).json()["csrf"]
    assert client.get(f"{API}/projects").status_code == 200
    assert client.post(f"{API}/logout").status_code == 403
    assert client.post(f"{API}/logout", headers={"x-csrf-token": csrf}).status_code == 200
    assert client.get(f"{API}/projects").status_code == 401


def test_an_exporter_shows_a_key_in_the_way_that_is_printed(home, server, monkeypatch) -> None:
    made = run(home, "keys", "make", "harbour", "--name", "exporter", "--scope", "ingest")
    key = made.stdout.strip()
    header = f"authorization=Bearer%20{key}"
    assert header.replace(key, "rnk_YOUR_KEY") in server.process.stdout.readline()
    for shown, kept in ((None, 0), (header, 1)):
        if shown:
            monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", shown)
        provider = TracerProvider()
        provider.add_span_processor(
            SimpleSpanProcessor(OTLPSpanExporter(f"{server.url}/v1/traces"))
        )
        with provider.get_tracer("shop").start_as_current_span("chat"):
            pass
        provider.shutdown()
        listed = run(home, "traces", "--project", "harbour", "--json").stdout
        assert listed.count('"trace_ids"') == kept


def test_a_key_is_listed_without_its_secret_and_revoked(home, client) -> None:
    key = run(home, "keys", "make", "shop", "--name", "CI", "--scope", "read").stdout.strip()
    shown = {"authorization": f"Bearer {key}"}
    assert client.get(f"{API}/projects", headers=shown).status_code == 200
    listed = run(home, "keys", "shop").stdout
    assert "CI" in listed
    assert key not in listed
    assert run(home, "keys", "revoke", key.split("_")[1]).returncode == 0
    assert client.get(f"{API}/projects", headers=shown).status_code == 401


def test_another_name_and_another_sites_page_are_refused(client: httpx2.Client) -> None:
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 403
    evil = {"origin": "http://evil.example"}
    assert client.post(f"{API}/login", json={}, headers=evil).status_code == 403


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(tmp_path, number) -> None:
    with serving(tmp_path) as server:
        server.process.send_signal(number)
        assert server.process.wait(timeout=15) == 0
        complaints = server.process.stderr.read()
    assert f"Reenact's pages: {server.url}/\nThe data: {tmp_path / 'spans.db'}\n" in complaints
    assert complaints.endswith("stopped\n")
