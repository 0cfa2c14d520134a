"""What Google ADK has beside tools: agents that hand over, agents that are called as tools."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("google.adk", reason="Google ADK is not installed here: make test-frameworks")

from google.adk.agents import LlmAgent
from google.adk.tools.agent_tool import AgentTool

from reenact.tools.hooks.frameworks import guarded_tools
from support.frameworks import at_recording
from support.shop_google_adk import Scripted, check_status, issue_refund, running
from support.talks import call

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what it does itself
SHIPPED = call("check_status", {"order_id": "A-1001"}, {"status": "shipped"})


def test_plain_functions_count_as_tools_before_they_are_run() -> None:
    agent = LlmAgent(name="one", model=Scripted(model="stub"), tools=[check_status, issue_refund])
    assert {"check_status", "issue_refund", "transfer_to_agent"} <= guarded_tools()
    assert agent.name == "one"


def test_a_handoff_runs_and_the_next_agents_tools_are_answered() -> None:
    def hand_over(messages: list[dict[str, Any]]) -> Any:
        return [("transfer_to_agent", {"agent_name": "depot"})]

    def look(messages: list[dict[str, Any]]) -> Any:
        last = messages[-1]
        if "status" in last["content"]:
            return f"It is {last['content']}"
        return [("check_status", {"order_id": "A-1001"})]

    depot = LlmAgent(name="depot", model=Scripted(model="stub", decide=look), tools=[check_status])
    lead = LlmAgent(name="lead", model=Scripted(model="stub", decide=hand_over), sub_agents=[depot])
    with at_recording(SHIPPED) as desk:
        said = asyncio.run(running(lead)([], "Where is A-1001?"))
    assert said == "It is {'status': 'shipped'}"
    assert [(one.name, one.provenance) for one in desk.close()] == [
        ("transfer_to_agent", "live"),
        ("check_status", "recorded"),
    ]


def test_an_agent_that_is_a_tool_runs_and_its_own_tools_are_answered() -> None:
    def ask(messages: list[dict[str, Any]]) -> Any:
        last = messages[-1]
        if last["role"] == "tool":
            return f"The depot: {last['content']}"
        return [("depot", {"request": "Where is A-1001?"})]

    depot = LlmAgent(name="depot", model=Scripted(model="stub"), tools=[check_status])
    lead = LlmAgent(name="lead", model=Scripted(model="stub", decide=ask), tools=[AgentTool(depot)])
    with at_recording(SHIPPED) as desk:
        said = asyncio.run(running(lead)([], "Where is it?"))
    assert "shipped" in said
    assert [(one.name, one.provenance) for one in desk.close()] == [
        ("depot", "live"),
        ("check_status", "recorded"),
    ]
