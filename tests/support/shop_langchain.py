"""The shop's agent on LangChain's `create_agent`, which is a LangGraph graph."""

from __future__ import annotations

from typing import Any

from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from support.chat_server import ChatServer
from support.shop_tools import Answer, ran


@tool
def check_status(order_id: str) -> dict[str, str]:
    """Say where an order is."""
    return ran("check_status", order_id=order_id)


@tool
def issue_refund(order_id: str, amount: float) -> dict[str, str]:
    """Pay money back."""
    return ran("issue_refund", order_id=order_id, amount=amount)


def llm(model: ChatServer) -> ChatOpenAI:
    return ChatOpenAI(model="stub", base_url=model.url, api_key="none", max_retries=0)


def ways(model: ChatServer) -> dict[str, Answer]:
    graph = create_agent(llm(model), [check_status, issue_refund])

    def talk(messages: list[dict[str, Any]], message: str) -> dict[str, Any]:
        return {"messages": [*messages, {"role": "user", "content": message}]}

    def invoke(messages: list[dict[str, Any]], message: str) -> str:
        return graph.invoke(talk(messages, message))["messages"][-1].content

    async def ainvoke(messages: list[dict[str, Any]], message: str) -> str:
        return (await graph.ainvoke(talk(messages, message)))["messages"][-1].content

    return {"invoke": invoke, "ainvoke": ainvoke}
