"""What a run says of its user: the choice of each turn, the share of recorded words, a model."""

from __future__ import annotations

import json
from typing import Any

import pytest

import reenact
from reenact.cli.run_text import run_lines
from reenact.compare.html import render
from reenact.domain.run_view import RunView
from reenact.errors import UsageError
from reenact.llm.scripted import ScriptedModel
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.story import fixed, old, put
from support.talks import REFUND


def asking(messages: list[dict[str, Any]], message: str) -> str:
    asked = any("colour" in str(m["content"]) for m in messages)
    if "A-1003" in message and not asked:
        return "Sure. What colour is it?"
    return "Thank you. It is in transit." if asked else "It has shipped."


def improvise(words: str) -> str:
    return json.dumps({"choice": "improvise", "turn": None, "words": words, "reason": "was asked"})


def lines(run: RunView) -> str:
    return "\n".join(line for line in run_lines(run) if isinstance(line, str))


def test_each_turn_shows_the_choice_and_its_reason(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    run = reenact.replay(
        fixed, project="shop", sessions="s1", user_policy="guided", settings=settings
    )
    (call,) = run.calls
    assert [(t.choice.kind, t.choice.recorded_turn) for t in call.turns if t.choice] == [
        ("next", 1),
        ("next", 2),
    ]
    said = "user: recorded turn 1, as it was due: the recording begins with it"
    assert said in lines(run)
    assert "recorded turn 1, as it was due: the recording begins with it" in render(run)
    assert "not said: it reacts to issue_refund" in render(run)
    assert (call.verbatim_share, call.verbatim_words) == (1.0, 1.0)
    assert "verbatim 100%" in lines(run)
    assert "verbatim 100%" in render(run)


def test_verbatim_turns_have_no_choice(workspace: Workspace, settings: Settings) -> None:
    put(workspace, REFUND)
    run = reenact.replay(old, project="shop", sessions="s1", settings=settings)
    assert [turn.choice for turn in run.calls[0].turns] == [None, None, None]
    assert (run.calls[0].verbatim_share, run.calls[0].verbatim_words) == (1.0, 1.0)


def test_a_model_that_is_passed_in_decides_the_rest_and_is_named(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    model = ScriptedModel([improvise("It is red.")], name="small")
    run = reenact.replay(
        asking,
        project="shop",
        sessions="s1",
        user_policy="guided",
        model=model,
        settings=settings,
    )
    (call,) = run.calls
    assert [turn.provenance for turn in call.turns][:3] == ["recorded", "recorded", "simulated"]
    assert call.verbatim_share == pytest.approx(2 / 3)
    assert "user: improvised (small decided): was asked" in lines(run)
    assert "verbatim 67% of turns, 88% of words" in lines(run)


def test_a_failure_of_the_users_side_is_no_error_of_the_agent(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    model = ScriptedModel([improvise("It is number 77.")] * 3)
    run = reenact.replay(
        asking,
        project="shop",
        sessions="s1",
        user_policy="guided",
        model=model,
        settings=settings,
    )
    (call,) = run.calls
    assert (call.ended_reason, call.agent_error) == ("user_failed", None)
    assert call.verdict == "no_evidence"
    assert call.verbatim_share == 1.0
    assert "the user's side failed" in lines(run)
    assert "side failed" in render(run)


def test_the_simulated_user_needs_a_model_and_says_so_before_anything_runs(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    with pytest.raises(UsageError, match="the simulated user is a language model"):
        reenact.replay(
            fixed, project="shop", sessions="s1", user_policy="simulated", settings=settings
        )
    assert workspace.records.runs("shop") == ()


def test_a_simulated_replay_of_a_recording_is_not_comparable_with_it(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, REFUND)
    model = ScriptedModel(
        [
            json.dumps({"words": "Where is A-1003?", "done": False, "reached": None, "reason": ""}),
            json.dumps({"words": None, "done": True, "reached": True, "reason": "I know"}),
        ]
    )
    run = reenact.replay(
        fixed,
        project="shop",
        sessions="s1",
        user_policy="simulated",
        model=model,
        settings=settings,
    )
    (call,) = run.calls
    assert (call.verdict, call.verbatim_share) == ("not_comparable", 0.0)
    assert call.verdict_reason == (
        "Not comparable: only 0% of what the user said in the replay was recorded."
    )
