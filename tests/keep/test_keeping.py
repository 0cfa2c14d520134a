from __future__ import annotations

from pathlib import Path

import pytest

from reenact.domain.agent import CallableTarget, HttpTarget
from reenact.domain.expectation import Expectation
from reenact.domain.run_view import RunView
from reenact.errors import AgentUnreachable, UnknownId, UsageError
from reenact.evaluate.expectations import statement
from reenact.keep.case import KeptCase
from reenact.keep.file import read_case
from reenact.keep.keeping import Kept, keep_row, target_text
from reenact.keep.suite import run_case
from reenact.runs.replay import replay
from reenact.runs.workspace import Workspace


def replayed(workspace: Workspace, agent: str, *, repeats: int = 1) -> RunView:
    """Replay Tuesday's session against `agent`."""
    return replay(
        agent,
        project="shop",
        sessions="sess-tue-4711",
        user_policy="strict",
        repeats=repeats,
        settings=workspace.settings,
    )


def keep(
    workspace: Workspace, agent: str, folder: Path, *, repeats: int = 1, **how: object
) -> Kept:
    run = workspace.records.run(replayed(workspace, agent, repeats=repeats).id)
    return keep_row(workspace, run, None, folder=folder, **how)  # type: ignore[arg-type]


@pytest.fixture
def kept(workspace: Workspace, agents: str, tmp_path: Path) -> KeptCase:
    """Tuesday's case, kept from the replay of the fixed agent."""
    found = keep(workspace, f"{agents}:fixed", tmp_path / "replays", name="tuesday")
    assert found.path is not None
    return read_case(found.path)


def test_a_fix_is_kept_with_what_it_changed_and_its_proof(
    workspace: Workspace, agents: str, tmp_path: Path
) -> None:
    found = keep(workspace, f"{agents}:fixed", tmp_path / "replays", repeats=3)
    assert found.proof.holds
    assert (found.proof.passed, found.proof.of) == (3, 3)
    assert [statement(e) for e in found.case.expectations] == [
        "must not call issue_refund on turn 4",
        "must call check_status(order_id='A-1003') on turn 4",
    ]
    assert found.path == tmp_path / "replays" / "sess-tue-4711.reenact.yaml"
    again = read_case(found.path)
    assert again == found.case
    assert (again.agent, again.user_policy, again.repeats) == (f"{agents}:fixed", "strict", 3)
    assert "fails on the recording; passes in 3 of 3 repeats" in (again.baseline or "")


def test_a_run_that_shows_no_difference_is_not_kept_unless_forced(
    workspace: Workspace, agents: str, tmp_path: Path
) -> None:
    never: list[Expectation] = []
    found = keep(workspace, f"{agents}:fixed", tmp_path, name="t", expectations=never)
    assert (found.proof.holds, found.path) == (False, None)
    assert not list(tmp_path.glob("*.reenact.yaml"))
    forced = keep(workspace, f"{agents}:fixed", tmp_path, name="t", expectations=never, force=True)
    assert forced.path is not None
    assert read_case(forced.path).expectations == ()


def test_an_update_leaves_what_people_wrote_and_adds_what_is_new(
    workspace: Workspace, agents: str, tmp_path: Path
) -> None:
    fixed = f"{agents}:fixed"
    first = keep(workspace, fixed, tmp_path, name="t", expectations=[], force=True)
    assert first.path is not None
    own = "description: Ana was very angry.\ndeclared:\n- {tool: find, arguments: {}, result: 1}\n"
    said = f"{own}expectations:\n- must_not_call: find  # never\n  turn: 4\n"
    first.path.write_text(first.path.read_text().replace("expectations: []\n", said))

    again = keep(workspace, fixed, tmp_path, name="t", update=True)
    assert [statement(e) for e in again.case.expectations] == [
        "must not call find on turn 4",
        "must not call issue_refund on turn 4",
        "must call check_status(order_id='A-1003') on turn 4",
    ]
    assert again.case.description == "Ana was very angry."
    assert [declared.tool for declared in again.case.declared] == ["find"]
    assert again.path == first.path
    assert "# never" in first.path.read_text()
    before = first.path.read_text()
    keep(workspace, fixed, tmp_path, name="t", update=True)
    assert first.path.read_text() == before


def test_an_update_repairs_a_recording_that_was_changed(
    kept: KeptCase, workspace: Workspace, agents: str
) -> None:
    assert kept.path is not None
    beside = kept.path.with_name("tuesday.recording.json")
    whole = beside.read_text()
    beside.write_text(whole[:-20])
    keep(workspace, f"{agents}:fixed", kept.path.parent, name="tuesday", update=True)
    assert beside.read_text() == whole


def test_what_no_longer_holds_stops_an_update_and_is_named(
    kept: KeptCase, workspace: Workspace, agents: str
) -> None:
    assert kept.path is not None
    text = kept.path.read_text()
    kept.path.write_text(text.replace("must_call: check_status", "must_call: gone"))
    again = keep(workspace, f"{agents}:fixed", kept.path.parent, name="tuesday", update=True)
    assert (again.path, again.updated) == (None, True)
    assert any("must call gone" in problem for problem in again.proof.problems)


def test_a_flaky_fix_is_not_kept(workspace: Workspace, agents: str, tmp_path: Path) -> None:
    found = keep(workspace, f"{agents}:flaky", tmp_path, repeats=4)
    assert (found.proof.holds, found.path) == (False, None)
    assert 0 < found.proof.passed < 4


def test_a_row_that_is_not_there_is_named(
    workspace: Workspace, agents: str, tmp_path: Path
) -> None:
    run = workspace.records.run(replayed(workspace, f"{agents}:old").id)
    with pytest.raises(UnknownId, match="no such row"):
        keep_row(workspace, run, "other", folder=tmp_path)


@pytest.mark.parametrize(
    ("agent", "verdict", "code"),
    [
        ("fixed", "fixed", 0),
        ("old", "still_failing", 1),
        ("broken", "still_failing", 1),
        ("helpless", "no_evidence", 4),
    ],
)
def test_a_kept_case_is_green_on_the_fix_and_red_when_the_bug_is_back(
    kept: KeptCase, workspace: Workspace, agents: str, agent: str, verdict: str, code: int
) -> None:
    result = run_case(kept, target=f"{agents}:{agent}", settings=workspace.settings)
    assert (result.verdict.verdict, result.exit_code) == (verdict, code), result.sentence
    assert "rests on one run" in result.sentence or verdict == "no_evidence"


def test_repeats_that_disagree_are_flaky(kept: KeptCase, workspace: Workspace, agents: str) -> None:
    result = run_case(kept, target=f"{agents}:flaky", repeats=4, settings=workspace.settings)
    assert (result.verdict.verdict, result.exit_code) == ("flaky", 0)
    assert (result.verdict.passed, result.verdict.failed) == (2, 2)


def test_a_case_runs_with_its_own_agent_on_a_machine_that_has_never_seen_it(
    kept: KeptCase, tmp_path: Path
) -> None:
    from reenact.settings import Settings

    fresh = Settings(
        home=tmp_path / "fresh",
        spans_url=f"sqlite:///{tmp_path / 'fresh' / 'spans.db'}",
        database_url=f"sqlite:///{tmp_path / 'fresh' / 'reenact.db'}",
        blobs_url=(tmp_path / "blobs").as_uri(),
    )
    assert run_case(kept, settings=fresh).verdict.verdict == "fixed"


def test_without_an_agent_or_with_odd_repeats_it_says_what_to_do(kept: KeptCase) -> None:
    from dataclasses import replace

    with pytest.raises(UsageError, match="no agent is named"):
        run_case(replace(kept, agent=None))
    with pytest.raises(UsageError, match="from 1 to 1000"):
        run_case(kept, repeats=0)


def test_an_agent_that_takes_no_connections_is_told_apart(
    kept: KeptCase, workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "gone.yaml"
    file.write_text("url: http://127.0.0.1:9/\ntools: returned\n")
    with pytest.raises(AgentUnreachable) as caught:
        run_case(kept, target=str(file), settings=workspace.settings)
    assert caught.value.exit_code == 5


def test_a_target_is_written_down_only_where_words_say_all_of_it() -> None:
    assert target_text(CallableTarget(path="shop.agent:answer")) == "shop.agent:answer"
    assert target_text(CallableTarget(path="shop.agent:answer", tools="own")) is None
    assert target_text(HttpTarget(url="http://127.0.0.1:8000/chat")) == "http://127.0.0.1:8000/chat"
    openai = HttpTarget(url="http://127.0.0.1:8000/v1", template="openai")
    assert target_text(openai) == "openai:http://127.0.0.1:8000/v1"
    assert target_text(HttpTarget(url="http://127.0.0.1/", headers={"a": "b"})) is None
