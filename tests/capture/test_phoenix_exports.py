"""Phoenix's exports: attributes become what the instrumentation wrote."""

from __future__ import annotations

import json
from pathlib import Path

from reenact.capture.importers.phoenix_spans import span_of
from support.captures import spans_of_capture
from support.conformance import score
from support.exports import lines
from support.imported import imported, imported_files
from support.peer_exports import phoenix
from support.views import differences


def test_the_contract_shows_what_the_direct_import_shows(shared: Path, tmp_path: Path):
    folder = shared / "data" / "otlp" / "oi_openai_rooted"
    rows = phoenix(spans_of_capture(folder))
    found = imported_files(tmp_path / "e", {"p.json": json.dumps({"data": rows})})

    assert score(folder, found.conversations).differences == []
    assert differences(imported(folder / "wire").views, found.views, microseconds=1) == []


def test_a_list_of_the_client_and_lines_are_taken_alike(shared: Path, tmp_path: Path):
    rows = phoenix(spans_of_capture(shared / "data" / "otlp" / "oi_openai_rooted"))
    one = imported_files(tmp_path / "a", {"p.json": json.dumps(rows)})
    other = imported_files(tmp_path / "b", {"p.jsonl": lines(rows)})

    assert one.views == other.views
    assert one.report.taken == 47


def a_frame_row() -> dict[str, object]:
    return {
        "name": "ChatCompletion", "span_kind": "LLM", "parent_id": None,
        "start_time": 1795419176118, "end_time": 1795419176229, "status_code": "OK",
        "status_message": "", "events": [], "context.span_id": "daa1c93fb44c85dd",
        "context.trace_id": "017a90619043a6b9007f47032d44ee06",
        "attributes.metadata": {"channel": "phone", "deep": {"a": [1, 2]}},
        "attributes.tag.tags": ["family"],
        "attributes.session.id": "s-1",
        "attributes.llm.model_name": "gpt-4o-mini",
        "attributes.llm.token_count.prompt": 12.0,
        "attributes.llm.token_count.completion": 3.0,
        "attributes.input.value": None,
        "attributes.llm.input_messages": [
            {"message.role": "user", "message.content": "Where is it?"},
        ],
        "attributes.llm.output_messages": [
            {"message.role": "assistant",
             "message.tool_calls": [
                 {"tool_call.id": "c1", "tool_call.function.name": "look",
                  "tool_call.function.arguments": "{\"id\": 1}"}]},
        ],
    }  # fmt: skip


def test_a_frame_is_read_as_the_span_was():
    span = span_of(a_frame_row(), project="p")

    assert json.loads(span.attributes["metadata"]) == {"channel": "phone", "deep": {"a": [1, 2]}}
    assert span.attributes["tag.tags"] == ["family"]
    assert span.attributes["llm.input_messages.0.message.content"] == "Where is it?"
    name = "llm.output_messages.0.message.tool_calls.0.tool_call.function.name"
    assert span.attributes[name] == "look"
    assert span.attributes["openinference.span.kind"] == "LLM"
    assert "input.value" not in span.attributes
    assert (span.start_ns, span.end_ns) == (1795419176118_000_000, 1795419176229_000_000)


def test_a_frame_gives_the_call_and_its_tokens(tmp_path: Path):
    found = imported_files(tmp_path / "e", {"f.jsonl": lines([a_frame_row()])})
    (talk,) = found.conversations

    assert [c.usage.input_tokens for c in talk.model_calls] == [12]
    assert [(c.name, c.arguments) for c in talk.tool_calls] == [("look", {"id": 1})]
    assert talk.tags == ("family",)


def test_typed_values_of_the_otlp_answer_are_read():
    record = {
        "trace_id": "01" * 16, "span_id": "02" * 8, "parent_span_id": None, "name": "x",
        "start_time_unix_nano": "1795419176118000001", "end_time_unix_nano": 1795419176229000000,
        "attributes": [
            {"key": "openinference.span.kind", "value": {"string_value": "TOOL"}},
            {"key": "n", "value": {"int_value": "9007199254740993"}},
            {"key": "tags", "value": {"array_value": {"values": [{"bool_value": True}]}}},
        ],
        "status": {"code": 2, "message": "broke"},
        "events": [{"name": "exception", "time_unix_nano": 1795419176118000009, "attributes": [
            {"key": "exception.message", "value": {"string_value": "no"}}]}],
    }  # fmt: skip
    span = span_of(record, project="p")

    assert span.attributes == {
        "openinference.span.kind": "TOOL", "n": 9007199254740993, "tags": [True],
    }  # fmt: skip
    assert (span.start_ns, span.status, span.status_message) == (
        1795419176118000001, "error", "broke",
    )  # fmt: skip
    assert span.events[0].attributes == {"exception.message": "no"}


def test_genai_is_read_from_its_own_keys_not_from_those_that_phoenix_made():
    record = {
        "context": {"trace_id": "01" * 16, "span_id": "02" * 8}, "name": "chat", "span_kind": "LLM",
        "start_time": "2026-01-01T10:00:00Z", "end_time": "2026-01-01T10:00:01Z",
        "attributes": {"gen_ai.operation.name": "chat", "gen_ai.input.messages": "[]"},
    }  # fmt: skip

    assert "openinference.span.kind" not in span_of(record, project="p").attributes
