from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reenact.domain.agent import AgentTarget, CallableTarget, HttpTarget
from reenact.domain.budget import Budget, Estimate
from reenact.domain.conversation import Conversation, Cost, Usage
from reenact.domain.run import RunOptions
from reenact.domain.scenario import RecordedSize, Row
from reenact.pricing import cost_of
from reenact.runs.choosing import selection
from reenact.runs.estimate import beyond, estimate
from reenact.runs.estimating import estimate_of
from reenact.runs.sizes import size_of
from reenact.runs.workspace import Workspace
from support.story import put, refund
from support.talks import REFUND, agent, model, talk, user

HERE: AgentTarget = CallableTarget(path="story:old")
PAID = replace(model(100, 10), cost=Cost(amount=0.25))
TALK = talk(
    user("one"), PAID, agent("1"), user("two"), PAID, agent("2"), user("three"), PAID, agent("3")
)


def expected(*talks: Conversation, target: AgentTarget = HERE, **options: Any) -> Estimate:
    sizes = [size_of(one, Row(id="row", recording_hash=None)) for one in talks]
    return estimate(sizes, RunOptions(**options), target=target)


def test_a_run_is_expected_to_take_what_the_recording_took() -> None:
    found = expected(TALK)
    assert (found.talks, found.turns) == (1, 3)
    assert (found.input_tokens, found.output_tokens, found.cost_usd) == (300, 30, 0.75)
    assert found.seconds == 7.5  # three turns of 2.5 s each
    assert found.unknown == ()


@pytest.mark.parametrize(("mode", "times"), [("conversation", 1), ("turn", 1), ("both", 2)])
def test_repeats_and_both_modes_take_so_much_more(mode: str, times: int) -> None:
    found = expected(TALK, TALK, mode=mode, repeats=5, concurrency=1)
    assert found.turns == 30 * times
    assert found.input_tokens == 3000 * times
    assert found.cost_usd == 7.5 * times
    assert found.seconds == 75.0 * times


def test_talks_share_the_time_but_no_talk_is_divided() -> None:
    assert expected(TALK, TALK, TALK, TALK, concurrency=2).seconds == 15.0
    assert expected(TALK, TALK, TALK, TALK, concurrency=100).seconds == 7.5
    assert expected(TALK, mode="turn", concurrency=100).seconds == 2.5


def test_what_one_recording_lacks_is_not_known_of_the_run() -> None:
    silent = talk(user("one"), agent("1"))
    found = expected(TALK, silent)
    assert (found.turns, found.input_tokens, found.cost_usd) == (4, None, None)
    assert found.seconds is not None
    assert found.unknown == (
        "tokens: 1 of 2 recordings do not say",
        "cost: 1 of 2 recordings do not say",
    )


def test_times_that_were_made_up_or_spoken_are_no_estimate() -> None:
    assert expected(replace(TALK, time_synthetic=True)).seconds is None
    assert expected(replace(TALK, spoken=True)).seconds is None


def test_tokens_are_priced_by_the_model_that_the_target_names() -> None:
    target = HttpTarget(url="http://h/v1", template="openai", model="gpt-4o")
    cost = cost_of(Usage(input_tokens=300, output_tokens=30), model="gpt-4o")
    assert cost is not None
    assert expected(TALK, target=target).cost_usd == pytest.approx(cost.amount)
    unheard = replace(target, model="no-such-model")
    assert expected(TALK, target=unheard).cost_usd is None


def test_a_budget_that_will_not_do_is_said_before_the_run() -> None:
    found = expected(TALK)
    assert beyond(found, Budget(max_turns=2, max_cost_usd=0.5, max_seconds=60)) == (
        "3 turns for 2, 0.75 USD for 0.5"
    )
    assert beyond(found, Budget(max_turns=3)) is None
    assert beyond(replace(found, cost_usd=None), Budget(max_cost_usd=0.1)) is None


def test_the_rows_of_a_scenario_know_their_size(workspace: Workspace) -> None:
    put(workspace, REFUND)
    from support.runs import made

    run = made(workspace)
    test = workspace.records.run_test(run.run_test_id)
    (row,) = workspace.records.scenario(test.scenario_ids[0]).rows
    assert row.size == RecordedSize(turns=3, working_ms=6000.0, longest_turn_ms=2000.0)


def test_an_estimate_makes_nothing(workspace: Workspace) -> None:
    put(workspace, refund("a"), refund("b"))
    chosen = selection("shop", (), (), all=True, filter=None, exclude=())
    found = estimate_of(workspace, chosen, target=HERE, options=RunOptions())
    assert (found.talks, found.turns) == (2, 6)
    assert workspace.records.replay_sessions() == ()
    assert workspace.records.runs() == ()
