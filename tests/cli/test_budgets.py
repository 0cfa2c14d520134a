from __future__ import annotations

import json
from importlib.resources import as_file, files

import pytest

from cli.conftest import Reenact

AGENT = ("--agent", "reenact.demo.agents:old")


@pytest.fixture
def shop(reenact: Reenact) -> Reenact:
    with as_file(files("reenact.demo") / "captured") as captured:
        assert reenact("import", str(captured), "--json").code == 0
    return reenact


def test_an_estimate_runs_nothing_and_says_what_is_not_known(shop: Reenact) -> None:
    said = shop("replay", "--all", *AGENT, "--mode", "both", "--repeats", "2", "--estimate")
    assert said.code == 0
    assert said.out.startswith(
        "estimate from the recording: 16 talks, 48 turns, 10,484 in and 2,264 out tokens, "
        "cost unknown, "
    )
    assert "cost: 4 of 4 recordings do not say" in said.out
    assert "no runs yet" in shop("runs", "list").out
    told = json.loads(shop("replay", "--all", *AGENT, "--estimate", "--json").out)
    assert (told["turns"], told["cost_usd"]) == (12, None)


def test_the_estimate_is_shown_before_a_run_and_a_budget_that_will_not_do(shop: Reenact) -> None:
    ended = shop("replay", "--all", *AGENT, "--max-turns", "3")
    assert ended.code == 4
    assert "estimate from the recording: 4 talks, 12 turns" in ended.err
    assert "the budget will probably not do: 12 turns for 3" in ended.err
    assert "stopped: budget: 3 of 3 turns are run" in ended.err
    assert shop("runs", "resume", "latest").code == 2
    assert shop("runs", "resume", "latest", "--max-turns", "12").code == 0


def test_events_are_lines_of_json_without_a_word_of_the_talk(shop: Reenact) -> None:
    ended = shop("replay", "--all", *AGENT, "--json", "--log-json", "stderr")
    lines = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
    assert {line["kind"] for line in lines} == {
        "run_began",
        "turn_kept",
        "call_ended",
        "run_ended",
    }
    assert "NB-5528" not in ended.err
    json.loads(ended.out)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--max-turns", "0"], "a budget must be above 0"),
        (["--max-cost", "-1"], "a budget must be above 0"),
        (["--log-json", "/no/such/folder/log"], "cannot be written"),
        (["--mode", "sideways"], "the mode 'sideways' is not known"),
    ],
)
def test_wrong_use_is_told_before_anything_is_run(
    shop: Reenact, argv: list[str], said: str
) -> None:
    ended = shop("replay", "--all", *AGENT, *argv)
    assert ended.code == 2
    assert said in ended.err


def test_an_agent_that_cannot_be_told_a_history_is_refused(shop: Reenact) -> None:
    ended = shop("replay", "--all", *AGENT, "--mode", "turn", "--stateful")
    assert ended.code == 2
    assert "stateless: false" in ended.err
    assert "--mode conversation" in ended.err
