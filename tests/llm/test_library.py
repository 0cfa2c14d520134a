"""Providers with a protocol of their own, through the real library and the provider's real SDK."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from reenact.domain.conversation import Usage
from reenact.errors import ModelFailed, UsageError
from reenact.llm.asking import AskedModel
from reenact.llm.models import make_model
from reenact.llm.port import LanguageModel, Prompt
from support.http_agent import serving
from support.model_endpoint import QUESTION, SHAPED, Script, pieces, refusal

KEY = "sk-ant-very-secret-0123456789"
NAME = "anthropic:claude-haiku-4-5"


def message(text: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }


def says(*words: str) -> Any:
    """Return an answer; the library streams long ones behind the scenes, so it may be asked to."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not json.loads(await request.read()).get("stream"):
            return web.json_response(message("".join(words)))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in _events(words):
            await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        return response

    return answer


def _events(words: tuple[str, ...]) -> list[dict[str, Any]]:
    whole = {**message(""), "content": [], "stop_reason": None}
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        {"type": "message_start", "message": whole},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": ""},
        },
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": part},
            }
            for part in words
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ending, "usage": {"output_tokens": 100}},
        {"type": "message_stop"},
    ]


def answers(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    *prompts: Prompt,
    ask: Any = lambda model, prompt: model.complete(prompt),
) -> list[Any]:
    pytest.importorskip("anthropic")
    pytest.importorskip("pydantic_ai.models.anthropic")

    async def go() -> list[Any]:
        async with serving(script.handle) as url:
            monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
            monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
            model = make_model(NAME, environ={"ANTHROPIC_API_KEY": KEY}, timeout_s=10, retries=1)
            patient = AskedModel(model._provider, timeout_s=10, retries=1, sleep=script.pause)
            return [await ask(patient, prompt) for prompt in prompts or (QUESTION,)]

    return asyncio.run(go())


def test_a_provider_with_its_own_protocol_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([says("The second.")])
    told = ({"role": "system", "content": "Be brief."}, *QUESTION.messages)
    (answer,) = answers(script, monkeypatch, Prompt(messages=told, max_tokens=50, temperature=0.5))
    assert answer.text == "The second."
    assert answer.model == "claude-haiku-4-5"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (1000, 100)
    assert answer.cost == pytest.approx(1000 * 1e-6 + 100 * 5e-6)
    body = script.bodies[0]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("claude-haiku-4-5", 50, 0.5)
    assert "Be brief." in json.dumps(body["system"])


def test_its_answer_is_held_to_a_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([says('{"choice": "two"}'), says('{"choice": 2}')])
    (answer,) = answers(script, monkeypatch, SHAPED)
    assert answer.data == {"choice": 2}
    assert answer.usage == Usage(input_tokens=2000, output_tokens=200, cached_input_tokens=None)
    assert "choice" in json.dumps(script.bodies[0])


def test_it_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([says("The ", "second.")])
    assert answers(script, monkeypatch, ask=pieces) == [["The ", "second."]]


def test_a_busy_provider_is_asked_again_when_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([refusal(429, "slow down", Retry_After="7"), says("Now.")])
    assert answers(script, monkeypatch)[0].text == "Now."
    assert script.pauses == [7.0]
    assert len(script.bodies) == 2


def test_a_wrong_key_is_said_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([refusal(401, f"invalid x-api-key {KEY}")])
    with pytest.raises(ModelFailed, match="answered 401") as error:
        answers(script, monkeypatch)
    assert KEY not in str(error.value)


def test_a_model_is_asked_from_one_event_loop_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[LanguageModel] = []

    async def keep(model: LanguageModel, prompt: Prompt) -> str:
        asked.append(model)
        return (await asked[0].complete(prompt)).text

    script = Script([says("Yes.")])
    assert answers(script, monkeypatch, ask=keep) == ["Yes."]

    async def again() -> str:
        async with serving(script.handle) as url:
            monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
            return (await asked[0].complete(QUESTION)).text

    assert asyncio.run(again()) == "Yes."


def test_a_missing_key_or_package_is_said_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("pydantic_ai")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    for name, part in (
        ("anthropic:claude-haiku-4-5", "ANTHROPIC_API_KEY|anthropic"),
        ("cohere:command-a", "the SDK of cohere is not installed|CO_API_KEY"),
        ("nonesuch:m", "Unknown model"),
    ):
        with pytest.raises(UsageError, match=part):
            make_model(name, environ={}, timeout_s=1, retries=0)


def test_without_the_library_the_extra_is_named() -> None:
    from importlib.util import find_spec

    if find_spec("pydantic_ai") is not None:
        pytest.skip("the extra llm is installed here")
    with pytest.raises(UsageError, match=r"pip install 'reenact\[llm\]'"):
        make_model("anthropic:claude-haiku-4-5", environ={}, timeout_s=1, retries=0)
