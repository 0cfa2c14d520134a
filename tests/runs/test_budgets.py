from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

import reenact
from reenact.agents.port import AgentReply
from reenact.capture.items import spans_of
from reenact.domain.budget import Budget
from reenact.domain.conversation import Usage
from reenact.domain.run import TurnRecord
from reenact.errors import UsageError
from reenact.pricing import cost_of
from reenact.replay.gate import Gate
from reenact.runs.budgets import raised
from reenact.runs.meter import ENOUGH_UNPRICED, Meter
from reenact.runs.running import execute
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.runs import made, reached
from support.story import old, put, refund
from support.talks import agent, model, talk, user

MODEL = "gpt-4o-mini"
USAGE = Usage(input_tokens=10_000, output_tokens=1_000)
A_TURN = cost_of(USAGE, model=MODEL)
assert A_TURN is not None


def priced(messages: list[dict[str, Any]], message: str) -> AgentReply:
    return AgentReply(text="ok", usage=USAGE, model=MODEL)


def counting(answer: Callable[..., Any] = old) -> tuple[Callable[..., Any], list[str]]:
    asked: list[str] = []

    def agent(messages: list[dict[str, Any]], message: str) -> Any:
        asked.append(message)
        return answer(messages, message)

    return agent, asked


@pytest.fixture(autouse=True)
def story(workspace: Workspace) -> None:
    put(workspace, *(refund(f"s{number}") for number in range(4)))


@pytest.mark.parametrize("mode", ["conversation", "turn"])
@pytest.mark.parametrize("concurrency", [1, 3])
def test_exactly_so_many_turns_are_run_and_the_rest_later(
    workspace: Workspace, mode: str, concurrency: int
) -> None:
    agent, asked = counting()
    run = made(workspace, mode=mode, concurrency=concurrency, budget=Budget(max_turns=5))
    stopped = execute(workspace, run, agent=reached(agent))
    assert (stopped.status, stopped.stopped_by) == ("cancelled", "budget")
    assert len(asked) == 5
    assert workspace.control.progress(stopped).turns == 5
    assert stopped.spent is not None
    assert stopped.spent.turns == 5
    test = workspace.records.run_test(run.run_test_id)
    more = raised(stopped, test, Budget(max_turns=8))
    again = execute(workspace, more, agent=reached(agent))
    assert (len(asked), again.stopped_by) == (8, "budget")
    rest = raised(again, test, Budget(max_turns=100))
    whole = execute(workspace, rest, agent=reached(agent))
    assert (whole.status, whole.stopped_by, whole.reason) == ("completed", None, None)
    assert len(asked) == 12  # none was run twice
    assert run_view(workspace, whole).summary.turn_status["same"] == 12


def test_a_budget_that_just_does_is_no_stop(workspace: Workspace) -> None:
    run = made(workspace, budget=Budget(max_turns=12))
    ended = execute(workspace, run, agent=reached(old))
    assert (ended.status, ended.stopped_by) == ("completed", None)


def test_what_was_not_run_is_told_as_such_and_judged_nowhere(workspace: Workspace) -> None:
    run = made(workspace, concurrency=1, budget=Budget(max_turns=4))
    view = run_view(workspace, execute(workspace, run, agent=reached(old)))
    assert view.stopped_by == "budget"
    assert (view.summary.completed, view.summary.cancelled) == (1, 3)
    assert view.budget == Budget(max_turns=4)
    half = view.calls[1]
    assert [turn.status for turn in half.comparison.turns] == ["same", "missing", "missing"]
    assert half.comparison.turns[1].note == "not run yet: the replay is after turn 1"


def test_turns_that_are_under_way_are_finished(workspace: Workspace) -> None:
    async def slow(messages: list[dict[str, Any]], message: str) -> str:
        await asyncio.sleep(0.05)
        return "ok"

    run = made(workspace, concurrency=4, budget=Budget(max_turns=4))
    ended = execute(workspace, run, agent=reached(slow))
    assert workspace.control.progress(ended).turns == 4


def test_seconds_are_bounded_over_interruptions(workspace: Workspace) -> None:
    async def slow(messages: list[dict[str, Any]], message: str) -> str:
        await asyncio.sleep(0.2)
        return "ok"

    run = made(workspace, concurrency=1, budget=Budget(max_seconds=0.1))
    stopped = execute(workspace, run, agent=reached(slow))
    assert stopped.stopped_by == "budget"
    assert workspace.control.progress(stopped).turns == 1
    again = execute(workspace, stopped, agent=reached(slow))
    assert workspace.control.progress(again).turns == 1
    assert again.spent is not None
    assert again.spent.seconds > 0.2


def test_money_is_that_of_the_tokens_that_the_agent_returns(workspace: Workspace) -> None:
    most = A_TURN.amount * 1.5
    run = made(workspace, concurrency=1, budget=Budget(max_cost_usd=most))
    stopped = execute(workspace, run, agent=reached(priced))
    assert stopped.stopped_by == "budget"
    assert stopped.spent is not None
    assert stopped.spent.cost_usd == pytest.approx(A_TURN.amount * 2)
    assert stopped.spent.unpriced_turns == 0
    again = execute(workspace, stopped, agent=reached(priced))
    assert again.spent is not None
    assert again.spent.cost_usd == pytest.approx(A_TURN.amount * 2)  # counted from the journal


def test_unknown_cost_is_said_and_never_nothing(workspace: Workspace) -> None:
    def half(messages: list[dict[str, Any]], message: str) -> Any:
        return priced(messages, message) if "A-1001" in message else "no usage"

    run = made(workspace, concurrency=1, budget=Budget(max_cost_usd=A_TURN.amount * 1.5))
    stopped = execute(workspace, run, agent=reached(half))
    assert stopped.spent is not None
    assert stopped.spent.unpriced_turns
    assert "and the cost of" in (stopped.reason or "")
    assert "turns is not known" in (stopped.reason or "")


def test_money_that_can_never_be_known_stops_the_run(workspace: Workspace) -> None:
    put(workspace, *(refund(f"more{number}") for number in range(6)))
    run = made(workspace, concurrency=1, budget=Budget(max_cost_usd=1.0))
    stopped = execute(workspace, run, agent=reached(old))
    assert stopped.stopped_by == "budget"
    assert f"what {ENOUGH_UNPRICED} turns cost is not known" in (stopped.reason or "")
    assert stopped.spent is not None
    assert stopped.spent.cost_usd is None


def test_spans_that_come_later_tell_what_a_turn_cost() -> None:
    spoken = talk(user("hi"), replace(model(10_000, 1_000), model=MODEL), agent("hello"))
    trace_id = "a" * 32
    spans = [msgspec.structs.replace(span, trace_id=trace_id) for span in spans_of(spoken)]
    gate = Gate()
    meter = Meter(Budget(max_cost_usd=A_TURN.amount / 2), gate)
    meter.take(TurnRecord(call_id="c", attempt=1, index=1, items=(), trace_id=trace_id))
    meter.begin()
    assert (meter.spent().cost_usd, meter.spent().unpriced_turns) == (None, 1)
    assert gate.reason is None
    meter.look_at_spans(lambda ids: dict.fromkeys(ids, spans))
    assert (meter.spent().cost_usd, meter.spent().unpriced_turns) == (A_TURN.amount, 0)
    meter.begin()
    assert gate.reason is not None
    assert gate.reason.startswith("budget: 0.0021 of 0.00105 USD are spent")


def test_going_on_needs_a_higher_budget(workspace: Workspace) -> None:
    run = made(workspace, budget=Budget(max_turns=2, max_seconds=600))
    stopped = execute(workspace, run, agent=reached(old))
    test = workspace.records.run_test(run.run_test_id)
    with pytest.raises(UsageError, match="has spent its budget"):
        raised(stopped, test, Budget())
    assert raised(stopped, test, Budget(max_turns=9)).budget == Budget(max_turns=9, max_seconds=600)


@pytest.mark.parametrize("bound", [{"max_turns": 0}, {"max_seconds": -1}, {"max_cost_usd": 0.0}])
def test_a_budget_that_lets_nothing_run_is_refused(bound: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="a budget must be above 0"):
        Budget(**bound)


def test_a_budget_may_be_given_in_python(workspace: Workspace, settings: Settings) -> None:
    budget = Budget(max_turns=3)
    run = reenact.replay(old, project="shop", all=True, budget=budget, settings=settings)
    assert run.stopped_by == "budget"
    assert run.spent is not None
    assert run.spent.turns == 3


def test_a_crashed_run_counts_the_turns_that_are_kept(workspace: Workspace) -> None:
    agent, asked = counting()
    run = made(workspace, concurrency=1, budget=Budget(max_turns=5))
    stopped = execute(workspace, run, agent=reached(agent))
    crashed = replace(stopped, status="running", spent=None, stopped_by=None)
    workspace.records.save_run(crashed)
    execute(workspace, crashed, agent=reached(agent))
    assert len(asked) == 5
