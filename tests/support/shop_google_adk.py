"""The shop's agent on Google ADK, with a scripted model in place of Gemini."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.adk.runners import InMemoryRunner
from google.genai import types

from support.chat_server import ChatServer, shop_model
from support.shop_tools import Answer, ran


def check_status(order_id: str) -> dict[str, Any]:
    """Say where an order is."""
    return ran("check_status", order_id=order_id)


async def issue_refund(order_id: str, amount: float) -> dict[str, Any]:
    """Pay money back."""
    return ran("issue_refund", order_id=order_id, amount=amount)


class Scripted(BaseLlm):
    decide: Callable[[list[dict[str, Any]]], Any] = shop_model

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        parts = (part for one in llm_request.contents for part in one.parts or ())
        step = self.decide([_plain(part) for part in parts])
        if isinstance(step, str):
            said = [types.Part(text=step)]
        else:
            said = [
                types.Part(function_call=types.FunctionCall(name=name, args=arguments))
                for name, arguments in step
            ]
        yield LlmResponse(content=types.Content(role="model", parts=said))


def ways(model: ChatServer) -> dict[str, Answer]:
    agent = LlmAgent(name="shop", model=Scripted(model="stub"), tools=[check_status, issue_refund])
    return {"run_async": running(agent)}


def running(agent: LlmAgent) -> Answer:
    """Return an answer that runs `agent` in a session of its own."""

    async def answer(messages: list[dict[str, Any]], message: str) -> str:
        runner = InMemoryRunner(agent=agent, app_name="shop")
        session = await runner.session_service.create_session(app_name="shop", user_id="ana")
        said = ""
        async for event in runner.run_async(
            user_id="ana", session_id=session.id, new_message=types.UserContent(message)
        ):
            if event.is_final_response() and event.content:
                said = "".join(part.text or "" for part in event.content.parts or ())
        return said

    return answer


def _plain(part: types.Part) -> dict[str, Any]:
    if part.function_response:
        return {"role": "tool", "content": str(part.function_response.response)}
    return {"role": "user", "content": part.text or ""}
