"""The page of every framework does what it says, typed along by the letter."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reenact.runs.workspace import Workspace
from support.chat_server import ChatServer
from support.frameworks import PARCELS, settings_in
from support.story import put

PAGES = Path(__file__).parents[2] / "docs" / "guide" / "frameworks"
NEEDS = {
    "langchain": "langchain",
    "openai-agents": "agents.tool",
    "pydantic-ai": "pydantic_ai",
    "smolagents": "smolagents",
    "google-adk": "google.adk",
}


def test_every_page_is_tried() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(NEEDS)


@pytest.mark.parametrize("name", NEEDS)
def test_the_agent_of_the_page_is_replayed_with_its_tools_answered(
    name: str, model: ChatServer, tmp_path: Path
) -> None:
    pytest.importorskip(NEEDS[name], reason=f"{name} is not installed here: make test-frameworks")
    page = (PAGES / f"{name}.md").read_text()
    (agent,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (command,) = re.findall(r"```\n(reenact .*?)```", page, re.DOTALL)
    (tmp_path / "agent.py").write_text(agent)
    with Workspace(settings_in(tmp_path)) as workspace:
        put(workspace, replace(PARCELS, id="sess:chat-1184", session_id="chat-1184"))

    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command), "--json"],
        cwd=tmp_path,
        env=os.environ
        | {
            "REENACT_HOME": str(tmp_path),
            "OPENAI_API_KEY": "none",
            "OPENAI_BASE_URL": model.url,
            "OPENAI_AGENTS_DISABLE_TRACING": "1",
            "GOOGLE_API_KEY": "none",
            "GOOGLE_GEMINI_BASE_URL": model.url,
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    turns = json.loads(done.stdout[done.stdout.index("{") :])["calls"][0]["turns"]
    assert [(one["name"], one["provenance"]) for turn in turns for one in turn["tool_calls"]] == [
        ("check_status", "recorded"),
        ("check_status", "recorded"),
        ("check_status", "recorded"),
        ("issue_refund", "recorded"),
        ("check_status", "refused"),
    ]
