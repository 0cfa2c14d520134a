"""What the pages on ways to reach an agent or a model show is run as it stands."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import reenact
from reenact.agents.targets import parse_target
from reenact.domain.agent import CommandTarget, HttpTarget
from reenact.domain.run_view import RunView
from reenact.llm.models import HOSTS, make_model
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.http_agent import serving
from support.responses_agent import ResponsesDesk
from support.stored import put
from support.talks import REFUND

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
ANSWERS = ["It is shipped.", "It is in transit.", "It is in transit."]
Replay = Callable[..., RunView]


def blocks(page: str, language: str) -> list[str]:
    text = (GUIDE / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """Replays the refund story, from a folder where programs may lie."""
    settings = Settings(
        home=tmp_path,
        spans_url=f"sqlite:///{tmp_path / 'spans.db'}",
        database_url=f"sqlite:///{tmp_path / 'reenact.db'}",
        blobs_url=(tmp_path / "blobs").as_uri(),
    )
    with Workspace(settings) as workspace:
        put(workspace, REFUND)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def run(agent: str, **more: Any) -> RunView:
        return reenact.replay(agent, project="shop", sessions="s1", settings=settings, **more)

    return run


def said(run: RunView) -> list[str | None]:
    return [turn.assistant for turn in run.calls[0].turns]


@pytest.mark.parametrize(
    ("language", "file", "program"),
    [("python", "agent.py", "python"), ("javascript", "agent.js", "node")],
)
def test_the_program_of_the_page_is_an_agent(
    language: str, file: str, program: str, replay: Replay, tmp_path: Path
) -> None:
    if shutil.which(program) is None and program != "python":
        pytest.skip(f"there is no {program} here")
    (code,) = blocks("command-agents.md", language)
    (tmp_path / file).write_text(code, encoding="utf-8")
    page = (GUIDE / "command-agents.md").read_text(encoding="utf-8")
    (shown,) = re.findall(rf'--agent "(command:{program} .*?)"', page)
    assert said(replay(shown, tools="returned")) == ANSWERS


def test_the_agent_file_of_a_program_is_an_agent(
    replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = blocks("command-agents.md", "yaml")
    (code,) = blocks("command-agents.md", "python")
    (tmp_path / "agent.yaml").write_text(file, encoding="utf-8")
    (tmp_path / "agent.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("SHOP_TOKEN", "hunter22")
    assert isinstance(parse_target("agent.yaml"), CommandTarget)
    assert said(replay("agent.yaml")) == ANSWERS


def test_the_agent_file_of_a_responses_agent_is_an_agent(
    replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = blocks("responses-agents.md", "yaml")
    monkeypatch.setenv("SHOP_TOKEN", "hunter22")
    desk = ResponsesDesk()

    async def go() -> RunView:
        async with serving(desk.handle) as url:
            here = file.replace("http://127.0.0.1:8000", url)
            (tmp_path / "agent.yaml").write_text(here, encoding="utf-8")
            target = parse_target("agent.yaml")
            assert isinstance(target, HttpTarget)
            assert not target.stateless
            return await asyncio.to_thread(replay, "agent.yaml")

    assert said(asyncio.run(go())) == ANSWERS
    assert all(body["store"] is True and body["model"] == "my-model" for body in desk.bodies)
    assert "previous_response_id" in desk.bodies[-1]


def test_every_model_that_the_page_names_is_one() -> None:
    lines = re.findall(
        r"^export (REENACT_MODEL=.*)$", "".join(blocks("language-models.md", "")), re.MULTILINE
    )
    keys = {host.key: "k" * 20 for host in HOSTS.values() if host.key}
    names = [re.split(r"\s+#\s", line)[0].partition("=")[2] for line in lines]
    assert len(names) == 5
    for name in names:
        if name.startswith("anthropic:"):
            continue  # see tests/llm/test_library.py, which needs the extra
        assert make_model(name, environ=keys, timeout_s=1, retries=0).name
