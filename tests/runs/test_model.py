from __future__ import annotations

from dataclasses import replace

import pytest

import reenact
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.story import old, put
from support.talks import REFUND


def test_a_workspace_has_the_model_of_its_settings(settings: Settings) -> None:
    assert Workspace(settings).model is None
    model = Workspace(replace(settings, model="ollama:qwen3")).model
    assert model is not None
    assert model.name == "ollama:qwen3"


def test_a_model_that_cannot_be_asked_is_told_before_a_run_begins(
    workspace: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    put(workspace, REFUND)
    wrong = replace(settings, model="openai:gpt-4.1-mini")
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        reenact.replay(old, project="shop", sessions="s1", settings=wrong)
    run = workspace.records.latest_run()
    assert run is not None
    assert run.status == "pending"
