from __future__ import annotations

import pytest

from reenact.agents.callable import CallableAgent
from reenact.domain.agent import CallableTarget, ToolsMode
from reenact.domain.run import RunOptions
from reenact.errors import UnguardedTools
from reenact.replay.preflight import check_tools

TOOLS = ("check_status", "issue_refund")


def an_agent(tools: ToolsMode, *intercepted: str) -> CallableAgent:
    return CallableAgent(
        CallableTarget(path="a:b", tools=tools),
        function=lambda messages, message: "",
        intercepted=lambda: frozenset(intercepted),
    )


def test_an_agent_that_runs_its_own_tools_is_not_replayed_unasked() -> None:
    with pytest.raises(UnguardedTools) as error:
        check_tools(TOOLS, agent=an_agent("own"), options=RunOptions())
    assert error.value.tools == ("check_status", "issue_refund")
    assert "--allow-live-tools" in str(error.value)


def test_every_recorded_tool_without_an_interceptor_is_named() -> None:
    with pytest.raises(UnguardedTools, match="issue_refund") as error:
        check_tools(TOOLS, agent=an_agent("intercepted", "check_status"), options=RunOptions())
    assert error.value.tools == ("issue_refund",)


def test_an_allowed_replay_still_names_what_may_run() -> None:
    allowed = RunOptions(allow_live_tools=True)
    assert check_tools(TOOLS, agent=an_agent("own"), options=allowed) == (
        "check_status",
        "issue_refund",
    )


@pytest.mark.parametrize(
    "agent", [an_agent("returned"), an_agent("intercepted", "check_status", "issue_refund")]
)
def test_a_guarded_agent_passes(agent: CallableAgent) -> None:
    assert check_tools(TOOLS, agent=agent, options=RunOptions()) == ()
