from __future__ import annotations

from dataclasses import replace

import pytest

from reenact.domain.agent import CallableTarget
from reenact.domain.conversation import ModelCall
from reenact.domain.selection import Filter
from reenact.errors import UnknownId, UsageError
from reenact.runs.replay_sessions import create_replay_session, generate_scenario
from reenact.runs.workspace import Workspace
from support.story import put, refund
from support.talks import REFUND, agent, talk, user

TARGET = CallableTarget(path="support.story:fixed")


def test_a_new_replay_session_echoes_the_selection_and_waits_at_init(
    workspace: Workspace,
) -> None:
    put(workspace, REFUND)
    session = create_replay_session(workspace, project_id="shop", ids=["s1"])
    assert (session.step, session.replay_type, session.ids) == ("init", "session", ("s1",))
    assert len(session.recordings) == 1
    assert session.agent_id is session.scenario_id is None
    assert workspace.records.replay_session(session.id) == session


def test_the_selection_is_frozen_when_it_is_made(workspace: Workspace) -> None:
    put(workspace, REFUND)
    session = create_replay_session(workspace, project_id="shop", ids=["s1"])
    put(workspace, talk(*REFUND.items, user("One more thing"), agent("Yes?")))
    generated = generate_scenario(workspace, session)
    (row,) = generated.scenario.rows
    assert row.recording_hash == session.recordings[0]


def test_every_unknown_id_is_named_and_nothing_is_kept(workspace: Workspace) -> None:
    put(workspace, REFUND)
    with pytest.raises(UnknownId) as error:
        create_replay_session(workspace, project_id="shop", ids=["s1", "nope", "neither"])
    assert error.value.ids == ("nope", "neither")
    assert workspace.records.replay_sessions("shop") == ()


@pytest.mark.parametrize("chosen", [{}, {"ids": ["s1"], "select_all": True}])
def test_nothing_chosen_or_both_is_an_error(
    workspace: Workspace, chosen: dict[str, object]
) -> None:
    put(workspace, REFUND)
    with pytest.raises(UsageError, match="one of the two"):
        create_replay_session(workspace, project_id="shop", **chosen)  # type: ignore[arg-type]


def test_all_sessions_are_taken_but_the_excluded_and_the_unmatched(workspace: Workspace) -> None:
    put(workspace, *(refund(id) for id in ("a", "b", "c")), talk(user("Hi"), id="sess:d"))
    session = create_replay_session(
        workspace,
        project_id="shop",
        select_all=True,
        filter=Filter(tool="issue_refund"),
        exclude_ids=["b"],
    )
    assert sorted(session.ids) == ["a", "c"]


def test_a_trace_is_chosen_by_its_id(workspace: Workspace) -> None:
    put(workspace, REFUND)
    (trace,) = workspace.spans.traces("shop")
    (trace_id,) = trace.trace_ids
    session = create_replay_session(
        workspace, project_id="shop", replay_type="trace", ids=[trace_id]
    )
    generated = generate_scenario(workspace, session)
    assert [row.turn for row in generated.scenario.rows] == [1, 2, 3]


def test_generating_links_scenario_and_agent_and_completes(workspace: Workspace) -> None:
    put(workspace, REFUND)
    session = create_replay_session(workspace, project_id="shop", ids=["s1"])
    made = generate_scenario(
        workspace, session, agent_name="Ada", scenario_name="tuesday", no_of_rows=5, target=TARGET
    )
    assert made.session.step == "completed"
    assert (made.session.agent_id, made.session.agent_version) == (made.agent.id, 1)
    assert workspace.records.scenario(made.session.scenario_id or "").name == "tuesday"
    assert made.made == "5 rows asked, 1 made: 1 exact, 0 variants"
    (recording,) = workspace.records.recordings(made.session.recordings)
    assert made.fidelity == f"fidelity {recording.fidelity.score} of 100"
    assert replace(made, scores=(40, 90, 60)).fidelity == "fidelity 40 to 90 of 100"
    assert made.scenario.description == "Generated from replay session for Ada"


def test_more_sessions_than_rows_keeps_every_exact_row(workspace: Workspace) -> None:
    put(workspace, *(refund(f"s{number}") for number in range(5)))
    session = create_replay_session(workspace, project_id="shop", select_all=True)
    made = generate_scenario(workspace, session, no_of_rows=2)
    assert made.made == "2 rows asked, 5 made: 5 exact, 0 variants"


@pytest.mark.parametrize("rows", [0, 1001])
def test_a_row_count_out_of_bounds_fails_the_session_and_says_why(
    workspace: Workspace, rows: int
) -> None:
    put(workspace, REFUND)
    session = create_replay_session(workspace, project_id="shop", ids=["s1"])
    with pytest.raises(UsageError):
        generate_scenario(workspace, session, no_of_rows=rows)
    failed = workspace.records.replay_session(session.id)
    assert failed.step == "failed"
    assert str(rows) in (failed.reason or "")


def test_a_session_that_has_its_scenario_is_not_generated_again(workspace: Workspace) -> None:
    put(workspace, REFUND)
    session = create_replay_session(workspace, project_id="shop", ids=["s1"])
    made = generate_scenario(workspace, session)
    with pytest.raises(UsageError, match="has a scenario already"):
        generate_scenario(workspace, made.session)


def test_the_same_configuration_makes_no_new_agent_version(workspace: Workspace) -> None:
    put(workspace, REFUND)
    made = [
        generate_scenario(
            workspace,
            create_replay_session(workspace, project_id="shop", ids=["s1"]),
            target=TARGET,
        )
        for _ in range(2)
    ]
    assert [m.agent_version for m in made] == [1, 1]
    assert made[0].agent.id == made[1].agent.id


def test_a_changed_prompt_makes_exactly_one_new_version_and_keeps_the_old(
    workspace: Workspace,
) -> None:
    first = replace(REFUND, items=(*REFUND.items, ModelCall(system_prompt="Be brief.")))
    other = replace(refund("s2"), items=(*REFUND.items, ModelCall(system_prompt="Be kind.")))
    put(workspace, first, other)
    for id in ("s1", "s2", "s1"):
        session = create_replay_session(workspace, project_id="shop", ids=[id])
        made = generate_scenario(workspace, session, target=TARGET)
    assert [v.snapshot.system_prompt for v in made.agent.versions] == ["Be brief.", "Be kind."]
    assert made.agent_version == 1
    assert made.agent.versions[1].note == "changed: system_prompt"


def test_the_snapshot_names_every_tool_that_was_called(workspace: Workspace) -> None:
    put(workspace, REFUND)
    session = create_replay_session(workspace, project_id="shop", ids=["s1"])
    snapshot = generate_scenario(workspace, session).agent.latest.snapshot
    assert [tool.name for tool in snapshot.tools] == ["check_status", "issue_refund"]
