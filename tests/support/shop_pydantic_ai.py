"""The shop's agent on Pydantic AI."""

from __future__ import annotations

from typing import Any

from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from support.chat_server import ChatServer
from support.shop_tools import Answer, ran


def check_status(order_id: str, verbose: bool = False) -> dict[str, str]:
    """Say where an order is."""
    return ran("check_status", order_id=order_id)


async def issue_refund(order_id: str, amount: float) -> dict[str, str]:
    """Pay money back."""
    return ran("issue_refund", order_id=order_id, amount=amount)


def llm(model: ChatServer) -> OpenAIChatModel:
    return OpenAIChatModel("stub", provider=OpenAIProvider(base_url=model.url, api_key="none"))


def ways(model: ChatServer) -> dict[str, Answer]:
    def agent() -> Agent[None, str]:
        return Agent(llm(model), tools=[check_status, issue_refund])

    ready = agent()

    async def run(messages: list[dict[str, Any]], message: str) -> str:
        return (await ready.run(message)).output

    def run_sync(messages: list[dict[str, Any]], message: str) -> str:
        return agent().run_sync(message).output

    return {"run": run, "run_sync": run_sync}
