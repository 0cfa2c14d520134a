"""Tuesday's story over the API: found, made a scenario, tried dry, run, compared, kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from reenact.demo.talks import TUESDAY
from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from reenact.server.options import ServerOptions

API = "/api/v1"
NORTHLIGHT = "northlight"
NAME = "tuesday-refund"


@pytest.fixture
def folders(tmp_path: Path) -> ServerOptions:
    agents, cases = tmp_path / "agents", tmp_path / "cases"
    agents.mkdir()
    for name in ("old", "fixed"):
        (agents / f"{name}.yaml").write_text(f"path: reenact.demo.agents:{name}\n")
    return ServerOptions(agents=agents, cases=cases)


@pytest.fixture
def client(workspace: Workspace, folders: ServerOptions) -> Iterator[TestClient]:
    app = create_app(workspace, options=folders)
    with TestClient(app, base_url="http://localhost") as opened:
        yield opened


def posted(client: TestClient, path: str, status: int, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{API}{path}", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def got(client: TestClient, path: str, **params: Any) -> Any:
    answer = client.get(f"{API}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ended(client: TestClient, run_id: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        run: dict[str, Any] = got(client, f"/runs/{run_id}")
        if run["status"] not in ("pending", "running"):
            return run
        time.sleep(0.1)
    raise AssertionError(f"{run_id} did not end")


def a_session(client: TestClient, **selected: Any) -> str:
    selected = selected or {"ids": [TUESDAY]}
    made = posted(client, "/replay-sessions", 201, project_id=NORTHLIGHT, **selected)
    return str(made["session"]["id"])


def a_run(client: TestClient, target: str, **selected: Any) -> dict[str, Any]:
    session = a_session(client, **selected)
    posted(client, f"/replay-sessions/{session}/generate-scenario", 201)
    test = posted(client, "/run-tests", 201, replay_session_id=session, target_name=target)
    run = posted(client, f"/run-tests/{test['id']}/execute", 202)
    return ended(client, run["id"])


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
