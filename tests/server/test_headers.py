"""What browsers are told with every answer."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from reenact.server.headers import SECURITY

REQUESTS = [
    ("GET", "/healthz", {}, 200),
    ("GET", "/api/v1/projects", {}, 200),
    ("GET", "/api/v1/nothing", {}, 404),
    ("PUT", "/api/v1/projects", {}, 405),
    ("POST", "/v1/traces", {}, 415),
    ("GET", "/healthz", {"host": "evil.example"}, 403),
    ("GET", "/metrics", {"origin": "https://evil.example"}, 403),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), REQUESTS, ids=str)
def test_every_answer_has_them(
    client: TestClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == status
    assert SECURITY.items() <= dict(answer.headers).items()


def test_a_page_has_them_but_may_be_kept_if_it_is_asked_for_again(client: TestClient) -> None:
    answer = client.get("/")
    told = {**SECURITY, "cache-control": "no-cache" if answer.status_code == 200 else "no-store"}
    assert told.items() <= dict(answer.headers).items()


def test_a_defect_has_them_too_and_tells_nothing_of_its_text(workspace: Workspace) -> None:
    app = create_app(workspace)

    @app.get("/api/v1/broken")
    def broken() -> None:
        raise ZeroDivisionError("a secret path")

    app.router.routes.insert(0, app.router.routes.pop())
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        answer = client.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "a secret path" not in answer.text
    assert SECURITY.items() <= dict(answer.headers).items()


def test_no_script_that_stands_in_a_page_can_run() -> None:
    policy = dict(part.split(" ", 1) for part in SECURITY["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert not any("*" in value or "http" in value for value in policy.values())
