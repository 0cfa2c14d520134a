"""Replay sessions as people know them from other tools, by what can be seen from outside.

Where ours behaves otherwise, the test says which law it follows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from reenact.access.keys import Keys
from reenact.demo.talks import TALKS, TUESDAY
from reenact.runs.workspace import Workspace
from support.api import API, NORTHLIGHT, a_session, got, posted


@pytest.fixture
def of_another(client: TestClient, workspace: Workspace) -> Iterator[dict[str, str]]:
    """The headers of a key of another project."""
    made = Keys(workspace.access).make("harbour", name="theirs", scopes=["read", "run"])
    return {"authorization": f"Bearer {made.secret}"}


def test_a_new_replay_session_is_init_and_says_what_was_selected(client: TestClient) -> None:
    made = posted(client, "/replay-sessions", 201, project_id=NORTHLIGHT, ids=[TUESDAY])
    session = made["session"]
    assert session["step"] == "init"
    assert session["project_id"] == NORTHLIGHT
    assert session["replay_type"] == "session"
    assert session["ids"] == [TUESDAY]
    assert session["select_all"] is False
    assert made["exists"] is False
    assert made["suggestions"]["agent_type"] == "text"


def test_it_is_listed_and_has_no_agent_or_scenario_until_generated(client: TestClient) -> None:
    id = a_session(client)
    (listed,) = got(client, "/replay-sessions", project_id=NORTHLIGHT)["items"]
    assert listed["id"] == id
    session = got(client, f"/replay-sessions/{id}")["session"]
    assert session["agent_id"] is None
    assert session["scenario_id"] is None


def test_generating_links_agent_version_and_scenario_and_passes_the_rows_on(
    client: TestClient,
) -> None:
    """Exact rows are made at once, so ours answers `completed` where others say `generating`."""
    id = a_session(client, select_all=True)
    made = posted(client, f"/replay-sessions/{id}/generate-scenario", 201, no_of_rows=40)
    session = got(client, f"/replay-sessions/{id}")["session"]
    assert session["step"] == made["session"]["step"] == "completed"
    assert session["agent_id"] == made["agent"]["id"]
    assert session["agent_version"] == made["agent"]["versions"][-1]["number"]
    assert session["scenario_id"] == made["scenario"]["id"]
    assert made["asked"] == 40
    assert made["made"] == made["exact"] == len(TALKS)


def test_another_project_is_never_shown_to_a_key(
    client: TestClient, of_another: dict[str, str]
) -> None:
    id = a_session(client)
    body = {"project_id": NORTHLIGHT, "ids": [TUESDAY]}
    assert client.post(f"{API}/replay-sessions", json=body, headers=of_another).status_code == 400
    listed = client.get(
        f"{API}/replay-sessions", params={"project_id": NORTHLIGHT}, headers=of_another
    )
    assert (listed.status_code, listed.json()["items"]) == (200, [])
    assert client.get(f"{API}/replay-sessions/{id}", headers=of_another).status_code == 404


def test_ids_of_sessions_select_those_and_no_others(client: TestClient) -> None:
    ids = [TUESDAY, TALKS[0].session_id]
    made = posted(client, "/replay-sessions", 201, project_id=NORTHLIGHT, ids=ids)
    assert made["session"]["ids"] == ids
    assert made["suggestions"]["conversations"] == 2


def test_all_sessions_are_all_traces_that_have_one(client: TestClient) -> None:
    made = posted(client, "/replay-sessions", 201, project_id=NORTHLIGHT, select_all=True)
    assert sorted(made["session"]["ids"]) == sorted(talk.session_id for talk in TALKS)


def test_traces_are_selected_by_id_or_all(client: TestClient) -> None:
    all_of_them = got(client, "/traces", project_id=NORTHLIGHT, limit=500)["items"]
    trace = all_of_them[0]["trace_ids"][0]
    asked = {"project_id": NORTHLIGHT, "replay_type": "trace"}
    one = posted(client, "/replay-sessions", 201, **asked, ids=[trace])
    assert one["session"]["ids"] == [trace]
    every = posted(client, "/replay-sessions", 201, **asked, select_all=True)
    assert len(every["session"]["ids"]) == len(all_of_them)


def test_an_unknown_type_is_refused(client: TestClient) -> None:
    posted(
        client,
        "/replay-sessions",
        422,
        project_id=NORTHLIGHT,
        replay_type="voice_call",
        ids=[TUESDAY],
    )


def test_no_ids_select_nothing_and_are_an_error(client: TestClient) -> None:
    """Others make an empty session; law: bad input is answered by a clear error."""
    told = posted(client, "/replay-sessions", 400, project_id=NORTHLIGHT, ids=[])
    assert "take all" in told["detail"]


def test_several_sessions_stay_apart_and_their_turns_are_in_order(client: TestClient) -> None:
    id = a_session(client, ids=[TUESDAY, TALKS[0].session_id])
    made = posted(client, f"/replay-sessions/{id}/generate-scenario", 201)
    rows = got(client, f"/scenarios/{made['scenario']['id']}/rows")["items"]
    said = {row["session_id"]: row["first_user_text"] for row in rows}
    for talk in TALKS:
        if talk.session_id in said:
            view = got(client, "/conversation", project_id=NORTHLIGHT, id=f"sess:{talk.session_id}")
            assert tuple(turn["user"] for turn in view["turns"]) == talk.lines
            assert said[talk.session_id] == talk.lines[0]


def test_a_trace_is_one_turn(client: TestClient) -> None:
    traces = got(client, "/traces", project_id=NORTHLIGHT, limit=500)["items"]
    id = posted(
        client,
        "/replay-sessions",
        201,
        project_id=NORTHLIGHT,
        replay_type="trace",
        ids=[trace["trace_ids"][0] for trace in traces],
    )["session"]["id"]
    made = posted(client, f"/replay-sessions/{id}/generate-scenario", 201, no_of_rows=1000)
    rows = got(client, f"/scenarios/{made['scenario']['id']}/rows", limit=500)["items"]
    assert {row["turns"] for row in rows} == {1}


def test_a_session_that_is_not_there_is_an_error_that_names_it(client: TestClient) -> None:
    told = posted(client, "/replay-sessions", 404, project_id=NORTHLIGHT, ids=[TUESDAY, "nobody"])
    assert told["ids"] == ["nobody"]


def test_the_same_agent_again_makes_no_new_version_and_a_change_makes_one(
    client: TestClient,
) -> None:
    first, again, changed = (
        posted(
            client,
            f"/replay-sessions/{a_session(client)}/generate-scenario",
            201,
            agent_name="support",
            agent_description=description,
        )
        for description in ("Answers riders.", "Answers riders.", "Answers riders, and refunds.")
    )
    assert first["agent_version"] == again["agent_version"] == 1
    assert changed["agent_version"] == 2
    diff = got(client, f"/agents/{first['agent']['id']}/diff", before=1, after=2)
    (change,) = diff["changes"]
    assert change["field"] == "description"
    assert any(step["op"] == "insert" for step in change["text_diff"])


def test_the_first_replay_makes_the_agent_and_later_ones_use_it(client: TestClient) -> None:
    made = posted(client, f"/replay-sessions/{a_session(client)}/generate-scenario", 201)
    later = posted(client, "/replay-sessions", 201, project_id=NORTHLIGHT, ids=[TUESDAY])
    assert later["exists"] is True
    assert later["suggestions"]["agent_name"] == made["agent"]["name"]
    (agent,) = got(client, "/agents", project_id=NORTHLIGHT)["items"]
    assert agent["id"] == made["agent"]["id"]


def test_the_system_prompt_is_no_description(client: TestClient) -> None:
    made = posted(client, f"/replay-sessions/{a_session(client)}/generate-scenario", 201)
    snapshot = made["agent"]["versions"][-1]["snapshot"]
    assert snapshot["system_prompt"]
    assert snapshot["system_prompt"] not in snapshot["description"]
    expected = f"Generated from replay session for {made['agent']['name']}"
    assert made["scenario"]["description"] == expected


def test_the_scenario_says_that_it_came_of_a_replay_and_of_which_project(
    client: TestClient,
) -> None:
    made = posted(client, f"/replay-sessions/{a_session(client)}/generate-scenario", 201)
    assert made["scenario"]["source"] == "replay"
    assert made["scenario"]["project_id"] == NORTHLIGHT
    assert made["scenario"]["nodes"] > 0


def test_a_session_that_failed_says_why_and_can_be_deleted(client: TestClient) -> None:
    id = a_session(client)
    posted(client, f"/replay-sessions/{id}/generate-scenario", 400, agent_type="voice")
    session = got(client, f"/replay-sessions/{id}")["session"]
    assert session["step"] == "failed"
    assert "voice" in session["reason"]
    assert client.delete(f"{API}/replay-sessions/{id}").status_code == 204
    assert client.get(f"{API}/replay-sessions/{id}").status_code == 404


def test_a_misspelt_field_is_refused_and_not_ignored(client: TestClient) -> None:
    told = posted(client, "/replay-sessions", 422, project_id=NORTHLIGHT, id=[TUESDAY])
    assert "body.id" in told["detail"]
