"""Tools of an agent in another process ask the tool server of the replay that sent the request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import reenact
from reenact.tools.hooks.asking import Asked, answer_async, desk_for
from reenact.tools.hooks.incoming import of_replay
from reenact.tools.hooks.remote import RemoteDesk
from support.tool_server import ToolServer, tool_server

BAGGAGE = "reenact.run=r1,reenact.row=s1,session.id=x1,reenact.turn=2"
RAN: list[str] = []
reenact.instrument()


@reenact.tool
def check_status(order_id: str) -> dict[str, str]:
    RAN.append(order_id)
    return {"status": "real"}


async def undecorated(order_id: str) -> Any:
    """Run a tool as a hook does."""
    desk = desk_for("undecorated")
    if desk is None:
        return "real"

    async def give(found: Any) -> Any:
        return found.error or found.result

    asked = Asked(name="undecorated", arguments={"order_id": order_id})
    return await answer_async(desk, asked, run=lambda: undecorated(order_id), give=give)


async def chat(request: Request) -> JSONResponse:
    try:
        decorated: Any = check_status("A-1")
    except reenact.ToolRefused as error:
        decorated = str(error)
    return JSONResponse([decorated, await undecorated("A-1")])


APP = Starlette(routes=[Route("/chat", chat)])


def asked(**headers: str) -> bytes:
    """Send a request to the application without a network; return the body of the answer."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/chat",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(APP(scope, receive, send))
    return b"".join(message.get("body", b"") for message in sent)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToolServer]:
    RAN.clear()
    with tool_server(check_status={"status": "shipped"}) as served:
        monkeypatch.setenv("REENACT_TOOLS_URL", served.url)
        monkeypatch.setenv("REENACT_TOOLS_TOKEN", "a-token-of-sixteen")
        yield served


def test_a_request_of_a_replay_gets_its_tools_from_the_tool_server(server: ToolServer) -> None:
    body = asked(baggage=BAGGAGE, traceparent="00-a-b-01", cookie="secret")

    assert body == b'[{"status":"shipped"},"refused: nothing recorded"]'
    assert RAN == []
    name, arguments, headers = server.asked[0]
    assert (name, arguments) == ("check_status", {"order_id": "A-1"})
    assert headers["baggage"] == BAGGAGE
    assert headers["traceparent"] == "00-a-b-01"
    assert headers["authorization"] == "Bearer a-token-of-sixteen"
    assert "cookie" not in headers


def test_a_request_of_a_user_runs_the_tools(server: ToolServer) -> None:
    assert asked(baggage="team=blue") == b'[{"status":"real"},"real"]'
    assert asked() == b'[{"status":"real"},"real"]'
    assert server.asked == []


def test_without_an_address_nothing_runs_for_a_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    RAN.clear()
    monkeypatch.delenv("REENACT_TOOLS_URL", raising=False)
    assert asked(baggage=BAGGAGE).count(b"REENACT_TOOLS_URL does not say") == 2
    assert RAN == []


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (403, b'{"error": "the token is missing"}', "answered 403 to look: the token is missing"),
        (200, b"<html>", "answered 200 and no JSON object"),
        (200, b'{"provenance": "live", "result": 1, "error": null}', "answered 200 to look"),
        (200, b'{"provenance": "simulated", "result": 1, "error": null}', None),
    ],
)
def test_what_a_tool_server_must_not_say_is_a_refusal(
    status: int, body: bytes, told: str | None
) -> None:
    desk = RemoteDesk(
        url="http://x", token=None, headers={}, post=lambda url, headers, sent: (status, body)
    )
    answer = desk.ask("look", {})
    if told is None:
        assert (answer.provenance, answer.result) == ("simulated", 1)
    else:
        assert answer.provenance == "refused"
        assert told in str(answer.error)


def test_a_tool_server_that_is_gone_is_a_refusal() -> None:
    def post(url: str, headers: Any, sent: bytes) -> Any:
        raise ConnectionRefusedError("refused")

    desk = RemoteDesk(url="http://127.0.0.1:9/secret-token", token=None, headers={}, post=post)
    answer = desk.ask("look", {})
    assert answer.provenance == "refused"
    assert "127.0.0.1:9 does not answer" in str(answer.error)
    assert "secret-token" not in str(answer.error)


def test_only_baggage_of_a_replay_is_taken() -> None:
    assert of_replay([("baggage", "a=1, reenact.run=r1 ")]) is not None
    assert of_replay([("baggage", "reenact.running=1")]) is None
    assert of_replay([("traceparent", "00-a-b-01")]) is None
    assert of_replay([("baggage", "reenact.run=1," + "x" * 9000)]) is None
