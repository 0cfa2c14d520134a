"""MLflow's traces: what another library wrote is read as its own, and MLflow's own spans too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reenact.capture.importers.mlflow_traces import spans_of
from support.captures import spans_of_capture
from support.conformance import score
from support.exports import Rows, lines
from support.imported import DATA, imported, imported_files
from support.peer_exports import mlflow, mlflow_answers
from support.views import differences


def files(kind: str, rows: Rows) -> dict[str, str]:
    if kind == "to_json":
        return {"traces.jsonl": lines(rows)}
    if kind == "frame":
        frame = [
            {"trace_id": row["info"]["trace_id"], "trace": json.dumps(row), "state": "OK"}
            for row in rows
        ]
        return {"frame.json": json.dumps(frame)}
    return {"answer.json": json.dumps({"traces": rows})}


@pytest.mark.parametrize("kind", ["to_json", "frame", "answer"])
@pytest.mark.parametrize("capture", ["oi_openai_rooted", "otel_openai_v2_latest"])
def test_the_contract_shows_what_the_direct_import_shows(
    shared: Path, tmp_path: Path, kind: str, capture: str
):
    folder = shared / "data" / "otlp" / capture
    spans = spans_of_capture(folder)
    rows = mlflow_answers(spans) if kind == "answer" else mlflow(spans)
    found = imported_files(tmp_path / "e", files(kind, rows))

    assert found.report.rejected == 0
    assert score(folder, found.conversations).differences == []
    assert differences(imported(folder / "wire").views, found.views) == []


def test_spans_of_mlflows_own_openai_tracing_are_understood():
    (talk,) = imported(DATA / "mlflow_openai.jsonl").conversations

    assert (talk.session_id, talk.agent_name) == ("sess-1", "shop_agent")
    assert (talk.system_prompt, talk.metadata) == ("Be brief.", {"channel": "web"})
    assert [tool.name for tool in talk.tools] == ["check_status"]
    texts = [item.text for item in talk.items if item.kind == "message"]
    assert texts == [
        "hello",
        "Hello! How can I help?",
        "what is the status of my orders?",
        "A-1001 has shipped; Z-9999 is not known.",
    ]
    assert [(c.id, c.result, c.error) for c in talk.tool_calls] == [
        ("call_1", {"order_id": "A-1001", "status": "shipped"}, None),
        ("call_2", None, "ValueError: no order Z-9999"),
    ]
    call = talk.model_calls[-1]
    assert (call.model, call.model_response) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    assert (call.usage.input_tokens, call.usage.cached_input_tokens) == (172, 4)
    assert call.usage.reasoning_tokens == 2


def test_spans_of_mlflows_own_langchain_tracing_are_understood():
    (talk,) = imported(DATA / "mlflow_langgraph.jsonl").conversations

    assert (talk.session_id, talk.system_prompt) == ("t1", "Be brief.")
    assert [c.usage.input_tokens for c in talk.model_calls] == [20, 57, 194]
    assert [(c.id, c.error) for c in talk.tool_calls] == [
        ("call_1", None),
        ("call_2", "ValueError: no order Z-9999"),
    ]


def test_ids_of_all_versions_are_the_same_ids():
    attributes = {"mlflow.traceRequestId": '"tr-x"'}
    old = {
        "info": {"request_id": "tr-x", "request_metadata": {"mlflow.trace.session": "s"}},
        "data": {"spans": [{
            "name": "a", "context": {"trace_id": "0x" + "fb" * 16, "span_id": "0x" + "fe" * 8},
            "parent_id": None, "start_time": 1795419176118000001, "end_time": None,
            "status_code": "ERROR", "status_message": "no", "attributes": attributes, "events": [],
        }]},
    }  # fmt: skip
    new = {
        "info": {},
        "data": {"spans": [{
            "name": "a", "trace_id": "+/v7+/v7+/v7+/v7+/v7+w==", "span_id": "/v7+/v7+/v4=",
            "parent_span_id": None, "start_time_unix_nano": 1795419176118000001,
            "end_time_unix_nano": None, "status": {"code": "STATUS_CODE_ERROR", "message": "no"},
            "attributes": attributes, "events": [],
        }]},
    }  # fmt: skip
    (one,), (other,) = (list(spans_of(trace, project="p")) for trace in (old, new))

    assert one.trace_id == other.trace_id == "fb" * 16
    assert one.span_id == other.span_id == "fe" * 8
    assert (one.status, one.status_message) == (other.status, other.status_message)
    assert one.attributes["session.id"] == "s"


def test_words_that_look_like_a_number_stay_words(tmp_path: Path):
    spans = {
        "name": "chat", "trace_id": "01" * 16, "span_id": "02" * 8, "parent_span_id": None,
        "start_time_unix_nano": 1, "end_time_unix_nano": 2, "status": {"code": "OK"}, "events": [],
        "attributes": {
            "mlflow.traceRequestId": '"tr-x"', "openinference.span.kind": '"LLM"',
            "llm.input_messages.0.message.role": '"user"',
            "llm.input_messages.0.message.content": "42",
            "llm.token_count.prompt": "7",
        },
    }  # fmt: skip
    found = imported_files(
        tmp_path / "e", {"t.json": json.dumps({"info": {}, "data": {"spans": [spans]}})}
    )
    (talk,) = found.conversations

    assert [item.text for item in talk.items if item.kind == "message"] == ["42"]
    assert talk.model_calls[0].usage.input_tokens == 7


def test_a_list_of_traces_without_spans_is_skipped_with_the_reason(tmp_path: Path):
    row = {"trace_id": "tr-1", "tags": {"mlflow.traceRequestId": "x"}}
    found = imported_files(tmp_path / "e", {"t.json": json.dumps({"traces": [row]})})

    assert found.report.taken == 0
    (skipped,) = found.report.skipped
    assert "none of its 1 records is a trace of MLflow with its spans" in skipped.reason
