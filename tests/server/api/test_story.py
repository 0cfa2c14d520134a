"""Tuesday's story over the API: found, made a scenario, tried dry, run, compared, kept."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from reenact.demo.talks import TUESDAY
from reenact.server.options import ServerOptions
from support.api import API, NORTHLIGHT, a_run, a_session, ended, got, posted

NAME = "tuesday-refund"


def test_the_story_from_the_session_to_a_kept_test(
    client: TestClient, folders: ServerOptions
) -> None:
    session = a_session(client)
    dry = posted(client, "/dry-runs", 200, replay_session_id=session, target_name="fixed.yaml")
    assert dry["unguarded"] == []
    assert dry["problems"] == []
    assert "can be answered from the recording; 1 is a write and can never run" in dry["sentence"]

    run = a_run(client, "fixed.yaml")
    assert run["status"] == "completed", run["reason"]
    assert run["summary"]["total"] == 1
    (line,) = got(client, f"/runs/{run['id']}/calls")["items"]
    assert line["worst"] == "tools_changed"

    detail = got(client, "/call", id=line["id"])
    assert detail["can_keep"]
    assert detail["call"]["comparison"]["first_other_act"]["turn"] == 4

    asked = {"run_id": run["id"], "name": NAME}
    assert posted(client, "/keeps/proposals", 200, **asked)["expectations"]
    assert posted(client, "/keeps/proof", 200, **asked)["holds"]
    kept = posted(client, "/keeps", 201, **asked)
    assert folders.cases is not None
    assert Path(kept["path"]) == folders.cases / f"{NAME}.reenact.yaml"
    assert Path(kept["path"]).read_text() == kept["proof"]["file"]


def test_two_replays_of_one_recording_stand_side_by_side(client: TestClient) -> None:
    runs = [a_run(client, f"{name}.yaml") for name in ("old", "fixed")]
    ids = [got(client, f"/runs/{run['id']}/calls")["items"][0]["id"] for run in runs]
    beside = got(client, "/call/against", id=ids[0], other=ids[1])
    assert beside["comparison"]["first_other_act"]["turn"] == 4
    same = got(client, "/call/against", id=ids[0], other=ids[0])
    assert {turn["status"] for turn in same["comparison"]["turns"]} == {"same"}


def test_all_talks_run_and_the_events_of_the_run_are_told(client: TestClient) -> None:
    session = a_session(client, select_all=True)
    made = posted(client, f"/replay-sessions/{session}/generate-scenario", 201)
    test = posted(client, "/run-tests", 201, replay_session_id=session, target_name="old.yaml")
    run = posted(client, f"/run-tests/{test['id']}/execute", 202)
    with client.stream("GET", f"{API}/runs/{run['id']}/events") as stream:
        names = [line[7:] for line in stream.iter_lines() if line.startswith("event: ")]
    assert names[0] == names[-1] == "progress"
    assert names.count("call_ended") == made["made"]
    detail = ended(client, run["id"])
    assert detail["summary"]["completed"] == made["made"]
    assert detail["distributions"]


def test_a_fork_runs_from_its_turn(client: TestClient) -> None:
    made = posted(
        client,
        "/forks",
        202,
        project_id=NORTHLIGHT,
        conversation=f"sess:{TUESDAY}",
        at=4,
        user="Where is my parcel?",
        target_name="fixed.yaml",
    )
    assert ended(client, made["run_id"])["status"] == "completed"
    (tree,) = got(client, "/forks", project_id=NORTHLIGHT)
    assert [fork["id"] for fork in tree["forks"]] == [made["fork_id"]]
