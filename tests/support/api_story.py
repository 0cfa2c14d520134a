"""The refund's story told over the API: every operation is asked once, and its answer noted."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from reenact.access.people import People
from reenact.demo.talks import PROJECT, TALKS, TUESDAY, WORDS
from reenact.runs.background import AT_ONCE
from reenact.runs.workspace import Workspace
from reenact.server.api.bodies import MOST_BYTES
from support.api import API, ended
from support.api_noting import Telling

TALK = f"sess:{TUESDAY}"
PASSWORD = "correct horse battery"


def tell(client: TestClient, app: FastAPI, workspace: Workspace) -> Telling:
    """Tell the story to `client`, of an empty server with the demo's agents to run."""
    story = Telling(client, app)
    People(workspace.access).set_password(PASSWORD)
    _sign_in(story, client)
    story.post("/demo")
    _look(story)
    _replay(story, client)
    _keep(story)
    _rule(story)
    _leave(story, client, workspace)
    return story


def _look(story: Telling) -> None:
    of = {"project_id": PROJECT}
    story.get("/info")
    story.get("/projects")
    story.get("/sessions", **of, text=WORDS, count=True)
    story.get("/traces", **of, text=WORDS, limit=1)
    story.get("/users", **of, text="rider-3")
    story.get("/facets", **of)
    story.get("/conversation", **of, id=TALK)
    story.get("/recording", **of, id=TALK)
    story.get("/recordings", **of, text="tubeless")
    story.get("/spans", **of, conversation=TALK, limit=2)
    story.get("/targets")
    story.fails(404, "GET", "/conversation", params={**of, "id": "sess:chat-1188"})
    story.fails(400, "GET", "/spans", params=of)
    story.fails(422, "GET", "/sessions", params={**of, "limit": 0})
    story.fails(405, "POST", "/projects")
    story.fails(413, "POST", "/demo", content=b" " * (MOST_BYTES + 1))


def _replay(story: Telling, client: TestClient) -> None:
    of = {"project_id": PROJECT}
    session = _selected(story)
    story.get("/replay-sessions", **of)
    story.get(f"/replay-sessions/{session}")
    story.post("/dry-runs", replay_session_id=session, target_name="fixed.yaml")
    made = story.post(f"/replay-sessions/{session}/generate-scenario", agent_name="support")
    _name_agent(story, made["agent"]["id"])
    scenario = made["scenario"]["id"]
    story.get("/scenarios", **of)
    for part in ("", "/whole", "/rows", "/graph"):
        story.get(f"/scenarios/{scenario}{part}")
    fixed = story.post(
        "/run-tests",
        replay_session_id=session,
        target_name="fixed.yaml",
        options={"user_policy": "strict"},
    )
    run = _executed(story, client, fixed["id"])
    story.get("/run-tests", **of)
    story.get(f"/run-tests/{fixed['id']}")
    story.get("/runs", **of)
    story.get(f"/runs/{run}")
    story.get(f"/runs/{run}/progress")
    story.get(f"/runs/{run}/report")
    (call,) = story.get(f"/runs/{run}/calls")["items"]
    story.get(f"/runs/{run}/events")
    story.get("/call", id=call["id"])
    _run_twice(story, client)
    _stop_and_go_on(story, client, fixed["id"])
    _fork(story, client)


def _selected(story: Telling, **selected: Any) -> str:
    selected = selected or {"ids": [TUESDAY]}
    made = story.post("/replay-sessions", project_id=PROJECT, **selected)
    return str(made["session"]["id"])


def _name_agent(story: Telling, agent: str) -> None:
    story.post("/agents", project_id=PROJECT, name="support", description="Looks before it pays.")
    story.get("/agents", project_id=PROJECT)
    story.get(f"/agents/{agent}")
    story.get(f"/agents/{agent}/versions")
    story.get(f"/agents/{agent}/versions/2")
    story.get(f"/agents/{agent}/diff", before=1, after=2)


def _executed(story: Telling, client: TestClient, test: str) -> str:
    run = str(story.post(f"/run-tests/{test}/execute")["id"])
    ended(client, run)
    return run


def _run_twice(story: Telling, client: TestClient) -> None:
    """Run the turn of the refund alone, twice: both sides in full would be long."""
    turn = story.operations["get_conversation"]["answer"]["turns"][3]
    session = _selected(story, replay_type="trace", ids=[turn["trace_id"]])
    story.post(f"/replay-sessions/{session}/generate-scenario", agent_name="support")
    test = story.post("/run-tests", replay_session_id=session, target_name="old.yaml")
    run = _executed(story, client, test["id"])
    again = story.post(f"/runs/{run}/rerun", select_all=True)["id"]
    ended(client, again)
    first, second = (story.get(f"/runs/{one}/calls")["items"][0]["id"] for one in (run, again))
    story.get("/call/against", id=first, other=second)
    story.get("/call/spans", id=first)


def _stop_and_go_on(story: Telling, client: TestClient, test: str) -> None:
    """Stop a run that waits, as two others are going, and let it go on."""
    runs = [story.post(f"/run-tests/{test}/execute")["id"] for _ in range(AT_ONCE + 1)]
    story.post(f"/runs/{runs[-1]}/cancel")
    story.post(f"/runs/{runs[-1]}/resume", budget={"max_turns": 100})
    for run in runs:
        ended(client, run)


def _fork(story: Telling, client: TestClient) -> None:
    made = story.post(
        "/forks",
        project_id=PROJECT,
        conversation=TALK,
        at=4,
        user="Where is my parcel?",
        target_name="fixed.yaml",
    )
    ended(client, made["run_id"])
    story.get("/forks", project_id=PROJECT, conversation=TALK)
    story.get("/forks/flat", project_id=PROJECT)


def _keep(story: Telling) -> None:
    run = story.operations["get_run"]["parameters"]["id"]
    asked = {"run_id": run, "name": "tuesday-refund"}
    story.post("/keeps/proposals", **asked)
    story.post("/keeps/proof", **asked)
    story.fails(
        409,
        "POST",
        "/keeps",
        json={**asked, "name": "with-secret", "description": "Write to ana.wood@riders.example."},
    )
    story.post("/keeps", **asked)


def _rule(story: Telling) -> None:
    of = {"project_id": PROJECT}
    story.put("/retention", **of, keep_days=30, share=0.5)
    story.get("/retention", **of)
    story.get("/retentions")
    oldest = f"sess:{TALKS[0].session_id}"
    story.post("/deletions", **of, conversations=[oldest])
    story.post("/keys", **of, name="exporter of the support agent", scopes=["ingest"])
    story.get("/keys", **of)


def _sign_in(story: Telling, client: TestClient) -> None:
    story.fails(401, "GET", "/projects")
    client.headers["x-csrf-token"] = story.post("/login", password=PASSWORD)["csrf"]
    story.get("/me")


def _leave(story: Telling, client: TestClient, workspace: Workspace) -> None:
    session = story.operations["get_replay_session"]["parameters"]["id"]
    made = story.operations["make_key"]["answer"]
    story.delete(f"/replay-sessions/{session}")
    key = {"authorization": f"Bearer {made['secret']}"}
    story.fails(403, "GET", "/projects", headers=key)
    story.delete(f"/keys/{made['key']['id']}")
    workspace.spans.close()  # as it is while a server stops
    story.fails(503, "GET", "/projects")
    story.post("/logout")
    del client.headers["x-csrf-token"]
    while "429" not in story.problems:
        answer = client.post(f"{API}/login", json={"password": "a guess"})
        if answer.status_code == 429:
            story.problems["429"] = answer.json()
