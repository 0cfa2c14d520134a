from __future__ import annotations

import asyncio
from typing import Any

import pytest

import reenact
from reenact import codec
from reenact.agents.history import why_no_history
from reenact.agents.port import AgentReply, RequestedTool
from reenact.compare.html import render
from reenact.domain.agent import CallableTarget, HttpTarget
from reenact.domain.expectation import Expectation
from reenact.domain.fidelity import Fidelity
from reenact.domain.run import RunOptions, run_mode
from reenact.domain.run_view import RunView
from reenact.domain.scenario import Row
from reenact.errors import UsageError
from reenact.keep.keeping import keep_row
from reenact.runs.choosing import selection
from reenact.runs.replay import prepare, reach
from reenact.runs.rows import run_rows
from reenact.runs.running import execute
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.story import fixed, issue_refund, old, put, refund
from support.talks import REFUND

TARGET = CallableTarget(path="story:old")
REFUNDED = "issue_refund(order_id='A-1003', amount=49.9) became check_status(order_id='A-1003')"


def replayed(agent: Any, settings: Settings, **options: Any) -> RunView:
    return reenact.replay(agent, project="shop", all=True, settings=settings, **options)


@pytest.fixture(autouse=True)
def story(workspace: Workspace) -> None:
    put(workspace, REFUND)


def test_the_agent_of_the_recording_gives_every_turn_the_same(settings: Settings) -> None:
    run = replayed(old, settings, mode="turn")
    (found,) = run.localised
    assert found.sentence == "Turn by turn, every turn is the same"
    assert [turn.statuses for turn in found.turns] == [{"same": 1}] * 3
    assert found.end_to_end is None


def test_only_the_turn_that_changed_differs_and_nothing_drifts(settings: Settings) -> None:
    run = replayed(fixed, settings, mode="turn")
    (call,) = run.calls
    assert [turn.status for turn in call.comparison.turns] == ["same", "tools_changed", "same"]
    assert not any(turn.after_divergence for turn in call.comparison.turns)
    assert run.localised[0].sentence == f"Turn by turn, turn 2 changed first: {REFUNDED}"


def test_every_turn_hears_the_recorded_talk_before_it(settings: Settings) -> None:
    heard: dict[str, list[str]] = {}

    def listening(messages: list[dict[str, Any]], message: str) -> str:
        heard[message] = [one["content"] for one in messages]
        return "something else"

    replayed(listening, settings, mode="turn")
    assert sorted(heard.values(), key=len) == [
        [],
        ["Hi, my order is A-1001.", "It has shipped."],
        [
            "Hi, my order is A-1001.",
            "It has shipped.",
            "Thanks. And what is happening with A-1003? I only want to know where it is.",
            "I have refunded $49.90.",
        ],
    ]


def test_an_agent_that_hands_its_calls_back_hears_the_recorded_calls_and_results(
    settings: Settings,
) -> None:
    roles: list[list[str]] = []

    def returning(messages: list[dict[str, Any]], message: str) -> AgentReply:
        if messages and messages[-1]["role"] == "tool" and not message:
            return AgentReply(text="done")
        roles.append([one["role"] for one in messages])
        return AgentReply(tool_calls=[RequestedTool("check_status", {"order_id": "A-1003"})])

    replayed(returning, settings, mode="turn", tools="returned")
    turn = ["user", "assistant", "tool", "assistant"]
    assert sorted(roles, key=len) == [[], turn, turn * 2]


def test_all_turns_of_all_talks_are_asked_at_once(workspace: Workspace, settings: Settings) -> None:
    put(workspace, refund("s2"))
    waiting: list[str] = []
    full = asyncio.Event()

    async def together(messages: list[dict[str, Any]], message: str) -> str:
        waiting.append(message)
        if len(waiting) == 6:
            full.set()
        await asyncio.wait_for(full.wait(), timeout=20)
        return "an answer"

    run = replayed(together, settings, mode="turn", concurrency=6)
    assert run.summary.completed == 2


def test_repeats_are_samples_of_each_turn(settings: Settings) -> None:
    asked: list[str] = []

    def flaky(messages: list[dict[str, Any]], message: str) -> str:
        asked.append(message)
        again = sum("A-1003" in one for one in asked)
        return (fixed if again % 2 else old)(messages, message)

    run = replayed(flaky, settings, mode="turn", repeats=4)
    second = run.localised[0].turns[1]
    assert (second.samples, second.statuses) == (4, {"tools_changed": 2, "same": 2})
    assert second.other_act_interval is not None
    assert second.other_act_interval[0] < 0.5 < second.other_act_interval[1]
    assert "turn 2 changed first in 2 of 4 samples" in run.localised[0].sentence


def test_a_turn_that_fails_stops_no_other(settings: Settings) -> None:
    def failing(messages: list[dict[str, Any]], message: str) -> str:
        if "A-1001" in message:
            raise ValueError("lost my way")
        return old(messages, message)

    (call,) = replayed(failing, settings, mode="turn").calls
    assert [turn.status for turn in call.comparison.turns] == ["error", "same", "same"]
    assert (call.status, call.ended_reason) == ("failed", "agent_error")
    assert (call.error or "").startswith("turn 1: ValueError: lost my way")


def test_both_modes_tell_whether_the_user_got_there_and_which_turn_changed(
    settings: Settings,
) -> None:
    run = replayed(fixed, settings, mode="conversation,turn", repeats=2)
    assert [(call.mode, call.repeat) for call in run.calls] == [
        ("conversation", 0),
        ("conversation", 1),
        ("turn", 0),
        ("turn", 1),
    ]
    (found,) = run.localised
    assert found.sentence == (
        "End to end the user got to the last of 3 turns in 2 of 2 repeats, but the talk parted "
        "on turn 2: called check_status where the recording called issue_refund; turn by turn, "
        f"turn 2 changed first in 2 of 2 samples: {REFUNDED}"
    )
    assert found.end_to_end is not None
    assert (found.end_to_end.finished, found.end_to_end.fitting) == (2, 0)


def test_a_turn_that_changed_only_in_the_wake_of_another_is_told_apart(
    settings: Settings,
) -> None:
    def follows(messages: list[dict[str, Any]], message: str) -> str:
        if "did not ask" in message and "refunded" not in messages[-1]["content"]:
            return "There was none."
        return fixed(messages, message)

    (found,) = replayed(follows, settings, mode="both").localised
    assert found.drifted == (3,)
    assert found.sentence.endswith(
        "turn 3 changed only end to end, in the wake of what went before"
    )


def test_the_totals_are_those_of_whole_talks_where_both_were_run(settings: Settings) -> None:
    run = replayed(old, settings, mode="both")
    assert run.summary.total == 2
    assert run.summary.turn_status["same"] == 3


def test_a_stopped_run_goes_on_with_the_missing_turns(workspace: Workspace) -> None:
    asked: list[str] = []

    def stops(messages: list[dict[str, Any]], message: str) -> str:
        asked.append(message)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return old(messages, message)

    options = RunOptions(mode="turn", concurrency=1)
    chosen = selection("shop", "s1", (), all=False, filter=None, exclude=())
    run = prepare(workspace, chosen, target=TARGET, options=options).run
    with pytest.raises(KeyboardInterrupt):
        execute(workspace, run, agent=reach(TARGET, options, function=stops))
    stopped = workspace.records.run(run.id)
    assert stopped.status == "cancelled"
    half = run_view(workspace, stopped)
    notes = [turn.note for turn in half.calls[0].comparison.turns]
    assert (notes[0], notes[2]) == (None, "not run yet")
    assert "turns were not run)" in half.localised[0].sentence
    execute(workspace, stopped, agent=reach(TARGET, options, function=stops))
    # The turn that was cut off is asked again, and none that is kept: the first one surely is.
    assert asked.count(asked[0]) == 1
    whole = run_view(workspace, workspace.records.run(run.id))
    assert whole.localised[0].sentence == "Turn by turn, every turn is the same"


def test_a_case_is_proposed_and_judged_turn_by_turn(
    workspace: Workspace, settings: Settings, tmp_path: Any
) -> None:
    view = replayed(fixed, settings, mode="turn", repeats=2)
    kept = keep_row(workspace, workspace.records.run(view.id), None, folder=tmp_path / "kept")
    assert kept.proof.holds
    assert {judged.outcome for repeat in kept.repeats for judged in repeat} == {"pass"}


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ({"stateless": False}, "keeps the talk on its side"),
        ({"request": {"text": "{{message}}"}}, "never hear the recorded turns"),
    ],
)
def test_an_agent_that_cannot_be_told_a_history_is_refused_before_anything_is_made(
    workspace: Workspace, target: dict[str, Any], why: str
) -> None:
    chosen = selection("shop", "s1", (), all=False, filter=None, exclude=())
    with pytest.raises(UsageError, match=why):
        prepare(
            workspace,
            chosen,
            target=HttpTarget(url="http://127.0.0.1:9", **target),
            options=RunOptions(mode="both"),
        )
    assert workspace.records.replay_sessions("shop") == ()


def test_a_template_with_the_messages_anywhere_can_be_told_a_history() -> None:
    nested = HttpTarget(url="http://h", request={"input": [{"chat": "so far: {{ messages }}"}]})
    assert why_no_history(nested) is None
    assert why_no_history(HttpTarget(url="http://h")) is None


def test_the_report_shows_the_sentence_and_the_samples(settings: Settings) -> None:
    page = render(replayed(fixed, settings, mode="both", repeats=2))
    assert "turn 2 changed first in 2 of 2 samples" in page
    assert "2 tools changed" in page
    assert "end to end, and turn by turn" in page


@pytest.mark.parametrize("text", ["turn, conversation", "conversation,turn", "both"])
def test_both_modes_may_be_named_in_any_way(text: str) -> None:
    assert run_mode(text) == "both"


@pytest.mark.parametrize("text", ["", "turns", "turn,turn,fork", "fork"])
def test_an_unknown_mode_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not known"):
        run_mode(text)


def test_a_row_of_one_turn_is_one_sample(workspace: Workspace) -> None:
    recording = codec.record(REFUND, Fidelity(score=None, axes=()))
    view = run_rows(
        workspace,
        [Row(id="second", recording_hash=recording.hash, turn=2)],
        recordings=[recording],
        target=TARGET,
        options=RunOptions(mode="turn"),
        name="one turn",
        function=fixed,
    )
    assert [turn.turn for turn in view.localised[0].turns] == [2]
    assert [turn.index for turn in view.calls[0].comparison.turns] == [2]


def test_what_was_written_before_a_turn_is_not_written_again_on_it(settings: Settings) -> None:
    def pays_twice(messages: list[dict[str, Any]], message: str) -> str:
        if "did not ask" not in message:
            return old(messages, message)
        try:
            issue_refund("A-1003", 49.9)
        except reenact.ToolRefused as error:
            return str(error)
        return "paid again"

    (call,) = replayed(pays_twice, settings, mode="turn").calls
    assert (call.turns[2].assistant or "").startswith("refused: ")
    assert call.turns[2].tool_calls[0].provenance == "refused"


def test_a_turn_that_failed_says_nothing_of_what_others_are_judged_by(
    workspace: Workspace,
) -> None:
    def failing(messages: list[dict[str, Any]], message: str) -> str:
        if "A-1001" in message:
            raise ValueError("lost my way")
        return fixed(messages, message)

    recording = codec.record(REFUND, Fidelity(score=None, axes=()))
    wanted = (
        Expectation(kind="must_call", turn=2, tool="check_status"),
        Expectation(kind="must_not_call", turn=2, tool="issue_refund"),
    )
    view = run_rows(
        workspace,
        [Row(id="r", recording_hash=recording.hash, expectations=wanted)],
        recordings=[recording],
        target=TARGET,
        options=RunOptions(mode="turn"),
        name="judged",
        function=failing,
    )
    assert view.rows[0].verdict == "fixed"
