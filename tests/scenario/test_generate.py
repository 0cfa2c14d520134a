from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reenact.codec import from_json, record, to_json
from reenact.domain.fidelity import Fidelity
from reenact.domain.recording import Recording
from reenact.domain.scenario import Scenario
from reenact.errors import UsageError
from reenact.scenario.generate import scenario_from
from support.talks import agent, talk, user

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def recordings(count: int, agent_name: str | None = None) -> list[Recording]:
    talks = [talk(user("Hi"), agent(f"Hello {n}"), id=f"sess:s{n}") for n in range(count)]
    named = [
        replace(t, kind="session", session_id=f"s{n}", agent_name=agent_name)
        for n, t in enumerate(talks)
    ]
    return [record(t, Fidelity(score=None, axes=())) for t in named]


def generated(count: int, agent_name: str | None = None, **options: object) -> Scenario:
    return scenario_from(
        recordings(count, agent_name),
        id="scenario-1",
        project_id="shop",
        name="refunds",
        replay_type="session",
        created_at=NOW,
        **options,  # type: ignore[arg-type]
    )


def test_a_scenario_says_how_many_rows_were_asked_and_holds_those_made() -> None:
    scenario = generated(3)
    assert (scenario.asked, len(scenario.rows), scenario.source) == (20, 3, "replay")
    assert set(scenario.graph.paths) == {"sess:s0", "sess:s1", "sess:s2"}


def test_more_conversations_than_rows_asked_all_stay() -> None:
    scenario = generated(5, no_of_rows=2)
    assert (scenario.asked, len(scenario.rows)) == (2, 5)


@pytest.mark.parametrize("asked", [0, -1, 1001])
def test_a_number_of_rows_out_of_bounds_is_wrong_use(asked: int) -> None:
    with pytest.raises(UsageError, match=f"no_of_rows is {asked}"):
        generated(1, no_of_rows=asked)


def test_without_a_recording_there_is_no_scenario() -> None:
    with pytest.raises(UsageError, match="at least one recording"):
        generated(0)


def test_the_description_falls_back_to_the_agents_name() -> None:
    assert generated(1, "support").description == "Generated from replay session for support"
    assert generated(1).description == "Generated from replay session for shop"
    assert generated(1, description="Refunds").description == "Refunds"


def test_a_scenario_survives_the_way_through_json() -> None:
    scenario = generated(4)
    assert from_json(Scenario, to_json(scenario), where="here") == scenario
