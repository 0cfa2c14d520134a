"""Keys, as the API gives them."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

KEYS = "/api/v1/keys"
ASKED = {"project_id": "harbour", "name": "CI", "scopes": ["run", "read"]}


def made(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(KEYS, json={**ASKED, **more})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert isinstance(body, dict)
    return body


def test_a_key_is_shown_once_and_opens_what_it_says(client: TestClient) -> None:
    told = made(client)
    assert told["key"]["scopes"] == ["read", "run"]
    (listed,) = client.get(KEYS, params={"project_id": "harbour"}).json()["items"]
    assert listed == told["key"]
    assert told["secret"] not in client.get(KEYS, params={"project_id": "harbour"}).text
    shown = {"authorization": f"Bearer {told['secret']}"}
    assert client.get("/api/v1/projects", headers=shown).json()["items"] == []


def test_a_project_may_have_a_key_before_it_has_a_trace(client: TestClient) -> None:
    assert made(client, project_id="not yet there")["key"]["project_id"] == "not yet there"


def test_keys_come_a_page_at_a_time_newest_first(client: TestClient) -> None:
    ids = [made(client, name=f"key {number}")["key"]["id"] for number in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        asked = {"project_id": "harbour", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get(KEYS, params=asked).json()
        seen += [key["id"] for key in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]


def test_a_revoked_key_is_gone(client: TestClient) -> None:
    told = made(client)
    assert client.delete(f"{KEYS}/{told['key']['id']}").status_code == 204
    shown = {"authorization": f"Bearer {told['secret']}"}
    assert client.get("/api/v1/projects", headers=shown).status_code == 401
    assert client.delete(f"{KEYS}/{told['key']['id']}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status", "place"),
    [
        ({"scopes": []}, 422, "body.scopes"),
        ({"scopes": ["admin"]}, 422, "body.scopes"),
        ({"name": " padded "}, 422, "body.name"),
        ({"project_id": ""}, 422, "body.project_id"),
        ({"expires_at": "2031-01-01T00:00:00"}, 422, "body.expires_at"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, 400, "passed"),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_place(client, wrong, status, place) -> None:
    answer = client.post(KEYS, json={**ASKED, **wrong})
    assert answer.status_code == status
    assert place in answer.json()["detail"]


def test_a_password_that_is_too_long_is_not_told_back(client: TestClient) -> None:
    answer = client.post("/api/v1/login", json={"password": "secret" * 1000})
    assert answer.status_code == 422
    assert "secret" not in answer.text
