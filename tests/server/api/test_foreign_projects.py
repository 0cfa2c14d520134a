"""A key of one project cannot learn that another project's id exists.

Every route of the OpenAPI document is asked, with a key of one project, for things of another:
for those that are there, and for some that are nowhere. Both must be answered alike, to the byte.
A route that is added later is asked as well. Where it names a kind of thing that this file does
not know, the test fails and says so: add an id of it to `support.one_of_each`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from reenact.access.keys import Keys
from reenact.demo.talks import PROJECT
from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from support.one_of_each import fill
from support.schema_values import properties, smallest
from support.workspaces import workspace_in

MINE = "harbour"
ID = re.compile(r"(^|_)(ids?|key|hash|trace|session)$|^(conversations?|parent|other|recordings?)$")
"""How a field is called that names a thing."""
NOT_IDS = {"recordings"}  # whether they are deleted as well
BY_NAME = {
    "project_id": "projects",
    "replay_session_id": "replay-sessions",
    "agent_id": "agents",
    "scenario_ids": "scenarios",
    "run_test_id": "run-tests",
    "run_id": "runs",
    "row_id": "rows",
    "call_id": "calls",
    "call_ids": "calls",
    "parent": "forks",
    "conversation": "conversations",
    "conversations": "conversations",
    "trace_id": "traces",
    "ids": "sessions",
    "exclude_ids": "sessions",
}
"""Which kind of thing a field names; `{id}` and `{other}` in a path name what stands before."""


@dataclass(frozen=True)
class Place:
    """Where a request names a thing."""

    where: str
    name: str
    kind: str


@dataclass(frozen=True)
class Asked:
    """A request that can be filled in."""

    method: str
    path: str
    places: tuple[Place, ...]
    query: Mapping[str, Any]
    body: Any
    fields: Mapping[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with workspace_in(tmp_path_factory.mktemp("projects")) as opened:
        yield opened


@pytest.fixture(scope="module")
def things(workspace: Workspace) -> Mapping[str, str]:
    """One id of each kind of thing, all of the other project."""
    return fill(workspace)


@pytest.fixture(scope="module")
def client(workspace: Workspace, things: Mapping[str, str]) -> Iterator[TestClient]:
    made = Keys(workspace.access).make(MINE, name="mine", scopes=["ingest", "read", "run"])
    with TestClient(
        create_app(workspace),
        base_url="http://localhost",
        headers={"authorization": f"Bearer {made.secret}"},
    ) as opened:
        yield opened


def test_what_is_there_is_answered_like_what_is_nowhere(client, workspace, things) -> None:
    before = _held(workspace)
    asked = [one for one in requests(client) if one.places]
    assert asked
    told = [
        (one.method, one.path, places, there, nowhere)
        for one in asked
        for places in [*([place] for place in one.places), list(one.places)]
        for there, nowhere in [_both(client, one, places, things)]
        if there != nowhere
    ]
    assert told == []
    assert _held(workspace) == before, "a key of one project changed another"


def test_the_requests_reach_the_routes(client, things) -> None:
    """A request of the wrong shape would be answered alike, and show nothing."""
    misfits = [
        (one.method, one.path, answer.text)
        for one in requests(client)
        for answer in [_ask(client, one, {place: things[place.kind] for place in one.places})]
        if answer.status_code == 422
    ]
    assert misfits == []


def test_a_key_of_the_project_itself_finds_the_things(client, workspace, things) -> None:
    """The ids are good: what is asked for above is there."""
    made = Keys(workspace.access).make(PROJECT, name="own", scopes=["read"])
    own = {"authorization": f"Bearer {made.secret}"}
    lost = [
        (one.path, answer.text)
        for one in requests(client)
        if one.method == "get" and one.places and not one.path.endswith(("/events", "/keys"))
        for answer in [
            _ask(client, one, {place: things[place.kind] for place in one.places}, headers=own)
        ]
        if answer.status_code == 404
    ]
    assert lost == []


def requests(client: TestClient) -> Iterator[Asked]:
    """Yield a request for each route, with the places in which it names things."""
    document = client.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield _request(path, method, operation, document)


def _request(
    path: str, method: str, operation: Mapping[str, Any], document: Mapping[str, Any]
) -> Asked:
    parameters = [one for one in operation.get("parameters", ()) if one["in"] != "header"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields = properties(content.get("schema", {}), document)
    named = [(one["in"], one["name"]) for one in parameters] + [("body", name) for name in fields]
    return Asked(
        method=method,
        path=path,
        places=tuple(
            Place(where, name, _kind(path, name))
            for where, name in named
            if ID.search(name) and name not in NOT_IDS
        ),
        query={
            one["name"]: MINE if one["name"] == "project_id" else smallest(one["schema"], document)
            for one in parameters
            if one["in"] == "query" and one.get("required")
        },
        body=_own(smallest(content["schema"], document)) if content else None,
        fields=fields,
    )


def _own(body: Any) -> Any:
    return {**body, "project_id": MINE} if "project_id" in body else body


def _kind(path: str, name: str) -> str:
    """Return which kind of thing the field `name` of a request to `path` names."""
    before = re.search(rf"/([a-z-]+)/{{{name}}}", path)
    first = path.removeprefix("/api/v1/").partition("/")[0]
    if before is not None:
        return before[1]
    if name in ("id", "other"):
        # GET /call?id=... names one of the calls; a recording is known by its conversation
        return "conversations" if first == "recording" else f"{first}s"
    assert name in BY_NAME, f"what does `{name}` name in a request to {path}? Say it in BY_NAME"
    return BY_NAME[name]


def _both(
    client: TestClient, asked: Asked, places: list[Place], things: Mapping[str, str]
) -> tuple[Any, Any]:
    """Return what is answered for things that are there, and for things that are nowhere."""
    missing = {place.kind for place in places} - things.keys()
    assert not missing, (
        f"{asked.path} names {missing}: add ids of the other project to `support.one_of_each`"
    )
    there = {place: things[place.kind] for place in places}
    nowhere = {place: _made_up(id) for place, id in there.items()}
    return tuple(_seen(client, asked, ids) for ids in (there, nowhere))


def _made_up(id: str) -> str:
    """Return an id like `id` that nothing has."""
    last = re.search(r"[0-9a-z](?=[^0-9a-z]*$)", id)
    assert last is not None
    other = "7" if last[0] == "9" else "9"
    return f"{id[: last.start()]}{other}{id[last.end() :]}"


def _seen(client: TestClient, asked: Asked, ids: Mapping[Place, str]) -> Any:
    answer = _ask(client, asked, ids)
    text = answer.text
    for shown in sorted({one for id in ids.values() for one in _forms(id)}, key=len, reverse=True):
        text = text.replace(shown, "<id>")
    return answer.status_code, dict(answer.headers), text


def _forms(id: str) -> set[str]:
    """Return how an id may stand in an answer: quoted in a path, without its kind before it."""
    return {id, quote(id, safe=""), id.partition(":")[2] or id}


def _ask(client: TestClient, asked: Asked, ids: Mapping[Place, str], **more: Any) -> Any:
    path, query, body = asked.path, dict(asked.query), asked.body
    for place, id in ids.items():
        match place.where:
            case "path":
                path = path.replace(f"{{{place.name}}}", quote(id, safe=""))
            case "query":
                query[place.name] = id
            case "body":
                body = {**body, place.name: _fitting(asked.fields[place.name], id)}
    path = re.sub(r"\{[^}]+\}", "1", path)  # numbers, and ids that are not asked about
    return client.request(
        asked.method,
        path,
        params=query,
        content=None if body is None else json.dumps(body),
        headers={"content-type": "application/json", **more.get("headers", {})},
    )


def _fitting(schema: Mapping[str, Any], id: str) -> Any:
    several = schema.get("type") == "array" or any(
        one.get("type") == "array" for one in schema.get("anyOf", ())
    )
    return [id] if several else id


def _held(workspace: Workspace) -> Any:
    records = workspace.records
    return (
        [p for p in workspace.spans.projects() if p.id == PROJECT],
        records.replay_sessions(),
        records.agents(),
        records.scenarios(),
        records.run_tests(),
        records.runs(),
        workspace.forks.list(),
        workspace.access.keys(PROJECT),
    )
