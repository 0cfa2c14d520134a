"""Agents whose tools are served: over MCP and over HTTP, from this process and from others."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import reenact
from reenact.agents.callable import CallableAgent
from reenact.domain.agent import CallableTarget
from reenact.domain.expectation import Expectation
from reenact.domain.run import RunOptions
from reenact.domain.run_view import RunView
from reenact.errors import AgentNotLoaded, UnguardedTools, UsageError
from reenact.keep.case import KeptCase
from reenact.keep.file import read_case, write_case
from reenact.keep.suite import run_case
from reenact.replay.preflight import check_tools
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.kept import RECORDING
from support.served import NO_MCP, ask, chat_agent, mcp_call
from support.story import put, refund

TOKEN = "a-token-of-these-tests"
STORY = [("check_status", "recorded"), ("issue_refund", "recorded"), ("check_status", "recorded")]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, tools_token=TOKEN)


def support(message: str, call: Any) -> str:
    """The recording's agent; `call(tool, **arguments)` asks for a tool."""
    if "A-1001" in message:
        return f"It has {call('check_status', order_id='A-1001')['status']}."
    if "A-1003" in message:
        call("issue_refund", order_id="A-1003", amount=49.9)
        return "I have refunded $49.90."
    return f"I am sorry. A-1003 is {call('check_status', order_id='A-1003')['status']}."


def over_mcp(url: str) -> Any:
    import json

    def call(name: str, **arguments: Any) -> Any:
        said = mcp_call(url, name, **arguments)
        if said.failed:
            raise RuntimeError(said.text)
        return json.loads(said.text)

    return call


def over_http(url: str, headers: dict[str, str]) -> Any:
    def call(name: str, **arguments: Any) -> Any:
        answer = ask(f"{url}/{name}", arguments, headers=headers)
        assert answer.status == 200, answer
        if answer.body["error"] is not None:
            raise RuntimeError(answer.body["error"])
        return answer.body["result"]

    return call


def forwarded(headers: dict[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in ("traceparent", "baggage")}


def tools_of(run: RunView) -> list[list[tuple[str, str | None]]]:
    return [
        [(tool.name, tool.provenance) for turn in call.turns for tool in turn.tool_calls]
        for call in run.calls
    ]


def statuses(run: RunView) -> list[str]:
    return [turn.status for call in run.calls for turn in call.comparison.turns]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def replay(settings: Settings, agent: Any, **options: Any) -> RunView:
    given = {"project": "shop", "all": True, "settings": settings, **options}
    return reenact.replay(agent, **given)


def test_an_mcp_client_of_this_process_is_replayed_by_asking_for_its_address(
    workspace: Workspace, settings: Settings
) -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    put(workspace, *(refund(f"s{number}") for number in range(3)))

    def agent(messages: list[dict[str, Any]], message: str) -> str:
        return support(message, over_mcp(reenact.mcp_url("http://127.0.0.1:1/production")))

    run = replay(settings, agent, tools="served", concurrency=3)
    assert tools_of(run) == [STORY] * 3
    assert set(statuses(run)) == {"same"}


def test_an_mcp_client_with_one_address_for_all_talks_is_told_apart_by_its_trace(
    workspace: Workspace, settings: Settings
) -> None:
    """The SDK sends the trace context with each message; nothing of the agent knows of us."""
    mcp = pytest.importorskip("mcp", reason=NO_MCP)
    if not hasattr(mcp, "Client"):
        pytest.skip("SDK 1.x does not send the trace context")
    put(workspace, *(refund(f"s{number}") for number in range(3)))
    port = free_port()

    def agent(messages: list[dict[str, Any]], message: str) -> str:
        return support(message, over_mcp(f"http://127.0.0.1:{port}/{TOKEN}/mcp"))

    run = replay(settings, agent, serve_tools=str(port), concurrency=3)
    assert tools_of(run) == [STORY] * 3


def test_an_agent_behind_http_gets_the_address_of_its_turn_with_each_request(
    workspace: Workspace, settings: Settings, tmp_path: Path
) -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    put(workspace, *(refund(f"s{number}") for number in range(3)))

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        assert body["mcp"] == headers["reenact-mcp-url"]
        assert body["tools"] == headers["reenact-tools-url"]
        return support(body["said"], over_mcp(body["mcp"]))

    with chat_agent(answer) as url:
        agent = tmp_path / "agent.yaml"
        agent.write_text(
            f"url: {url}\ntools: served\nrequest:\n  said: '{{{{message}}}}'\n"
            "  mcp: '{{mcp_url}}'\n  tools: '{{tools_url}}'\n"
        )
        run = replay(settings, str(agent), concurrency=3)
    assert tools_of(run) == [STORY] * 3
    assert set(statuses(run)) == {"same"}


def test_an_agent_that_forwards_its_headers_has_one_address_for_all_talks(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, *(refund(f"s{number}") for number in range(4)))
    port = free_port()
    tools = f"http://127.0.0.1:{port}/{TOKEN}/tools"

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        return support(body["message"], over_http(tools, forwarded(headers)))

    with chat_agent(answer) as url:
        run = replay(settings, url, serve_tools=f"127.0.0.1:{port}", concurrency=4)
    assert tools_of(run) == [STORY] * 4
    kept = [one for call in run.calls for turn in call.turns for one in turn.tool_calls]
    assert {one.served.rung for one in kept if one.served} == {1}


def test_an_agent_that_forwards_nothing_is_replayed_one_talk_at_a_time(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, refund("s1"), refund("s2"))
    port = free_port()

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        return support(body["message"], over_http(f"http://127.0.0.1:{port}/{TOKEN}/tools", {}))

    with chat_agent(answer) as url:
        run = replay(settings, url, serve_tools=str(port), concurrency=1)
    assert tools_of(run) == [STORY] * 2


def test_calls_that_could_be_any_talks_fail_the_talks_and_are_answered_from_none(
    workspace: Workspace, settings: Settings
) -> None:
    import threading

    put(workspace, refund("s1"), refund("s2"))
    port, both = free_port(), threading.Barrier(2, timeout=20)

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        both.wait()
        call = over_http(f"http://127.0.0.1:{port}/{TOKEN}/tools", {})
        try:
            return support(body["message"], call)
        except RuntimeError as refused:
            return str(refused)
        finally:
            both.wait()

    with chat_agent(answer) as url:
        run = replay(settings, url, serve_tools=str(port), concurrency=2)
    assert tools_of(run) == [[], []]
    assert [call.ended_reason for call in run.calls] == ["agent_error"] * 2
    assert "nobody knows which talk" in (run.calls[0].error or "")


def test_a_write_is_served_once_and_a_miss_is_an_error_of_the_tool(
    workspace: Workspace, settings: Settings
) -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    put(workspace, refund("s1"))
    said: list[str] = []

    @reenact.tool(name="issue_refund", effect="write")
    def issue_refund(order_id: str, amount: float) -> None:
        raise AssertionError("a tool ran for real")

    def agent(messages: list[dict[str, Any]], message: str) -> str:
        url = reenact.mcp_url("http://127.0.0.1:1/production")
        if "A-1003" in message:
            paid = [mcp_call(url, "issue_refund", order_id="A-1003", amount=49.9) for _ in range(2)]
            other = mcp_call(url, "issue_refund", order_id="A-1003", amount=50)
            said.extend(f"{one.failed} {one.text}" for one in (*paid, other))
        return "done"

    run = replay(settings, agent, tools="served")
    assert said[0] == 'False {"ok": true}'
    assert all(text.startswith("True refused: nothing recorded") for text in said[1:])
    refused = [one for turn in run.calls[0].turns for one in turn.tool_calls][1:]
    assert [one.provenance for one in refused] == ["refused", "refused"]
    assert "was served already" in (refused[0].served.miss or "")  # type: ignore[union-attr]
    assert "amount: recorded 49.9, asked 50" in (refused[1].served.miss or "")  # type: ignore[union-attr]


def test_a_tool_of_another_recording_is_offered_too(
    workspace: Workspace, settings: Settings
) -> None:
    """The changed agent may need a tool that the talk it is replayed on never called."""
    from support.talks import agent as agent_said
    from support.talks import call, talk, user

    other = talk(user("hi"), call("find_order", {"id": 1}, "x"), agent_said("y"), id="sess:other")
    put(workspace, refund("s1"), other)
    seen: set[tuple[str, ...]] = set()

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        listed = ask(headers["reenact-tools-url"], method="GET").body["tools"]
        seen.add(tuple(tool["name"] for tool in listed))
        return "x"

    with chat_agent(answer) as url:
        run = replay(settings, url, tools="served")
    assert seen == {("check_status", "find_order", "issue_refund")}
    assert run.summary.completed == 2


def test_an_agent_that_never_asks_the_server_is_told_of(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, refund("s1"))
    replay(settings, lambda messages, message: "no tools today", tools="served")
    (run,) = workspace.records.runs("shop")
    assert run.status == "completed"
    assert "never called a tool at the tool server" in (run.reason or "")


def test_a_failure_that_tells_the_address_does_not_keep_the_token(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, refund("s1"))

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        raise RuntimeError(f"cannot reach {headers['reenact-mcp-url']}")

    with chat_agent(answer) as url:
        run = replay(settings, url, tools="served")
    assert "cannot reach" in (run.calls[0].error or "")
    assert TOKEN not in (run.calls[0].error or "")


def test_a_kept_case_of_a_served_agent_runs_by_itself(tmp_path: Path, settings: Settings) -> None:
    kept = KeptCase(
        name="tuesday",
        recording_hash=RECORDING.hash,
        expectations=(Expectation(kind="must_not_call", turn=2, tool="issue_refund"),),
    )
    path = write_case(kept, tmp_path, recording=RECORDING)

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        call = over_http(headers["reenact-tools-url"], {})
        if "A-1003" in body["message"]:
            return f"It is {call('check_status', order_id='A-1003')['status']}."
        return support(body["message"], call)

    with chat_agent(answer) as url:
        agent = tmp_path / "agent.yaml"
        agent.write_text(f"url: {url}\ntools: served\n")
        result = run_case(read_case(path), target=str(agent), settings=settings)
    assert result.verdict.verdict == "fixed"
    assert {p for talk in tools_of(result.run) for _, p in talk} == {"recorded"}


def test_the_server_ends_with_its_run(workspace: Workspace, settings: Settings) -> None:
    put(workspace, refund("s1"))
    urls: list[str] = []

    def answer(body: dict[str, Any], headers: dict[str, str]) -> str:
        urls.append(headers["reenact-tools-url"])
        return "x"

    with chat_agent(answer) as url:
        replay(settings, url, tools="served")
    with pytest.raises(ConnectionRefusedError):
        ask(urls[0], method="GET")


def test_served_tools_are_guarded_only_while_they_are_served() -> None:
    agent = CallableAgent(
        CallableTarget(path="a:b", tools="served"),
        function=lambda messages, message: "",
        intercepted=frozenset,
    )
    with pytest.raises(UnguardedTools, match="check_status"):
        check_tools(["check_status"], agent=agent, options=RunOptions())


@pytest.mark.parametrize("tools", ["own", "returned", "intercepted"])
def test_an_address_for_tools_that_are_not_served_is_a_contradiction(
    settings: Settings, tools: Any
) -> None:
    with pytest.raises(UsageError, match="not asked for at an address"):
        replay(settings, "http://127.0.0.1:1/chat", tools=tools, serve_tools="0")


def test_an_address_that_is_taken_is_named_before_the_run(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, refund("s1"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}"):
            replay(settings, lambda messages, message: "x", serve_tools=port)


def test_a_request_that_asks_for_the_address_of_tools_that_are_not_served_is_refused(
    workspace: Workspace, settings: Settings, tmp_path: Path
) -> None:
    put(workspace, refund("s1"))
    agent = tmp_path / "agent.yaml"
    agent.write_text("url: http://127.0.0.1:1/chat\nrequest:\n  mcp: '{{mcp_url}}'\n")
    with pytest.raises(AgentNotLoaded, match="not served"):
        replay(settings, str(agent), tools="returned")


def test_outside_a_replay_an_agent_has_its_own_address() -> None:
    assert reenact.mcp_url("https://tools.example/mcp") == "https://tools.example/mcp"
