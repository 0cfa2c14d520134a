"""A request that is asked again with the same key is answered again, and done once."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from reenact.access.keys import Keys
from reenact.runs.workspace import Workspace
from reenact.server.api.idempotency import Idempotency
from reenact.server.app import create_app
from reenact.store import kept_answers
from reenact.store.database import Database
from reenact.store.kept_answers import KEPT_FOR, KeptAnswers

KEYS = "/api/v1/keys"
ASKED = {"project_id": "harbour", "name": "CI", "scopes": ["read"]}


def once(key: str = "a6c1f0e2") -> dict[str, str]:
    return {"idempotency-key": key}


class Counted:
    """A route that counts how often it is done, and answers as a test says."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.answer: Any = lambda: PlainTextResponse("done", status_code=201)
        self.wait = threading.Event()
        self.wait.set()
        self.entered = threading.Event()

    async def __call__(self, request: Request) -> Response:
        self.done.append((await request.body()).decode())
        self.entered.set()
        await asyncio.to_thread(self.wait.wait, 10)
        answer: Response = self.answer()
        return answer


class Clock:
    now = datetime(2026, 11, 24, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'answers.db'}")
    yield opened
    opened.close()


@pytest.fixture
def doing(counted: Counted, clock: Clock, database: Database) -> Iterator[TestClient]:
    """A client of an API of one route."""

    async def route(request: Request) -> Response:
        return await counted(request)

    app = Starlette(
        routes=[Route("/api/v1/{thing}", route, methods=["POST", "GET"])],
        middleware=[Middleware(Idempotency, answers=KeptAnswers(database), clock=clock)],
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_the_first_answer_is_given_again_and_nothing_is_done_twice(doing, counted) -> None:
    first = doing.post("/api/v1/runs", content="body", headers=once())
    counted.answer = lambda: PlainTextResponse("another")
    again = doing.post("/api/v1/runs", content="body", headers=once())
    assert (again.status_code, again.text) == (first.status_code, first.text) == (201, "done")
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert counted.done == ["body"]


def test_without_a_key_and_with_another_it_is_done_each_time(doing, counted) -> None:
    for headers in ({}, {}, once("one"), once("two")):
        assert doing.post("/api/v1/runs", headers=headers).status_code == 201
    assert doing.get("/api/v1/runs", headers=once("one")).status_code == 201
    assert len(counted.done) == 5


@pytest.mark.parametrize(
    "other",
    [
        {"url": "/api/v1/runs", "content": "other"},
        {"url": "/api/v1/forks", "content": "body"},
        {"url": "/api/v1/runs?really=yes", "content": "body"},
        {"url": "/api/v1/runs", "content": "body", "headers": {"content-type": "text/plain"}},
    ],
    ids=str,
)
def test_another_request_with_the_same_key_is_refused(doing, counted, other) -> None:
    doing.post("/api/v1/runs", content="body", headers=once())
    answer = doing.post(**{**other, "headers": {**other.get("headers", {}), **once()}})
    assert answer.status_code == 422
    assert answer.json()["where"] == "Idempotency-Key"
    assert counted.done == ["body"]


def test_the_same_request_while_the_first_is_under_way_is_told_to_wait(doing, counted) -> None:
    counted.wait.clear()
    with ThreadPoolExecutor(1) as other:
        first = other.submit(doing.post, "/api/v1/runs", headers=once())
        assert counted.entered.wait(10)
        meanwhile = doing.post("/api/v1/runs", headers=once())
        assert (meanwhile.status_code, meanwhile.headers["retry-after"]) == (409, "1")
        counted.wait.set()
        assert first.result(10).status_code == 201
    assert doing.post("/api/v1/runs", headers=once()).headers["idempotency-replayed"] == "true"
    assert len(counted.done) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_what_failed_on_our_side_or_may_pass_can_be_tried_again(doing, counted, status) -> None:
    counted.answer = lambda: PlainTextResponse("no", status_code=status)
    assert doing.post("/api/v1/runs", headers=once()).status_code == status
    counted.answer = lambda: PlainTextResponse("done", status_code=201)
    assert doing.post("/api/v1/runs", headers=once()).status_code == 201
    assert len(counted.done) == 2


def test_a_defect_can_be_tried_again(doing, counted) -> None:
    counted.answer = lambda: 1 / 0
    assert doing.post("/api/v1/runs", headers=once()).status_code == 500
    counted.answer = lambda: PlainTextResponse("done", status_code=201)
    assert doing.post("/api/v1/runs", headers=once()).status_code == 201


def test_a_refusal_is_an_answer_like_any_other(doing, counted) -> None:
    counted.answer = lambda: PlainTextResponse("no", status_code=404)
    for _ in range(2):
        assert doing.post("/api/v1/runs", headers=once()).status_code == 404
    assert len(counted.done) == 1


def test_an_answer_that_is_too_long_is_given_once_and_the_work_done_once(doing, counted) -> None:
    counted.answer = lambda: StreamingResponse(iter([b"x" * 700_000] * 3))
    assert len(doing.post("/api/v1/runs", headers=once()).content) == 2_100_000
    again = doing.post("/api/v1/runs", headers=once())
    assert again.status_code == 409
    assert "not kept" in again.json()["detail"]
    assert len(counted.done) == 1


def test_an_answer_is_kept_for_a_day(doing, counted, clock) -> None:
    doing.post("/api/v1/runs", headers=once())
    clock.now += KEPT_FOR - timedelta(seconds=1)
    doing.post("/api/v1/runs", headers=once())
    assert len(counted.done) == 1
    clock.now += timedelta(seconds=1)
    doing.post("/api/v1/runs", headers=once())
    assert len(counted.done) == 2


def test_what_is_kept_of_one_caller_is_bounded(doing, counted, clock, database, monkeypatch):
    monkeypatch.setattr(kept_answers, "MOST_ANSWERS", 3)
    monkeypatch.setattr(kept_answers, "MOST_BYTES", 10)

    def sizes() -> list[int]:
        with database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT size FROM kept_answers ORDER BY created_us")
            return [size for (size,) in rows]

    for size in (1, 1, 1, 1, 4, 5, 9):
        clock.now += timedelta(seconds=1)
        counted.answer = lambda size=size: PlainTextResponse("x" * size)
        doing.post("/api/v1/runs", headers=once(f"key {clock.now}"))
        assert len(sizes()) <= 3
        assert sum(sizes()) <= 10
    assert sizes() == [9]


@pytest.mark.parametrize("key", ["", "x" * 201, "\x07", "schlüssel"])
def test_what_is_no_key_is_refused(doing, counted, key) -> None:
    answer = doing.post("/api/v1/runs", headers={"idempotency-key": key.encode("latin-1")})
    assert answer.status_code == 400
    assert counted.done == []


class TestOverTheServer:
    def test_a_restart_keeps_the_answer(self, workspace: Workspace) -> None:
        for replayed in (None, "true"):
            with TestClient(create_app(workspace), base_url="http://localhost") as client:
                answer = client.post("/api/v1/demo", headers=once())
                assert answer.status_code == 201
                assert answer.headers.get("idempotency-replayed") == replayed

    def test_a_secret_is_not_kept_to_be_given_again(self, client, tmp_path) -> None:
        made = client.post(KEYS, json=ASKED, headers=once()).json()
        again = client.post(KEYS, json=ASKED, headers=once())
        assert again.status_code == 409
        assert len(client.get(KEYS, params={"project_id": "harbour"}).json()["items"]) == 1
        with sqlite3.connect(tmp_path / "reenact.db") as file:
            written = "\n".join(file.iterdump())
        file.close()
        assert made["secret"].rpartition("_")[2] not in written

    def test_a_key_that_could_not_be_made_is_refused_again(self, client) -> None:
        wrong = {**ASKED, "scopes": []}
        for _ in range(2):
            assert client.post(KEYS, json=wrong, headers=once()).status_code == 422

    def test_callers_do_not_hear_each_others_answers(self, client, workspace) -> None:
        keys = [
            Keys(workspace.access).make(project, name="n", scopes=["run"]).secret
            for project in ("shop", "harbour")
        ]
        client.post("/api/v1/demo", headers=once())
        for key in keys:
            answer = client.post(
                "/api/v1/demo", headers={**once(), "authorization": f"Bearer {key}"}
            )
            assert answer.status_code == 403
            assert "idempotency-replayed" not in answer.headers

    def test_signing_in_is_never_answered_from_memory(self, client) -> None:
        for _ in range(2):
            answer = client.post("/api/v1/login", json={"password": "x"}, headers=once())
            assert "idempotency-replayed" not in answer.headers

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self, client) -> None:
        answer = client.post(KEYS, content=b" " * (8 * 2**20 + 1), headers=once())
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert client.post(KEYS, json=ASKED, headers=once()).status_code == 201
