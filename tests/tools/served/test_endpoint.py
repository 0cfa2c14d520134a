"""The tool server over real sockets: who is answered, what, and with which bounds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from reenact.errors import UsageError
from reenact.tools.recorded import RecordedTools
from reenact.tools.served.by_hand import ByHand
from reenact.tools.served.definitions import Catalogue
from reenact.tools.served.endpoint import MOST_BYTES
from reenact.tools.served.running import ServerUrls, parse_address, running
from reenact.tools.served.token import checked_token, new_token
from support.served import Answer, ask, mcp_call
from support.talks import REFUND, call, talk, user

TOKEN = "a-token-of-this-test"
CALL = {"order_id": "A-1001"}
SLASHED = talk(user("a"), call("shop/find it", {"id": 1}, "found"), *REFUND.items)


@pytest.fixture(scope="module")
def urls() -> Iterator[ServerUrls]:
    catalogue = Catalogue()
    catalogue.add(SLASHED)
    tooling = ByHand(partial(RecordedTools, SLASHED), tools=catalogue.tools())
    with running(
        tooling, host="127.0.0.1", port=0, token=TOKEN, where="--port", sessions=True
    ) as served:
        yield served


def at(urls: ServerUrls, path: str, body: Any = None, **options: Any) -> Answer:
    return ask(urls.base.removesuffix(f"/{TOKEN}") + path, body, **options)


def test_a_call_gets_its_recorded_result(urls: ServerUrls) -> None:
    answer = ask(f"{urls.tools}/check_status", CALL)
    assert answer == Answer(
        200, {"result": {"status": "shipped"}, "error": None, "provenance": "recorded"}
    )


def test_a_miss_is_an_answer_too_and_says_that_it_was_refused(urls: ServerUrls) -> None:
    answer = ask(f"{urls.tools}/check_status", {"order_id": "A-9"})
    assert (answer.status, answer.body["provenance"]) == (200, "refused")
    assert "nothing recorded answers" in answer.body["error"]


def test_a_tools_name_may_hold_a_slash_and_a_space(urls: ServerUrls) -> None:
    assert ask(f"{urls.tools}/shop/find%20it", {"id": 1}).body["result"] == "found"
    assert ask(f"{urls.tools}/shop%2Ffind%20it", {"id": 1}).body["result"] == "found"


def test_the_tools_are_listed_with_the_schemas_of_their_arguments(urls: ServerUrls) -> None:
    listed = ask(urls.tools, method="GET").body["tools"]
    assert [tool["name"] for tool in listed] == ["check_status", "issue_refund", "shop/find it"]
    assert listed[0]["parameters"]["required"] == ["order_id"]
    assert listed[0]["schema_from"] == "recorded calls"


def test_the_token_may_stand_in_a_header(urls: ServerUrls) -> None:
    answer = at(urls, "/tools/check_status", CALL, headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.body["provenance"] == "recorded"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/tools/check_status", {}),
        ("/mcp", {}),
        (f"/{TOKEN}x/tools/check_status", {}),
        ("/tools/check_status", {"authorization": "Bearer wrong-token-of-this"}),
        ("/tools/check_status", {"authorization": f"Basic {TOKEN}"}),
        ("//tools", {}),
    ],
)
def test_who_does_not_know_the_token_is_not_answered(
    urls: ServerUrls, path: str, headers: dict[str, str]
) -> None:
    answer = at(urls, path, CALL, headers=headers)
    assert answer.status == 403
    assert "token" in answer.body["error"]
    assert TOKEN not in str(answer.body)


@pytest.mark.parametrize("path", ["/tools/check_status", "/mcp"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:80"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://[broken"},
    ],
)
def test_a_page_of_a_stranger_is_refused_even_with_the_token(
    urls: ServerUrls, path: str, headers: dict[str, str]
) -> None:
    answer = ask(urls.base + path, CALL, headers=headers)
    assert answer.status == 403


def test_a_page_of_this_machine_may_ask(urls: ServerUrls) -> None:
    headers = {"origin": "http://localhost:3000", "host": "localhost"}
    assert ask(f"{urls.tools}/check_status", CALL, headers=headers).status == 200


@pytest.mark.parametrize(
    ("body", "said"), [(b"{", "no JSON"), (b"[1]", "list"), (b"\xff", "no JSON"), (b'"a"', "str")]
)
def test_arguments_that_are_no_object_are_told_so(urls: ServerUrls, body: bytes, said: str) -> None:
    answer = ask(f"{urls.tools}/check_status", body)
    assert answer.status == 400
    assert said in answer.body["error"]


def test_arguments_that_nest_without_end_are_refused(urls: ServerUrls) -> None:
    answer = ask(f"{urls.tools}/check_status", b'{"a":' * 100_000)
    assert answer.status == 400


@pytest.mark.parametrize("path", ["/tools/check_status", "/mcp"])
def test_a_body_beyond_the_bound_is_refused(urls: ServerUrls, path: str) -> None:
    answer = ask(urls.base + path, b" " * (MOST_BYTES + 1))
    assert answer.status == 413


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/tools", "POST", 405),
        ("/tools/check_status", "GET", 405),
        ("/", "GET", 404),
        ("/a.b.c/tools", "GET", 404),
        ("/s.1/elsewhere", "GET", 404),
    ],
)
def test_other_paths_and_methods_are_told_what_is_there(
    urls: ServerUrls, path: str, method: str, status: int
) -> None:
    assert ask(urls.base + path, method=method).status == status


def test_mcp_answers_the_same_and_a_refusal_is_the_tools_error(urls: ServerUrls) -> None:
    served = mcp_call(urls.mcp, "check_status", **CALL)
    refused = mcp_call(urls.mcp, "check_status", order_id="A-9")
    assert (served.text, served.failed) == ('{"status": "shipped"}', False)
    assert refused.failed
    assert refused.text.startswith("refused: nothing recorded answers")


@pytest.mark.parametrize(
    "text", ["", "host", "70000", "1.2.3.4:", "a b:1", "0.0.0.0:80", "[::]:80", "-1"]
)
def test_an_address_that_cannot_be_listened_on_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="--serve-tools"):
        parse_address(text, where="--serve-tools")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("8765", ("127.0.0.1", 8765)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:80", ("::1", 80)),
        ("172.17.0.1:8765", ("172.17.0.1", 8765)),
    ],
)
def test_an_address_is_a_port_or_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text, where="--serve-tools") == address


def test_tokens_are_long_and_a_given_one_is_not_shown_when_it_is_refused() -> None:
    assert checked_token(new_token()) != new_token()
    with pytest.raises(UsageError, match="16 to 200") as error:
        checked_token("short/secret")
    assert "short/secret" not in str(error.value)
