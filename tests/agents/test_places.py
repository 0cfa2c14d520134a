from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from reenact.agents.callable import CallableAgent
from reenact.agents.places import raised_at
from reenact.agents.port import AgentFailed, AgentRequest
from reenact.domain.agent import CallableTarget

DESK = """
import json

def answer(messages, message):
    return looked_up(message)

def looked_up(message):
    return json.loads(message)

async def wait(messages, message):
    return looked_up(message)
"""


@pytest.mark.parametrize("function", ["answer", "wait"])
def test_a_failing_agent_names_the_line_of_its_own_code(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"failing_desk_{function}"
    (tmp_path / f"{name}.py").write_text(DESK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    agent = CallableAgent(CallableTarget(path=f"{name}:{function}"), intercepted=frozenset)
    request = AgentRequest(messages=[], message="no JSON", session_id="s", turn=1)

    with pytest.raises(AgentFailed) as failed:
        asyncio.run(agent.reply(request))
    # The innermost line is in the json package; the agent's own last one is what helps.
    assert str(failed.value).startswith("JSONDecodeError: Expecting value")
    assert str(failed.value).endswith(f" ({name}.py:8)")


def test_without_own_code_there_is_no_place() -> None:
    assert raised_at(ValueError("never raised")) is None
    try:
        json.loads("no JSON")
    except ValueError as error:
        here = raised_at(error)
    assert here is not None
    assert here.partition(":")[0].endswith("test_places.py")
