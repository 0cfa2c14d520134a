"""What function tools are beside a function: copies, agents as tools, texts."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

pytest.importorskip(
    "agents.tool", reason="OpenAI Agents is not installed here: make test-frameworks"
)

import reenact
from agents import Agent, FunctionTool, Runner, function_tool
from reenact.tools.hooks.frameworks import guarded_tools
from support.chat_server import ChatServer
from support.frameworks import at_recording
from support.shop_openai_agents import check_status, llm
from support.talks import call


@function_tool
def as_text(order_id: str) -> str:
    """Say where an order is, as JSON text."""
    raise AssertionError("a tool ran for real")


@function_tool
@reenact.tool
def decorated(order_id: str) -> str:
    """Say where an order is."""
    raise AssertionError("a tool ran for real")


def asked(tool: FunctionTool, arguments: str) -> Any:
    async def invoke() -> Any:
        return await tool.on_invoke_tool(None, arguments)  # type: ignore[arg-type]

    return asyncio.run(invoke())


def test_results_come_in_the_type_that_the_function_names() -> None:
    recorded = [
        call("as_text", {"order_id": "A-1"}, {"status": "shipped"}),
        call("check_status", {"order_id": "A-1"}, {"status": "shipped"}),
    ]
    with at_recording(*recorded):
        assert asked(as_text, '{"order_id": "A-1"}') == '{"status": "shipped"}'
        assert asked(check_status, '{"order_id": "A-1"}') == {"status": "shipped"}


def test_failures_and_refusals_are_told_to_the_model_as_text() -> None:
    with at_recording(call("as_text", {"order_id": "A-1"}, error="the depot is closed")) as desk:
        assert asked(as_text, '{"order_id": "A-1"}') == "the depot is closed"
        assert "nothing recorded answers" in asked(as_text, '{"order_id": "A-2"}')
        assert "nothing recorded answers" in asked(as_text, "no json")
    assert [one.arguments for one in desk.close()][1:] == [{"order_id": "A-2"}, "no json"]


def test_a_copy_of_a_tool_answers_under_its_own_name() -> None:
    with at_recording(call("other", {"order_id": "A-1"}, "shipped")):
        kept = as_text.on_invoke_tool
        assert as_text.on_invoke_tool is kept
        other = copy.copy(as_text)
        other.name = "other"
        assert asked(other, '{"order_id": "A-1"}') == "shipped"
    assert other.on_invoke_tool is other.__dict__["on_invoke_tool"]


def test_a_decorated_function_is_asked_for_once() -> None:
    with at_recording(call("decorated", {"order_id": "A-1"}, "shipped")) as desk:
        assert asked(decorated, '{"order_id": "A-1"}') == "shipped"
    assert len(desk.close()) == 1


def test_an_agent_that_is_a_tool_runs_and_its_own_tools_are_answered(model: ChatServer) -> None:
    depot = Agent(name="depot", model=llm(model), tools=[check_status])
    ask_depot = depot.as_tool("ask_depot", "Ask the depot.")

    def lead(messages: list[dict[str, Any]]) -> Any:
        last = messages[-1]
        if last["role"] == "tool":
            return f"The depot: {last['content']}"
        return [("ask_depot", {"input": "Where is A-1001?"})]

    from support.chat_server import chat_server

    with (
        chat_server(lead) as leading,
        at_recording(call("check_status", {"order_id": "A-1001"}, {"status": "shipped"})) as desk,
    ):
        agent = Agent(name="lead", model=llm(leading), tools=[ask_depot])
        said = asyncio.run(Runner.run(agent, "Where is it?")).final_output
    assert said == "The depot: The tools say: {'status': 'shipped'}"
    assert [(one.name, one.provenance) for one in desk.close()] == [
        ("ask_depot", "live"),
        ("check_status", "recorded"),
    ]
    assert "ask_depot" in guarded_tools()
