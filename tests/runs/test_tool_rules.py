"""Tool rules and made-up results through a whole run."""

from __future__ import annotations

import json
from typing import Any

import reenact
from reenact.domain.tool_rules import ToolRules
from reenact.llm.scripted import ScriptedModel
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.story import put
from support.talks import agent, call, talk, user

IDS = [f"0a1b2c3d-0000-4000-8000-00000000000{n}" for n in range(4)]
ORDER = {"order_id": "A1", "status": "open", "total": 10}
THRICE = talk(
    user("where is A1?"),
    *(call("get", {"order_id": "A1", "request_id": id}, ORDER) for id in IDS[:3]),
    agent("It is open."),
)


def asking(order_id: str) -> Any:
    """An agent that hands one call back and tells what it got."""

    def answer(messages: list[dict[str, Any]], message: str) -> reenact.AgentReply:
        if messages and messages[-1]["role"] == "tool":
            return reenact.AgentReply(text=messages[-1]["content"])
        asked = {"order_id": order_id, "request_id": IDS[3]}
        return reenact.AgentReply(tool_calls=[reenact.RequestedTool(name="get", arguments=asked)])

    return answer


def test_a_volatile_field_is_learnt_from_the_chosen_recordings_and_kept_with_the_scenario(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, THRICE)
    run = reenact.replay(
        asking("A1"), project="shop", sessions="s1", tools="returned", settings=settings
    )
    (asked,) = run.calls[0].turns[0].tool_calls
    assert (asked.provenance, asked.served and asked.served.rung) == ("recorded", 2)
    (scenario,) = workspace.records.scenarios("shop")
    (row,) = scenario.rows
    assert row.tool_rules == (ToolRules(tool="get", learnt=("request_id",)),)
    assert run.calls[0].unrecorded_calls == ()
    assert len(run.calls[0].unused_calls) == 2


def test_a_read_that_the_recording_lacks_is_made_up_by_the_model_that_is_passed_in(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, THRICE)
    made_up = {"order_id": "A2", "status": "late", "total": 5}
    run = reenact.replay(
        asking("A2"),
        project="shop",
        sessions="s1",
        tools="returned",
        on_miss="simulate",
        tool_rules=[ToolRules(tool="get", effect="read")],
        model=ScriptedModel([json.dumps({"result": made_up})]),
        settings=settings,
    )
    (asked,) = run.calls[0].unrecorded_calls
    assert (asked.provenance, asked.result) == ("simulated", made_up)
    assert asked.served is not None
    assert asked.served.model == "scripted"
