"""The shop's agent on the OpenAI Agents SDK."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI

from agents import (
    Agent,
    Model,
    OpenAIChatCompletionsModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from support.chat_server import ChatServer
from support.shop_tools import Answer, ran

set_tracing_disabled(True)


@function_tool
def check_status(order_id: str) -> dict[str, str]:
    """Say where an order is."""
    return ran("check_status", order_id=order_id)


@function_tool
async def issue_refund(order_id: str, amount: float) -> dict[str, str]:
    """Pay money back."""
    return ran("issue_refund", order_id=order_id, amount=amount)


def llm(model: ChatServer) -> Model:
    client = AsyncOpenAI(base_url=model.url, api_key="none", max_retries=0)
    return OpenAIChatCompletionsModel(model="stub", openai_client=client)


def ways(model: ChatServer) -> dict[str, Answer]:
    def agent() -> Agent:
        return Agent(name="shop", model=llm(model), tools=[check_status, issue_refund])

    def talk(messages: list[dict[str, Any]], message: str) -> Any:
        return [*messages, {"role": "user", "content": message}]

    async def run(messages: list[dict[str, Any]], message: str) -> str:
        return str((await Runner.run(agent(), talk(messages, message))).final_output)

    def run_sync(messages: list[dict[str, Any]], message: str) -> str:
        return str(Runner.run_sync(agent(), talk(messages, message)).final_output)

    return {"run": run, "run_sync": run_sync}
