from __future__ import annotations

import asyncio
from typing import Any

import pytest

import reenact
from reenact.errors import UnguardedTools, UsageError
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.story import fixed, old, put, refund
from support.talks import REFUND


def test_the_whole_way_in_one_call(workspace: Workspace, settings: Settings) -> None:
    put(workspace, REFUND)
    run = reenact.replay(fixed, project="shop", sessions="s1", settings=settings)
    (call,) = run.calls
    assert call.comparison.first_divergence is not None
    assert call.comparison.first_divergence.sentence == (
        "Turn 2: issue_refund(order_id='A-1003', amount=49.9) became "
        "check_status(order_id='A-1003')"
    )
    assert run.replay_session_id is not None
    linked = workspace.records.replay_session(run.replay_session_id)
    assert linked.run_test_id == run.run_test_id


def test_the_recordings_own_agent_gives_the_same_turns(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    run = reenact.replay(old, project="shop", sessions=["s1"], settings=settings)
    assert run.summary.turn_status == {"same": 3} | {
        status: 0 for status in run.summary.turn_status if status != "same"
    }
    assert run.calls[0].verdict == "no_evidence"
    assert run.calls[0].verbatim_share == 1.0
    assert run.calls[0].unused_calls == ()


def test_recorded_calls_that_were_never_asked_for_are_reported(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    run = reenact.replay(
        lambda messages, message: "no tools today", project="shop", sessions="s1", settings=settings
    )
    assert [call.name for call in run.calls[0].unused_calls] == [
        "check_status",
        "issue_refund",
        "check_status",
    ]


def test_an_unguarded_agent_is_not_replayed(workspace: Workspace, settings: Settings) -> None:
    put(workspace, REFUND)
    with pytest.raises(UnguardedTools):
        reenact.replay(old, project="shop", sessions="s1", tools="own", settings=settings)
    (run,) = workspace.records.runs("shop")
    assert run.status == "failed"
    assert "runs its own tools" in (run.reason or "")


@pytest.mark.parametrize(
    "options",
    [
        {"repeats": 0},
        {"concurrency": 0},
        {"turn_timeout_s": -1},
        {"user_policy": "polite"},
        {"on_miss": "guess"},
    ],
)
def test_options_that_no_run_can_have_are_refused_before_anything_is_made(
    workspace: Workspace, settings: Settings, options: dict[str, Any]
) -> None:
    put(workspace, REFUND)
    with pytest.raises(UsageError):
        reenact.replay(old, project="shop", sessions="s1", settings=settings, **options)
    assert workspace.records.runs("shop") == ()


def test_repeats_and_concurrency_run_every_row_as_often_as_asked(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, *(refund(f"s{number}") for number in range(4)))
    ended: list[Any] = []
    run = reenact.replay(
        old,
        project="shop",
        all=True,
        repeats=3,
        concurrency=4,
        settings=settings,
        on_end=ended.append,
    )
    assert (run.summary.total, run.summary.completed, len(ended)) == (12, 12, 12)
    assert {(call.row, call.repeat) for call in run.calls} == {
        (f"s{number}", repeat) for number in range(4) for repeat in range(3)
    }


def test_a_replay_does_not_show_up_among_production_sessions(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    reenact.replay(old, project="shop", sessions="s1", settings=settings)
    assert workspace.spans.count_sessions("shop") == 1


def test_a_replay_may_be_asked_for_inside_a_running_loop(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)

    async def in_a_notebook() -> Any:
        return reenact.replay(old, project="shop", sessions="s1", settings=settings)

    assert asyncio.run(in_a_notebook()).summary.completed == 1
