from __future__ import annotations

import json
from pathlib import Path

import pytest

TALK = ("--project", "oi_openai_rooted", "--session", "sess-err-01")
AGENT = """
import reenact

@reenact.tool
def check_status(order_id): raise AssertionError("a tool ran for real")

def other(messages, message):
    return check_status("N-1")["status"]
"""


@pytest.fixture(autouse=True)
def beside_the_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other_desk.py").write_text(AGENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_declared_result_answers_a_call_that_the_recording_lacks(captured, tmp_path):
    missed = captured("replay", *TALK, "--agent", "other_desk:other")
    assert "check_status was refused" in missed.out
    (tmp_path / "declared.yaml").write_text(
        "declared:\n- tool: check_status\n  arguments: {order_id: N-1}\n  result: {status: new}\n"
    )
    told = captured(
        "replay", *TALK, "--agent", "other_desk:other", "--declared", "declared.yaml", "--json"
    )
    (call,) = json.loads(told.out)["calls"]
    asked = [one for turn in call["turns"] for one in turn["tool_calls"]]
    assert {one["provenance"] for one in asked} == {"declared"}


def test_the_file_may_hold_tool_rules_too(captured, tmp_path):
    (tmp_path / "declared.yaml").write_text(
        "tool_rules:\n  check_status: {effect: read, key_fields: []}\n"
    )
    replay = ("replay", *TALK, "--agent", "other_desk:other", "--declared", "declared.yaml")
    (call,) = json.loads(captured(*replay, "--json").out)["calls"]
    asked = [one for turn in call["turns"] for one in turn["tool_calls"]]
    assert {(one["provenance"], one["served"]["rung"]) for one in asked} == {("recorded", 3)}
    assert call["unrecorded_calls"] == []
    exact = captured(*replay, "--max-rung", "1")
    assert "check_status was refused" in exact.out
    assert "calls that the recording did not answer: " in " ".join(exact.out.split())


def test_simulating_without_a_model_is_refused_before_the_run(captured):
    ended = captured("replay", *TALK, "--agent", "other_desk:other", "--on-miss", "simulate")
    assert ended.code == 2
    assert "asks a language model, and none is configured" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tool_rules: {x: {efect: read}}", "did you mean effect?"),
        ("- tool: [", "is no YAML"),
        ("tool: x", "declares no results"),
        ("- tool: x", "0.arguments: Field required"),
        ("- {tool: x, arguments: {}, result: 1, error: no}", "a result or an error, not both"),
        (None, "cannot be read"),
    ],
)
def test_a_wrong_file_of_declared_results_is_named_with_its_place(captured, tmp_path, text, said):
    if text is not None:
        (tmp_path / "declared.yaml").write_text(text)
    ended = captured("replay", *TALK, "--agent", "other_desk:other", "--declared", "declared.yaml")
    assert ended.code == 2
    assert "declared.yaml" in ended.err
    assert said in " ".join(ended.err.split())


def test_scenarios_and_agents_can_be_looked_at(captured):
    captured("replay", *TALK, "--agent", "other_desk:other")
    (scenario,) = json.loads(captured("scenarios", "list", "--json").out)
    assert sum(edge["count"] for edge in scenario["graph"]["edges"]) > 0
    shown = captured("scenarios", "show", scenario["id"])
    assert "20 rows asked, 1 made: 1 exact" in shown.out
    assert captured("scenarios", "show", scenario["name"]).out == shown.out
    (agent,) = json.loads(captured("agents", "--json").out)
    assert agent["versions"][0]["snapshot"]["model"] == "gpt-4o-mini"
    assert "gpt-4o-mini" in captured("agents").out
    unknown = captured("scenarios", "show", "nope")
    assert unknown.code == 2
    assert "-> reenact scenarios list" in unknown.err
