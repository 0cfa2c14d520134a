"""What LangChain's tools are beside a function: injected state, artifacts, commands, classes."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import pytest

pytest.importorskip("langchain", reason="LangChain is not installed here: make test-frameworks")

from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool, InjectedToolCallId, Tool, ToolException, tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import InjectedState, ToolNode, ToolRuntime
from langgraph.types import Command
from pydantic import BaseModel

import reenact
from reenact.tools.hooks.frameworks import guarded_tools
from support.chat_server import ChatServer
from support.frameworks import at_recording
from support.shop_langchain import check_status, llm
from support.talks import call


class Status(BaseModel):
    status: str


@tool
def look_up(order_id: str) -> Status:
    """Say where an order is."""
    raise AssertionError("a tool ran for real")


@tool
def with_state(order_id: str, state: Annotated[dict[str, Any], InjectedState]) -> str:
    """Say where an order is, knowing the talk."""
    raise AssertionError("a tool ran for real")


@tool
def with_runtime(order_id: str, runtime: ToolRuntime) -> str:
    """Say where an order is, knowing the run."""
    raise AssertionError("a tool ran for real")


@tool(response_format="content_and_artifact")
def with_artifact(order_id: str) -> tuple[str, dict[str, Any]]:
    """Say where an order is, with a file."""
    raise AssertionError("a tool ran for real")


class OfClass(BaseTool):
    name: str = "of_class"
    description: str = "Say where an order is."

    def _run(self, order_id: str) -> str:
        raise AssertionError("a tool ran for real")

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return super().run(*args, **kwargs)


def asked_by_model(name: str, id: str = "call_1", **arguments: Any) -> ToolCall:
    return ToolCall(name=name, args=arguments, id=id, type="tool_call")


def test_the_model_gets_tool_messages_and_an_error_is_one_of_status_error() -> None:
    recorded = [
        call("check_status", {"order_id": "A-1"}, {"status": "shipped"}),
        call("check_status", {"order_id": "A-2"}, error="the depot is closed"),
    ]
    with at_recording(*recorded) as desk:
        found, failed, refused = (
            check_status.invoke(asked_by_model("check_status", order_id=id))
            for id in ("A-1", "A-2", "A-3")
        )
    assert isinstance(found, ToolMessage)
    assert (found.content, found.status) == ('{"status": "shipped"}', "success")
    assert (failed.content, failed.status) == ("the depot is closed", "error")
    assert refused.status == "error"
    assert "nothing recorded answers this call of check_status" in refused.content
    assert [one.id for one in desk.close()] == ["call_1"] * 3


def test_code_that_calls_a_tool_by_itself_gets_its_type_or_its_exception() -> None:
    with at_recording(call("look_up", {"order_id": "A-1"}, {"status": "shipped"})):
        assert look_up.invoke({"order_id": "A-1"}) == Status(status="shipped")
        assert asyncio.run(look_up.ainvoke({"order_id": "A-1"})) == Status(status="shipped")
        with pytest.raises(ToolException, match="nothing recorded answers"):
            look_up.invoke({"order_id": "A-2"})


def test_what_the_framework_injects_is_no_argument() -> None:
    request = {"order_id": "A-1"}
    asking = AIMessage(
        content="",
        tool_calls=[
            asked_by_model("with_state", id="c1", **request),
            asked_by_model("with_runtime", id="c2", **request),
        ],
    )
    graph = StateGraph(MessagesState).add_node("tools", ToolNode([with_state, with_runtime]))
    graph.add_edge(START, "tools")
    recorded = [call("with_state", request, "shipped"), call("with_runtime", request, "lost")]
    with at_recording(*recorded) as desk:
        state = graph.compile().invoke({"messages": [asking]})
    assert [message.content for message in state["messages"][1:]] == ["shipped", "lost"]
    assert [one.arguments for one in desk.close()] == [request, request]


def test_content_comes_back_without_the_artifact_that_nobody_recorded() -> None:
    with at_recording(call("with_artifact", {"order_id": "A-1"}, "shipped")):
        found = with_artifact.invoke(asked_by_model("with_artifact", order_id="A-1"))
    assert (found.content, found.artifact) == ("shipped", None)


def test_tools_that_are_classes_or_take_one_text_are_answered() -> None:
    search = Tool(name="search", description="Search.", func=lambda query: query)
    recorded = [
        call("of_class", {"order_id": "A-1"}, "shipped"),
        call("search", {"__arg1": "parcel"}, "found"),
    ]
    with at_recording(*recorded) as desk:
        of_class = OfClass()
        assert of_class.invoke(asked_by_model("of_class", order_id="A-1")).content == "shipped"
        assert search.invoke(asked_by_model("search", __arg1="parcel")).content == "found"
    assert len(desk.close()) == 2
    assert {"of_class", "search"} <= guarded_tools()


def test_callbacks_hear_of_the_call_as_ever() -> None:
    class Hearing(BaseCallbackHandler):
        heard: list[str] = []  # noqa: RUF012

        def on_tool_start(self, serialized: Any, input_str: str, **kwargs: Any) -> None:
            self.heard.append(f"start {serialized['name']}")

        def on_tool_end(self, output: Any, **kwargs: Any) -> None:
            self.heard.append(f"end {output.content}")

    hearing = Hearing()
    with at_recording(call("check_status", {"order_id": "A-1"}, "shipped")):
        check_status.invoke(
            asked_by_model("check_status", order_id="A-1"), config={"callbacks": [hearing]}
        )
    assert hearing.heard == ["start check_status", "end shipped"]


def test_a_handoff_is_let_through_where_the_program_says_that_it_steers() -> None:
    @tool
    def to_billing(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        """Hand over to billing."""
        return Command(goto="billing", update={"said": tool_call_id})

    reenact.instrument(steering=["to_billing"])
    with at_recording() as desk:
        found = to_billing.invoke(asked_by_model("to_billing"))
    assert found.goto == "billing"
    (noted,) = desk.close()
    assert (noted.name, noted.arguments, noted.provenance) == ("to_billing", {}, "live")
    assert "to_billing" in guarded_tools()


def test_an_agent_streams_in_a_replay_as_ever(model: ChatServer) -> None:
    graph = create_agent(llm(model), [check_status])
    with at_recording(call("check_status", {"order_id": "A-1001"}, {"status": "shipped"})):
        steps = [
            name
            for step in graph.stream({"messages": [("user", "Where is A-1001?")]})
            for name in step
        ]
    assert steps == ["model", "tools", "model"]
