from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cli.conftest import Ended, Reenact
from support.http_agent import serving
from support.model_endpoint import Script, refusal, said


def asked(reenact: Reenact, monkeypatch: pytest.MonkeyPatch, answer: Any, *flags: str) -> Ended:
    async def go() -> Ended:
        async with serving(Script([answer]).handle) as url:
            monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
            return await asyncio.to_thread(reenact, "model", *flags)

    monkeypatch.setenv("REENACT_MODEL", "openai:gpt-4.1-mini")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-0123456789")
    return asyncio.run(go())


def test_a_model_says_that_it_works(reenact: Reenact, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = asked(reenact, monkeypatch, said('{"answer": "Blue"}'))
    assert ended.code == 0
    assert "openai:gpt-4.1-mini answered 'Blue' in " in ended.out
    assert "1000 tokens in, 100 out, $0.000560" in ended.out


def test_it_says_so_in_json(reenact: Reenact, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = asked(reenact, monkeypatch, said('{"answer": "Blue"}', usage=None), "--json")
    told = json.loads(ended.out)
    assert told["name"] == "openai:gpt-4.1-mini"
    assert told["answer"]["data"] == {"answer": "Blue"}
    assert told["answer"]["cost"] is None


def test_a_model_that_does_not_answer_is_told(
    reenact: Reenact, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asked(reenact, monkeypatch, refusal(401, "sk-very-secret-0123456789 is wrong"))
    assert ended.code == 5
    assert "check OPENAI_API_KEY" in ended.err
    assert "sk-very-secret" not in ended.out + ended.err


def test_no_model_is_told_how_to_set_one(reenact: Reenact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REENACT_MODEL", raising=False)
    ended = reenact("model")
    assert ended.code == 2
    assert "export REENACT_MODEL=" in ended.err
