"""The server itself, and the demo's talks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from reenact import __version__
from reenact.access.people import People
from reenact.runs.workspace import Workspace
from reenact.server.api.info import data_file
from reenact.server.app import create_app
from support.workspaces import workspace_in

INFO = "/api/v1/info"


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path / "empty")


def test_people_are_told_where_the_data_lies_and_where_exporters_send(client, tmp_path) -> None:
    told = client.get(INFO, headers={"host": "localhost:4318"}).json()
    assert told["version"] == __version__
    assert told["data_file"] == str(tmp_path / "spans.db")
    assert told["exporter_lines"] == [
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318",
        'BatchSpanProcessor(OTLPSpanExporter(endpoint="http://localhost:4318/v1/traces"))'
        "  # in Python",
    ]
    folders = told["cases_folder"], told["agents_folder"]
    assert folders == (str(tmp_path / "cases"), str(tmp_path / "agents"))
    assert told["model"] is None


def test_with_a_password_exporters_are_told_to_show_a_key(workspace: Workspace) -> None:
    People(workspace.access).set_password("correct horse battery")
    app = create_app(workspace, behind_tls=True, hosts=["reenact.example"])
    with TestClient(app, base_url="https://reenact.example") as client:
        client.post("/api/v1/login", json={"password": "correct horse battery"})
        lines = client.get(INFO).json()["exporter_lines"]
    assert lines[0] == "OTEL_EXPORTER_OTLP_ENDPOINT=https://reenact.example"
    assert lines[2].startswith("OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20rnk_")


def test_no_password_of_a_store_or_model_is_shown(workspace: Workspace) -> None:
    settings = replace(workspace.settings, spans_url="clickhouse://me:secret@db/spans")
    assert "secret" not in data_file(Workspace(settings))
    workspace.settings = replace(workspace.settings, model="http://me:secret@host/v1#name")
    with TestClient(create_app(workspace), base_url="http://localhost") as client:
        assert client.get(INFO).json()["model"] == "http://host/v1#name"


def test_the_demo_is_loaded_once_and_answers_the_session_of_its_story(empty: Workspace) -> None:
    with empty, TestClient(create_app(empty), base_url="http://localhost") as client:
        told = client.get(INFO).json()
        assert (told["cases_folder"], told["agents_folder"]) == (None, None)
        assert told["demo_loaded"] is False
        for _ in range(2):
            answer = client.post("/api/v1/demo")
            assert answer.status_code == 201
        assert answer.json() == {"project_id": "northlight", "conversation_id": "sess:chat-1184"}
        asked = {"project_id": "northlight", "id": "sess:chat-1184"}
        assert client.get("/api/v1/conversation", params=asked).status_code == 200
        assert client.get(INFO).json()["demo_loaded"] is True
        assert [p.sessions for p in empty.spans.projects()] == [4]
