"""What smolagents has beside tools: agents that are called as tools, code that runs elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("smolagents", reason="smolagents is not installed here: make test-frameworks")

from smolagents import CodeAgent, LogLevel, Tool, ToolCallingAgent
from smolagents.agent_types import AgentText
from smolagents.remote_executors import RemotePythonExecutor

from reenact.tools.hooks.frameworks import guarded_tools
from reenact.tools.interceptor import ToolFailed, ToolRefused
from support.frameworks import at_recording
from support.shop_smolagents import IssueRefund, Scripted, check_status
from support.talks import call


class AsText(Tool):
    name = "as_text"
    description = "Say where an order is."
    inputs = {"order_id": {"type": "string", "description": "The order."}}  # noqa: RUF012
    output_type = "string"

    def forward(self, order_id: str) -> str:
        raise AssertionError("a tool ran for real")


def test_arguments_have_names_however_they_are_passed() -> None:
    recorded = call("issue_refund", {"order_id": "A-1", "amount": 5.0}, {"ok": True})
    refund = IssueRefund()
    for args, kwargs in (
        (("A-1", 5.0), {}),
        (("A-1",), {"amount": 5.0}),
        (({"order_id": "A-1", "amount": 5.0},), {}),
        ((), {"order_id": "A-1", "amount": 5.0, "sanitize_inputs_outputs": True}),
    ):
        with at_recording(recorded):
            assert refund(*args, **kwargs) == {"ok": True}  # type: ignore[arg-type]


def test_a_result_comes_in_the_type_that_the_tool_names() -> None:
    with at_recording(call("as_text", {"order_id": "A-1"}, {"status": "shipped"})):
        found = AsText()("A-1", sanitize_inputs_outputs=True)
    assert isinstance(found, AgentText)
    assert found == '{"status": "shipped"}'


def test_failures_and_refusals_are_raised_for_the_agent_to_tell() -> None:
    with at_recording(call("as_text", {"order_id": "A-1"}, error="the depot is closed")):
        with pytest.raises(ToolFailed, match="the depot is closed"):
            AsText()("A-1")
        with pytest.raises(ToolRefused, match="nothing recorded"):
            AsText()("A-2")


def test_an_agent_that_is_called_as_a_tool_runs_and_its_own_tools_are_answered() -> None:
    depot = ToolCallingAgent(
        tools=[check_status],
        model=Scripted(writes_code=False),
        name="depot",
        description="Knows where things are.",
        verbosity_level=LogLevel.OFF,
    )
    with at_recording(call("check_status", {"order_id": "A-1001"}, {"status": "shipped"})) as desk:
        said = depot("Where is A-1001?")
    assert "shipped" in said
    assert [(one.name, one.provenance) for one in desk.close()] == [
        ("depot", "live"),
        ("check_status", "recorded"),
    ]
    assert {"depot", "check_status"} <= guarded_tools()


def test_tools_that_would_run_in_another_place_are_refused_there() -> None:
    class Elsewhere(RemotePythonExecutor):
        def __init__(self) -> None:
            """Start nothing."""

        def run_code_raise_errors(self, code: str) -> Any:
            raise AssertionError("a tool was sent away")

    with at_recording(), pytest.raises(ToolRefused, match="executor_type='local'"):
        Elsewhere().send_tools({"check_status": check_status})


def test_code_that_a_model_wrote_goes_on_after_an_error_it_catches() -> None:
    class Catching(Scripted):
        def generate(self, messages: Any, **options: Any) -> Any:
            message = super().generate(messages, **options)
            message.content = (
                "Thought: try.\n<code>\ntry:\n    check_status('A-9')\n"
                "except Exception as error:\n    final_answer(str(error))\n</code>"
            )
            return message

    agent = CodeAgent(
        tools=[check_status], model=Catching(writes_code=True), verbosity_level=LogLevel.OFF
    )
    with at_recording():
        assert "nothing recorded answers" in str(agent.run("Where is A-9?"))
