"""Asks the API in the words of tests: what must succeed, and the way from a selection to a run."""

from __future__ import annotations

import time
from typing import Any

from starlette.testclient import TestClient

from reenact.demo.talks import TUESDAY

API = "/api/v1"
NORTHLIGHT = "northlight"


def posted(client: TestClient, path: str, status: int, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{API}{path}", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def got(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(f"{API}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(client: TestClient, run_id: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        run: dict[str, Any] = got(client, f"/runs/{run_id}")
        if run["status"] not in ("pending", "running"):
            return run
        time.sleep(0.1)
    raise AssertionError(f"{run_id} did not end")


def a_session(client: TestClient, **selected: Any) -> str:
    selected = selected or {"ids": [TUESDAY]}
    made = posted(client, "/replay-sessions", 201, project_id=NORTHLIGHT, **selected)
    return str(made["session"]["id"])


def a_run(client: TestClient, target: str, **selected: Any) -> dict[str, Any]:
    session = a_session(client, **selected)
    posted(client, f"/replay-sessions/{session}/generate-scenario", 201)
    test = posted(client, "/run-tests", 201, replay_session_id=session, target_name=target)
    run = posted(client, f"/run-tests/{test['id']}/execute", 202)
    return ended(client, run["id"])
