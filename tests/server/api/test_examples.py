"""The examples in the OpenAPI document: everything has one, each is valid, and each is true.

They are told by a real server: `make examples` tells them anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from starlette.testclient import TestClient

from reenact.server.api import examples
from reenact.server.app import create_app
from reenact.server.options import ServerOptions
from support.api_noting import as_example, steady
from support.api_story import tell
from support.workspaces import workspace_in

SHOWN_AT = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
RENEW = "REENACT_RENEW_EXAMPLES"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with workspace_in(tmp_path_factory.mktemp("empty")) as workspace:
        yield create_app(workspace).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    checked = {**schema, "components": document["components"]}
    validator = Draft202012Validator(checked, format_checker=FormatChecker())
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]


def test_every_answer_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                if status.startswith("2"):
                    assert "example" in content, f"{name} {status} {kind}"
                    assert faults(document, content["schema"], content["example"]) == [], name


def test_every_body_and_every_needed_parameter_has_an_example_that_fits(
    document: dict[str, Any],
) -> None:
    for name, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content, name
            assert faults(document, content["schema"], content["example"]) == [], name
        for parameter in operation.get("parameters", ()):
            assert "example" in parameter or not parameter["required"], (name, parameter["name"])
            if "example" in parameter:
                assert faults(document, parameter["schema"], parameter["example"]) == [], name


def test_every_kind_of_problem_has_an_example_that_fits(document: dict[str, Any]) -> None:
    kept = document["components"]["examples"]
    schema = {"$ref": "#/components/schemas/Problem"}
    for name, example in kept.items():
        assert faults(document, schema, example["value"]) == [], name
    statuses = {example["value"]["status"] for example in kept.values()}
    assert {400, 401, 403, 404, 405, 409, 413, 422, 429, 503} <= statuses
    for name, operation in operations(document):
        for shown in ("4XX", "5XX"):
            (content,) = operation["responses"][shown]["content"].values()
            for reference in content["examples"].values():
                assert reference["$ref"].rpartition("/")[2] in kept, name


def test_examples_of_single_fields_fit(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, asked in schema.get("properties", {}).items():
            for value in asked.get("examples", ()):
                assert faults(document, asked, value) == [], (name, field)


def test_a_server_answers_the_story_as_the_examples_say(
    tmp_path: Path, folders: ServerOptions
) -> None:
    began = datetime.now(UTC)
    with workspace_in(tmp_path / "home") as workspace:
        app = create_app(workspace, options=folders)
        with TestClient(app, base_url="http://localhost") as client:
            story = tell(client, app, workspace)
    found = as_example(
        {"operations": story.operations, "problems": dict(sorted(story.problems.items()))},
        folder=tmp_path,
        began=began,
        shown_at=SHOWN_AT,
    )
    if RENEW in os.environ:
        with as_file(files("reenact.server.api") / examples.FILE) as file:
            file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    shown = examples.told()
    for kind, told in found.items():
        assert shown[kind].keys() == told.keys(), "make examples"
        for name, answered in told.items():
            example = shown[kind].get(name)
            expected, given = (steady(one, shown_at=SHOWN_AT) for one in (example, answered))
            assert expected == given, f"{name} has changed: make examples"
