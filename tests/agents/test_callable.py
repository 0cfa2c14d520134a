from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reenact.agents.callable import CallableAgent, load
from reenact.agents.port import AgentFailed, AgentRequest
from reenact.domain.agent import CallableTarget
from reenact.errors import AgentNotLoaded


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    return tmp_path


def test_a_function_is_found_in_the_working_folder(folder: Path) -> None:
    (folder / "desk_one.py").write_text("class A:\n    def go(m, x): return 'hi'\n")
    assert load("desk_one:A.go")([], "x") == "hi"


@pytest.mark.parametrize(
    ("source", "path", "expected"),
    [
        (None, "no_such_desk:go", "no module named no_such_desk"),
        ("import not_installed_here", "desk_two:go", "install not_installed_here"),
        ("def stay(): ...", "desk_three:go", "it has: stay"),
        ("go = 4", "desk_four:go", "go is a int, not a function"),
        ("1 / 0", "desk_five:go", "ZeroDivisionError: division by zero"),
        ("def go(:", "desk_six:go", "SyntaxError"),
        (None, "desk_seven", "module:function"),
    ],
)
def test_what_does_not_import_is_said_with_the_next_step(
    folder: Path, source: str | None, path: str, expected: str
) -> None:
    if source is not None:
        (folder / f"{path.partition(':')[0]}.py").write_text(source)
    with pytest.raises(AgentNotLoaded) as error:
        load(path)
    assert expected in str(error.value)
    assert path in str(error.value)


def test_sync_agents_run_side_by_side() -> None:
    import threading

    both = threading.Barrier(2, timeout=5)

    def meeting(messages: list[dict[str, Any]], message: str) -> str:
        both.wait()
        return message

    async def ask_twice() -> list[str | None]:
        agent = CallableAgent(CallableTarget(path="a:b"), function=meeting, intercepted=frozenset)
        request = [AgentRequest(messages=[], message=m, session_id="s", turn=1) for m in "ab"]
        replies = await asyncio.gather(*(agent.reply(r) for r in request))
        await agent.aclose()
        return [reply.text for reply in replies]

    assert asyncio.run(ask_twice()) == ["a", "b"]


def test_an_agent_that_exits_or_hangs_ends_neither_the_run_nor_keeps_the_process() -> None:
    def leaving(messages: list[dict[str, Any]], message: str) -> str:
        sys.exit(3)

    async def ask() -> None:
        agent = CallableAgent(CallableTarget(path="a:b"), function=leaving, intercepted=frozenset)
        await agent.reply(AgentRequest(messages=[], message="x", session_id="s", turn=1))

    with pytest.raises(AgentFailed, match="SystemExit: 3"):
        asyncio.run(ask())


def test_a_process_ends_although_its_agent_hangs() -> None:
    program = """
import asyncio, time
from reenact.agents.callable import CallableAgent
from reenact.agents.port import AgentFailed, AgentRequest
from reenact.domain.agent import CallableTarget

async def ask():
    agent = CallableAgent(
        CallableTarget(path="a:b"), function=lambda m, x: time.sleep(1000), intercepted=frozenset
    )
    try:
        async with asyncio.timeout(0.05):
            await agent.reply(AgentRequest(messages=[], message="x", session_id="s", turn=1))
    except TimeoutError:
        print("timed out")

asyncio.run(ask())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=15
    )
    assert ended.stdout.strip() == "timed out", ended.stderr
