"""The shop's agent on smolagents, both kinds: one that calls tools, one that writes code."""

from __future__ import annotations

from typing import Any

from smolagents import CodeAgent, LogLevel, Model, Tool, ToolCallingAgent, tool
from smolagents.models import (
    ChatMessage,
    ChatMessageToolCall,
    ChatMessageToolCallFunction,
    MessageRole,
)

from support.chat_server import ChatServer, shop_model
from support.shop_tools import Answer, ran


@tool
def check_status(order_id: str) -> dict:
    """Say where an order is.

    Args:
        order_id: The order.
    """
    return ran("check_status", order_id=order_id)


class IssueRefund(Tool):
    name = "issue_refund"
    description = "Pay money back."
    inputs = {  # noqa: RUF012 - the framework asks for a plain dict
        "order_id": {"type": "string", "description": "The order."},
        "amount": {"type": "number", "description": "How much."},
    }
    output_type = "object"

    def forward(self, order_id: str, amount: float) -> dict[str, Any]:
        return ran("issue_refund", order_id=order_id, amount=amount)


class Scripted(Model):
    """The stub of a model, in this framework's messages; it writes calls or code."""

    def __init__(self, *, writes_code: bool) -> None:
        super().__init__(model_id="stub")
        self._writes_code = writes_code

    def generate(self, messages: list[ChatMessage], **options: Any) -> ChatMessage:
        step = shop_model([_plain(message) for message in messages])
        calls = [("final_answer", {"answer": step})] if isinstance(step, str) else step
        if self._writes_code:
            lines = [_line(name, arguments, place) for place, (name, arguments) in enumerate(calls)]
            return _said("Thought: go on.\n<code>\n" + "\n".join(lines) + "\n</code>")
        message = _said("")
        message.tool_calls = [
            ChatMessageToolCall(
                id=f"call_{place}",
                type="function",
                function=ChatMessageToolCallFunction(name=name, arguments=arguments),
            )
            for place, (name, arguments) in enumerate(calls)
        ]
        return message


def ways(model: ChatServer) -> dict[str, Answer]:
    def with_calls(messages: list[dict[str, Any]], message: str) -> str:
        agent = ToolCallingAgent(
            tools=[check_status, IssueRefund()],
            model=Scripted(writes_code=False),
            verbosity_level=LogLevel.OFF,
        )
        return str(agent.run(message))

    def with_code(messages: list[dict[str, Any]], message: str) -> str:
        agent = CodeAgent(
            tools=[check_status, IssueRefund()],
            model=Scripted(writes_code=True),
            verbosity_level=LogLevel.OFF,
        )
        return str(agent.run(message))

    return {"calls": with_calls, "code": with_code}


def _said(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.ASSISTANT, content=text)


def _line(name: str, arguments: dict[str, Any], place: int) -> str:
    """Return a call as a model writes it: the first by place, the others by name."""
    if place == 0 or name == "final_answer":
        inner = ", ".join(repr(value) for value in arguments.values())
    else:
        inner = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return f"{name}({inner})" if name == "final_answer" else f"print({name}({inner}))"


def _plain(message: ChatMessage) -> dict[str, Any]:
    text = " ".join(part.get("text", "") for part in message.content or [])
    return {"role": str(message.role), "content": text}
