"""What toolsets are beside functions: prefixes, classes of one's own, output tools."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("pydantic_ai", reason="Pydantic AI is not installed here: make test-frameworks")

from pydantic import BaseModel, TypeAdapter
from pydantic_ai import Agent, FunctionToolset, RunContext, ToolDefinition
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool

from reenact.tools.hooks.frameworks import guarded_tools
from support.frameworks import at_recording
from support.talks import call


def look_up(order_id: int = 1, verbose: bool = False) -> str:
    """Say where an order is."""
    raise AssertionError("a tool ran for real")


class Distant(AbstractToolset[None]):
    """A toolset of one's own, as an MCP server's is: its tools are known once it is asked."""

    @property
    def id(self) -> str | None:
        return None

    async def get_tools(self, ctx: RunContext[None]) -> dict[str, ToolsetTool[None]]:
        return {
            "distant": ToolsetTool(
                toolset=self,
                tool_def=ToolDefinition(name="distant"),
                max_retries=1,
                args_validator=TypeAdapter(dict[str, Any]).validator,  # type: ignore[arg-type]
            )
        }

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:
        raise AssertionError("a tool ran for real")


class Answered(BaseModel):
    status: str


def calling(name: str, arguments: Any) -> FunctionModel:
    """Return a model that calls a tool and then tells what came back."""

    def step(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        last = messages[-1].parts[-1]
        if isinstance(last, ToolReturnPart):
            return ModelResponse(parts=[TextPart(f"{last.outcome}: {last.content}")])
        return ModelResponse(parts=[ToolCallPart(name, arguments, tool_call_id="c1")])

    return FunctionModel(step)


def test_the_recording_is_asked_with_what_the_model_sent() -> None:
    agent = Agent(calling("look_up", '{"order_id": "7"}'), tools=[look_up])
    with at_recording(call("look_up", {"order_id": "7"}, "shipped")) as desk:
        assert asyncio.run(agent.run("?")).output == "success: shipped"
    assert [(one.arguments, one.id) for one in desk.close()] == [({"order_id": "7"}, "c1")]


def test_failures_and_refusals_are_failed_tools() -> None:
    agent = Agent(calling("look_up", {"order_id": 7}), tools=[look_up])
    with at_recording(call("look_up", {"order_id": 7}, error="the depot is closed")):
        assert asyncio.run(agent.run("?")).output == "failed: the depot is closed"
    with at_recording():
        assert "nothing recorded" in asyncio.run(agent.run("?")).output


def test_tools_go_by_the_name_that_the_model_knows() -> None:
    shop = FunctionToolset(tools=[look_up]).prefixed("shop").renamed({"find": "shop_look_up"})
    agent = Agent(calling("find", {"order_id": 7}), toolsets=[shop])
    with at_recording(call("find", {"order_id": 7}, "shipped")):
        assert asyncio.run(agent.run("?")).output == "success: shipped"
    assert {"look_up", "shop_look_up", "find"} <= guarded_tools()


def test_a_toolset_of_ones_own_is_answered() -> None:
    agent = Agent(calling("distant", {"to": "LIS"}), toolsets=[Distant()])
    with at_recording(call("distant", {"to": "LIS"}, {"ok": True})):
        assert asyncio.run(agent.run("?")).output == "success: {'ok': True}"


def test_an_answer_in_the_form_of_a_tool_call_is_no_tool_call() -> None:
    agent = Agent(calling("final_result", {"status": "shipped"}), output_type=Answered)
    with at_recording() as desk:
        assert asyncio.run(agent.run("?")).output == Answered(status="shipped")
    assert desk.close() == ()
