from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

import reenact
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.http_agent import serving
from support.model_endpoint import Script, said
from support.story import fixed, old, put
from support.talks import REFUND


def test_a_workspace_has_the_model_of_its_settings(settings: Settings) -> None:
    assert Workspace(settings).model is None
    model = Workspace(replace(settings, model="ollama:qwen3")).model
    assert model is not None
    assert model.name == "ollama:qwen3"


def test_a_model_that_cannot_be_asked_is_told_before_anything_is_made(
    workspace: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    put(workspace, REFUND)
    wrong = replace(settings, model="openai:gpt-4.1-mini")
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        reenact.replay(old, project="shop", sessions="s1", settings=wrong)
    assert workspace.records.latest_run() is None


def test_a_simulated_user_is_the_model_of_the_settings(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    script = Script(
        [
            said(json.dumps({"words": words, "done": not words, "reached": None, "reason": "so"}))
            for words in ("Where is A-1003?", None)
        ]
    )

    async def go() -> Any:
        async with serving(script.handle) as url:
            given = replace(settings, model=f"{url}/v1#qwen3")
            run = lambda: reenact.replay(  # noqa: E731
                fixed, project="shop", sessions="s1", user_policy="simulated", settings=given
            )
            return await asyncio.to_thread(run)

    (call,) = asyncio.run(go()).calls
    assert [turn.user for turn in call.turns] == ["Where is A-1003?"]
    assert [turn.provenance for turn in call.turns] == ["simulated"]
    assert script.bodies[0]["model"] == "qwen3"
    assert "response_format" in script.bodies[0]
