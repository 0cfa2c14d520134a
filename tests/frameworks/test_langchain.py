from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain", reason="LangChain is not installed here: make test-frameworks")

from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

from support.chat_server import ChatServer
from support.frameworks import asked, replayed, told


@tool
def check_status(order_id: str) -> dict[str, str]:
    """Say where an order is."""
    raise AssertionError("a tool ran for real")


@tool
def issue_refund(order_id: str, amount: float) -> dict[str, bool]:
    """Pay money back."""
    raise AssertionError("a tool ran for real")


def agent_of(model: ChatServer) -> Any:
    llm = ChatOpenAI(model="stub", base_url=model.url, api_key="none", max_retries=0)
    return create_agent(llm, [check_status, issue_refund])


def test_tools_answer_from_the_recording(model: ChatServer, tmp_path: Path) -> None:
    graph = agent_of(model)

    def answer(messages: list[dict[str, Any]], message: str) -> str:
        state = graph.invoke({"messages": [*messages, {"role": "user", "content": message}]})
        return state["messages"][-1].content

    run = replayed(answer, tmp_path)
    print(told(run)); print(asked(run))
