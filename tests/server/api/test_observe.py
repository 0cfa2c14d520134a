"""What was captured, as the API gives it."""

from __future__ import annotations

from starlette.testclient import TestClient

from reenact.demo.talks import TALKS
from support.api import API, NORTHLIGHT, got


def test_a_project_tells_how_much_it_holds(client: TestClient) -> None:
    (project,) = client.get(f"{API}/projects").json()["items"]
    assert project["id"] == NORTHLIGHT
    assert project["sessions"] == len(TALKS)


def test_an_unknown_conversation_is_a_problem_that_names_it(client: TestClient) -> None:
    asked = {"project_id": NORTHLIGHT, "id": "sess:nobody"}
    answer = client.get(f"{API}/conversation", params=asked)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["ids"] == ["sess:nobody"]


def test_a_cursor_of_our_own_making_is_refused(client: TestClient) -> None:
    answer = client.get(f"{API}/projects", params={"cursor": "WzFd"})
    assert answer.status_code == 400
    assert answer.json()["where"] == "cursor"


def test_a_missing_parameter_is_named(client: TestClient) -> None:
    answer = client.get(f"{API}/conversation", params={"project_id": NORTHLIGHT})
    assert answer.status_code == 422
    assert "query.id" in answer.json()["detail"]


def test_a_path_that_is_not_there_is_a_problem_under_the_api_alone(client: TestClient) -> None:
    assert client.get(f"{API}/nothing").headers["content-type"] == "application/problem+json"
    assert client.get("/nothing").headers["content-type"] == "application/json"


def test_the_openapi_document_names_every_route(client: TestClient) -> None:
    document = client.get(f"{API}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert f"{API}/conversation" in document["paths"]
    assert "/v1/traces" not in document["paths"]


def test_users_come_last_seen_first_a_page_at_a_time(client: TestClient) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = got(client, "/users", project_id=NORTHLIGHT, limit=1, **more)
        seen += [user["user_id"] for user in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [talk.user_id for talk in reversed(TALKS)]
