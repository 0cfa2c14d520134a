"""LangSmith's runs: the same conversations as over OTLP, and nothing of the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reenact.capture.dialects import read
from reenact.capture.importers.langsmith_runs import span_of
from support.captures import spans_of_capture
from support.conformance import score
from support.exports import lines
from support.imported import DATA, PROJECT, a_store, imported, imported_files
from support.langsmith_exports import SECRET, langsmith_v1, langsmith_v2
from support.views import differences

LOST = {
    r".*span_id": "runs have ids of their own",
    r".*streamed": "the API tells of streaming by the time of the first token only",
}


@pytest.mark.parametrize("version", [1, 2])
def test_every_fact_of_the_truth_is_found(shared: Path, tmp_path: Path, version: int):
    folder = shared / "data" / "otlp" / "langsmith_otel"
    spans = spans_of_capture(folder)
    text = (
        lines(langsmith_v1(spans))
        if version == 1
        else json.dumps({"items": langsmith_v2(spans), "next_cursor": None})
    )
    found = imported_files(tmp_path / "export", {"runs.jsonl" if version == 1 else "r.json": text})

    assert found.report.rejected == 0
    assert score(folder, found.conversations).differences == []
    assert differences(imported(folder / "wire").views, found.views, lost=LOST) == []


def test_runs_of_a_real_langgraph_are_one_session():
    (talk,) = imported(DATA / "langsmith_langgraph.jsonl").conversations

    assert talk.session_id == "sess-1"
    assert talk.agent_name == "shop_agent"
    assert talk.system_prompt == "Be brief."
    assert talk.metadata == {"channel": "web"}
    assert [tool.name for tool in talk.tools] == ["check_status"]
    assert [(c.id, c.arguments, c.error) for c in talk.tool_calls] == [
        ("call_1", {"order_id": "A-1001"}, None),
        ("call_2", {"order_id": "Z-9999"}, "ValueError: no order Z-9999"),
    ]
    assert talk.tool_calls[0].result == {"order_id": "A-1001", "status": "shipped"}
    assert [c.usage.input_tokens for c in talk.model_calls] == [20, 57, 194]
    assert {c.usage.reasoning_tokens for c in talk.model_calls} == {2}


def test_siblings_whose_ids_begin_alike_stay_apart():
    runs = [
        json.loads(line) for line in (DATA / "langsmith_langgraph.jsonl").read_text().splitlines()
    ]
    heads = {run["id"][:18] for run in runs}
    assert len(heads) < len(runs), "the export holds ids of one millisecond"

    assert len({span_of(run, project="p").span_id for run in runs}) == len(runs)


def test_nothing_of_the_environment_is_kept(shared: Path, tmp_path: Path):
    spans = spans_of_capture(shared / "data" / "otlp" / "langsmith_otel")
    path = tmp_path / "runs.jsonl"
    path.write_text(lines(langsmith_v1(spans)))
    assert SECRET in path.read_text()
    with a_store() as store:
        from reenact.capture.importing import import_paths

        import_paths([path], store=store, project=PROJECT)
        kept = [
            s.span
            for t in store.traces(PROJECT)
            for s in store.spans_of_traces(PROJECT, t.trace_ids)
        ]

    assert len(kept) == 47
    assert SECRET not in repr(kept)
    assert "LANGSMITH_" not in repr(kept)
    assert "LANGCHAIN_" not in repr(kept)


def test_a_failed_run_keeps_its_words_and_its_stack_apart():
    run = {
        "id": "11111111-1111-4111-8111-111111111111", "run_type": "tool", "name": "refund",
        "start_time": "2026-01-01T10:00:00.5", "end_time": "2026-01-01T10:00:01", "status": "error",
        "error": "ValueError('no')Traceback (most recent call last):\n  File x",
    }  # fmt: skip
    span = span_of(run, project="p")

    assert (span.status, span.status_message) == ("error", "ValueError('no')")
    assert span.events[0].attributes["exception.stacktrace"].startswith("Traceback")
    assert span.trace_id == "11111111111141118111111111111111"


def test_runs_inside_a_run_are_taken(tmp_path: Path):
    run = {"run_type": "chain", "start_time": "2026-01-01T10:00:00Z", "trace_id": "t"}
    child = run | {"id": "b", "parent_run_id": "a"}
    found = imported_files(
        tmp_path / "e", {"r.json": json.dumps(run | {"id": "a", "child_runs": [child]})}
    )

    assert found.report.taken == 2


def test_cost_and_first_token_of_a_run_are_read():
    run = {
        "id": "a", "run_type": "LLM", "name": "m", "start_time": "2026-01-01T10:00:00Z",
        "end_time": "2026-01-01T10:00:01Z", "first_token_time": "2026-01-01T10:00:00.300Z",
        "total_cost": "0.0012", "inputs": {"messages": [{"role": "user", "content": "Hi"}]},
        "outputs": {"generations": [[{"text": "Yo"}]]}, "prompt_tokens": 5, "completion_tokens": 1,
    }  # fmt: skip
    reading = read(span_of(run, project="p"))

    assert reading.time_to_first_token_ms == pytest.approx(300)
    assert reading.streamed is True
    assert reading.cost == pytest.approx(0.0012)
    assert [message.text for message in reading.messages_out] == ["Yo"]


def test_no_price_is_no_cost():
    run = {
        "id": "a", "run_type": "llm", "start_time": "2026-01-01T10:00:00Z", "total_cost": "0",
        "prompt_tokens": 0,
    }  # fmt: skip
    reading = read(span_of(run, project="p"))

    assert reading.cost is None
    assert reading.usage.input_tokens is None
