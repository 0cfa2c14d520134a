"""Calls that steer the agent, and calls inside a call that runs for real."""

from __future__ import annotations

from typing import Any

import pytest

import reenact
from reenact.domain.conversation import Served
from reenact.tools.answer import ToolAnswer
from reenact.tools.desk import ToolDesk, at_desk, current_desk, running_live
from reenact.tools.hooks.asking import Asked, answer


class Answering:
    def __init__(self, provenance: Any = "recorded") -> None:
        self.provenance = provenance

    def answer(self, name: str, arguments: Any, *, turn: int) -> ToolAnswer:
        return ToolAnswer(provenance=self.provenance, result="recorded", served=Served())


def test_a_call_that_steers_runs_and_is_noted_before_what_it_calls() -> None:
    desk = ToolDesk(Answering(), turn=1)

    def expert() -> str:
        return answer(desk, Asked(name="look", arguments={}), run=lambda: "real", give=_result)

    with at_desk(desk):
        steering = Asked(name="ask_expert", arguments={"task": "?"}, id="c1", steers=True)
        assert answer(desk, steering, run=expert, give=_result) == "recorded"

    first, second = desk.close()
    assert (first.name, first.id, first.result, first.provenance) == (
        "ask_expert",
        "c1",
        "recorded",
        "live",
    )
    assert first.answered
    assert (second.name, second.provenance) == ("look", "recorded")


def test_a_call_that_steers_and_fails_is_noted_with_its_error() -> None:
    desk = ToolDesk(Answering(), turn=1)

    def fails() -> str:
        raise ValueError("no such expert")

    with pytest.raises(ValueError, match="no such expert"):
        answer(desk, Asked(name="ask", arguments={}, steers=True), run=fails, give=_result)
    (call,) = desk.close()
    assert (call.error, call.answered) == ("no such expert", True)


def test_a_decorated_function_inside_a_live_tool_is_the_same_call() -> None:
    @reenact.tool
    def check_status(order_id: str) -> str:
        return f"real {order_id}"

    desk = ToolDesk(Answering("live"), turn=1, journal_live=lambda place, name, arguments: True)
    with at_desk(desk):
        asked = Asked(name="check_status", arguments={"order_id": "A"})
        assert answer(desk, asked, run=lambda: check_status("A"), give=_result) == "real A"

    assert [call.result for call in desk.close()] == ["real A"]


def test_only_the_tool_that_runs_is_let_through() -> None:
    desk = ToolDesk(Answering(), turn=1)
    with at_desk(desk), running_live("one"):
        assert current_desk("one") is None
        assert current_desk("two") is desk


def _result(found: ToolAnswer) -> Any:
    return found.result
