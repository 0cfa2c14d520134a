"""Run tests, runs and comparisons as people know them from other tools, seen from outside.

Where ours behaves otherwise, the test says which law it follows.
"""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from reenact.access.keys import Keys
from reenact.demo.talks import TALKS, TUESDAY
from reenact.runs.workspace import Workspace
from support.api import API, NORTHLIGHT, a_run, a_session, ended, got, posted


def calls_of(client: TestClient, run_id: str) -> list[dict]:
    return got(client, f"/runs/{run_id}/calls", limit=500)["items"]


def a_scenario(client: TestClient, **selected: object) -> dict:
    return posted(
        client, f"/replay-sessions/{a_session(client, **selected)}/generate-scenario", 201
    )


def test_a_completed_call_is_compared_with_its_recording(client: TestClient) -> None:
    run = a_run(client, "fixed.yaml")
    (line,) = calls_of(client, run["id"])
    detail = got(client, "/call", id=line["id"])
    assert detail["call"]["baseline"]["session_id"] == TUESDAY
    statuses = [turn["status"] for turn in detail["call"]["comparison"]["turns"]]
    assert "tools_changed" in statuses
    spans = got(client, "/call/spans", id=line["id"])
    assert spans["baseline"]
    assert spans["replay"] == []  # this agent sends none


def test_a_call_that_is_not_there_is_said_to_be_missing(client: TestClient) -> None:
    """Others answer 400; an id that is nowhere is a 404 in all of this API."""
    assert client.get(f"{API}/call", params={"id": "run-1/row/0"}).status_code == 404


def test_nobody_who_must_sign_in_sees_a_comparison(
    client: TestClient, workspace: Workspace
) -> None:
    run = a_run(client, "old.yaml")
    (line,) = calls_of(client, run["id"])
    wrong = {"authorization": "Bearer rnk_nobody_nothing"}
    answer = client.get(f"{API}/call", params={"id": line["id"]}, headers=wrong)
    assert answer.status_code == 401


def test_a_call_that_has_not_run_has_no_turns_and_no_verdict_on_them(client: TestClient) -> None:
    """Others refuse to compare before the end; ours tells what there is, live."""
    session = a_session(client, select_all=True)
    posted(client, f"/replay-sessions/{session}/generate-scenario", 201)
    test = posted(
        client,
        "/run-tests",
        201,
        replay_session_id=session,
        target_name="slow.py:answer",
        options={"concurrency": 1, "allow_live_tools": True},
    )
    run = posted(client, f"/run-tests/{test['id']}/execute", 202)
    posted(client, f"/runs/{run['id']}/cancel", 202)
    detail = ended(client, run["id"])
    assert detail["status"] == "cancelled"
    left = [line for line in calls_of(client, run["id"]) if line["status"] == "pending"]
    assert left
    assert {line["worst"] for line in left if not line["turns"]} == {None}
    assert detail["progress"]["calls"] == len(TALKS)


def test_a_change_is_told_in_numbers_and_percent_and_never_of_nothing(client: TestClient) -> None:
    run = a_run(client, "fixed.yaml")
    for metric in run["summary"]["metrics"]:
        if metric["baseline"] is None or metric["replay"] is None:
            assert metric["change"] is None
        if not metric["baseline"]:
            assert metric["change_percent"] is None
    names = {metric["name"]: metric for metric in run["summary"]["metrics"]}
    assert names["latency_ms"]["better"] == "lower"
    assert names["tool_calls"]["change"] == 0


def test_a_turn_without_an_answer_is_whole_and_says_so(client: TestClient) -> None:
    """No half turns: a turn that was not said stands as missing beside the recorded one."""
    run = a_run(client, "fixed.yaml")
    (line,) = calls_of(client, run["id"])
    for turn in got(client, "/call", id=line["id"])["call"]["comparison"]["turns"]:
        assert turn["recorded_turn"] is not None or turn["replayed_turn"] is not None
        if turn["replayed_turn"] is None:
            assert turn["status"] == "missing"


def test_a_session_without_a_scenario_cannot_be_run_and_is_named(client: TestClient) -> None:
    session = a_session(client)
    told = posted(client, "/run-tests", 400, replay_session_id=session, target_name="old.yaml")
    assert session in told["detail"]
    assert "init" in told["detail"]


def test_a_failed_session_cannot_be_run_and_says_why_it_failed(client: TestClient) -> None:
    session = a_session(client)
    posted(client, f"/replay-sessions/{session}/generate-scenario", 400, agent_type="voice")
    told = posted(client, "/run-tests", 400, replay_session_id=session, target_name="old.yaml")
    assert "failed" in told["detail"]
    assert "voice" in told["detail"]


def test_a_scenario_whose_recordings_are_gone_cannot_be_run_and_is_named(
    client: TestClient,
) -> None:
    session = a_session(client)
    made = posted(client, f"/replay-sessions/{session}/generate-scenario", 201)
    test = posted(client, "/run-tests", 201, replay_session_id=session, target_name="old.yaml")
    posted(
        client,
        "/deletions",
        200,
        project_id=NORTHLIGHT,
        conversations=[f"sess:{TUESDAY}"],
        recordings=True,
    )
    told = posted(client, f"/run-tests/{test['id']}/execute", 400)
    assert made["scenario"]["name"] in told["detail"]


def test_scenarios_of_another_project_are_not_told_from_those_that_are_nowhere(
    client: TestClient, workspace: Workspace
) -> None:
    made = a_scenario(client)
    key = Keys(workspace.access).make("harbour", name="theirs", scopes=["read", "run"])
    headers = {"authorization": f"Bearer {key.secret}"}
    told = [
        client.post(
            f"{API}/run-tests",
            json={"scenario_ids": [id], "agent_id": "agent-1", "target_name": "old.yaml"},
            headers=headers,
        )
        for id in (made["scenario"]["id"], "scenario-of-nobody")
    ]
    assert [answer.status_code for answer in told] == [404, 404]
    assert told[0].json()["ids"] == [made["scenario"]["id"]]


def test_what_nobody_listed_is_never_run(client: TestClient) -> None:
    made = a_scenario(client)
    for target in (
        {"kind": "callable", "path": "os:system"},
        {"kind": "command", "command": ["touch", "x"]},
    ):
        told = posted(
            client,
            "/run-tests",
            400,
            scenario_ids=[made["scenario"]["id"]],
            agent_id=made["agent"]["id"],
            target=target,
        )
        assert "only run where the server lists it" in told["detail"]
    told = posted(
        client,
        "/run-tests",
        400,
        scenario_ids=[made["scenario"]["id"]],
        agent_id=made["agent"]["id"],
        target_name="../../secret.yaml",
    )
    assert "has no agent called" in told["detail"]


def test_chosen_calls_run_again_and_the_earlier_run_stays(client: TestClient) -> None:
    first = a_run(client, "old.yaml", select_all=True)
    lines = calls_of(client, first["id"])
    again = posted(
        client,
        f"/runs/{first['id']}/rerun",
        202,
        select_all=True,
        exclude_ids=[lines[0]["id"]],
    )
    assert again["id"] != first["id"]
    done = ended(client, again["id"])
    assert done["summary"]["completed"] == len(lines) - 1
    rows = {line["row_id"] for line in calls_of(client, again["id"])}
    assert rows == {line["row_id"] for line in lines[1:]}
    assert got(client, f"/runs/{first['id']}")["summary"] == first["summary"]


def test_scores_alone_are_made_again_without_asking_the_agent(client: TestClient) -> None:
    run = a_run(client, "old.yaml")
    again = posted(client, f"/runs/{run['id']}/rerun", 202, mode="scores_only")
    assert again["id"] == run["id"]
    assert len(got(client, "/runs", project_id=NORTHLIGHT)["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"call_ids": ["nothing"]}, 404),
        ({}, 400),
        ({"select_all": True, "call_ids": ["x"]}, 400),
        ({"selectall": True}, 422),
    ],
)
def test_a_rerun_of_nothing_or_of_unknown_fields_is_refused(
    client: TestClient, body: dict, status: int
) -> None:
    run = a_run(client, "old.yaml")
    posted(client, f"/runs/{run['id']}/rerun", status, **body)


def test_runs_are_listed_newest_first_a_page_at_a_time(client: TestClient) -> None:
    runs = [a_run(client, name)["id"] for name in ("old.yaml", "fixed.yaml")]
    first = got(client, "/runs", project_id=NORTHLIGHT, limit=1)
    assert [line["id"] for line in first["items"]] == [runs[1]]
    rest = got(client, "/runs", project_id=NORTHLIGHT, limit=1, cursor=first["next_cursor"])
    assert [line["id"] for line in rest["items"]] == [runs[0]]
    assert rest["next_cursor"] is None
