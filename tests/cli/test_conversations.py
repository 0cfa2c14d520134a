"""`reenact conversations --json` is a contract, and its schema lies in docs/reference."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from reenact.cli.schema import schema_of

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PROJECT = ("--project", "oi_openai_rooted")


@pytest.mark.parametrize("output", ["conversations", "run", "forks"])
def test_the_schema_in_the_docs_is_that_of_the_code(output, reenact):
    kept = json.loads((REFERENCE / f"{output}.schema.json").read_text())
    assert kept == schema_of(output), (
        f"reenact schema {output} > docs/reference/{output}.schema.json"
    )
    assert json.loads(reenact("schema", output).out) == kept
    jsonschema.Draft202012Validator.check_schema(kept)


@pytest.mark.parametrize("project", ["oi_openai_rooted", "oi_openai_bare", "vercel_ai_json"])
def test_the_json_of_a_real_capture_fits_its_schema(captured, project):
    told = json.loads(captured("conversations", "--project", project, "--json").out)
    jsonschema.Draft202012Validator(schema_of("conversations")).validate(told)
    assert len(told["conversations"]) == 5


def test_a_document_that_lacks_a_field_does_not_fit(captured):
    told = json.loads(captured("conversations", *PROJECT, "--json").out)
    del told["conversations"][0]["turns"][0]["user"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema_of("conversations")).validate(told)


def test_newest_comes_first_then_by_id(captured):
    told = json.loads(captured("conversations", *PROJECT, "--json").out)["conversations"]
    keys = [(talk["started_at"], talk["id"]) for talk in told]
    assert keys == sorted(keys, reverse=True)


def test_the_bad_turn_is_there_with_its_call(captured):
    told = json.loads(captured("conversations", *PROJECT, "--json").out)["conversations"]
    tuesday = next(talk for talk in told if talk["id"] == "sess:sess-tue-4711")
    turn = tuesday["turns"][3]
    assert turn["index"] == 4
    assert [(c["name"], c["arguments"]) for c in turn["tool_calls"]] == [
        ("issue_refund", {"order_id": "A-1003", "amount": 49.9})
    ]
    assert tuesday["user_ids"] == ["user-ana"]
    assert tuesday["kind"] == "session"
    assert tuesday["fidelity"]["score"] > 80


@pytest.mark.parametrize(("kind", "count"), [("session", 4), ("trace", 1)])
def test_kind_narrows_to_sessions_or_to_traces(captured, kind, count):
    told = json.loads(captured("conversations", *PROJECT, "--kind", kind, "--json").out)
    assert [talk["kind"] for talk in told["conversations"]] == [kind] * count


def test_no_conversation_is_an_empty_list(captured):
    ended = captured("conversations", *PROJECT, "--user", "nobody", "--json")
    assert json.loads(ended.out) == {"conversations": []}


def test_people_get_a_list(captured):
    ended = captured("conversations", *PROJECT)
    assert "sess:sess-tue-4711" in ended.out
    assert "5 conversations in oi_openai_rooted" in ended.err
