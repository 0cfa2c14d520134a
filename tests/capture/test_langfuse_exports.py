"""Langfuse's exports: whatever way they are taken, the same conversations as over OTLP."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from reenact.domain.span import Span
from support.captures import spans_of_capture
from support.conformance import score
from support.exports import lines
from support.imported import imported, imported_files
from support.langfuse_exports import (
    langfuse_blob,
    langfuse_details,
    langfuse_observations,
    langfuse_traces,
    langfuse_v2,
)
from support.views import differences

CAPTURES = ("langfuse", "langfuse_llmerror")
LOST = {
    r".*_at": "Langfuse keeps times to the millisecond",
    r".*_ms": "Langfuse keeps times to the millisecond",
}


def pages(kind: str, spans: list[Span]) -> dict[str, str]:
    if kind == "details":
        return {"traces.jsonl": lines(langfuse_details(spans))}
    if kind == "lists":
        return {
            "traces.json": json.dumps({"data": langfuse_traces(spans), "meta": {"page": 1}}),
            "observations.json": json.dumps({"data": langfuse_observations(spans)}),
        }
    if kind == "version 2":
        return {"page.json": json.dumps({"data": langfuse_v2(spans), "meta": {}})}
    traces, observations = langfuse_blob(spans)
    return {"traces.jsonl": lines(traces), "observations.jsonl": lines(observations)}


KINDS = ("details", "lists", "version 2", "blob storage")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("capture", CAPTURES)
def test_every_fact_of_the_truth_is_found(shared: Path, tmp_path: Path, capture: str, kind: str):
    folder = shared / "data" / "otlp" / capture
    found = imported_files(tmp_path / "export", pages(kind, spans_of_capture(folder)))

    assert found.report.rejected == 0
    assert found.report.skipped == ()
    assert score(folder, found.conversations).differences == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_contract_shows_what_the_direct_import_shows(shared: Path, tmp_path: Path, kind: str):
    folder = shared / "data" / "otlp" / "langfuse"
    found = imported_files(tmp_path / "export", pages(kind, spans_of_capture(folder)))

    assert differences(imported(folder / "wire").views, found.views, lost=LOST) == []


def test_traces_and_observations_find_together_in_any_order(shared: Path, tmp_path: Path):
    spans = spans_of_capture(shared / "data" / "otlp" / "langfuse")
    traces, observations = langfuse_blob(spans)
    first = imported_files(
        tmp_path / "a", {"1.jsonl": lines(traces), "2.jsonl": lines(observations)}
    )
    second = imported_files(
        tmp_path / "b", {"1.jsonl": lines(observations), "2.jsonl": lines(traces)}
    )

    assert first.views == second.views
    assert {c.session_id for c in first.conversations} >= {"sess-tue-4711"}


def test_a_trace_without_observations_is_a_talk_of_its_own(tmp_path: Path):
    trace = {
        "id": "my-trace-1", "timestamp": "2026-01-01T10:00:00Z", "htmlPath": "/x", "name": "chat",
        "input": {"question": "Is it open?"}, "output": {"answer": "Until six."},
        "sessionId": "s-1", "userId": "u-1", "tags": ["web"], "latency": 1.5,
        "metadata": {"plan": "gold"},
    }  # fmt: skip
    found = imported_files(tmp_path / "export", {"t.json": json.dumps(trace)})
    (talk,) = found.conversations

    assert [(m.role, m.text) for m in talk.items] == [  # type: ignore[union-attr]
        ("user", "Is it open?"),
        ("assistant", "Until six."),
    ]
    assert (talk.session_id, talk.tags, talk.metadata) == ("s-1", ("web",), {"plan": "gold"})


def test_tokens_of_the_cache_are_counted_in_the_input(tmp_path: Path):
    row = {
        "id": "o1", "traceId": "t1", "type": "GENERATION", "startTime": "2026-01-01T10:00:00Z",
        "endTime": "2026-01-01T10:00:01Z", "sessionId": "s", "parentObservationId": None,
        "input": '[{"role": "user", "content": "Hi"}]', "output": "Yo",
        "usageDetails": {"input": 7, "input_cache_read": 3, "output": 5, "output_reasoning": 2,
                         "total": 17},
        "costDetails": {"input": 0.1, "output": 0.2, "total": 0.3},
        "completionStartTime": "2026-01-01T10:00:00.250Z",
    }  # fmt: skip
    (talk,) = imported_files(tmp_path / "e", {"o.json": json.dumps({"data": [row]})}).conversations
    (call,) = talk.model_calls

    assert (call.usage.input_tokens, call.usage.cached_input_tokens) == (10, 3)
    assert (call.usage.output_tokens, call.usage.reasoning_tokens) == (7, 2)
    assert call.cost is not None
    assert call.cost.amount == pytest.approx(0.3)
    assert call.time_to_first_token_ms == pytest.approx(250)


def test_blob_storage_in_gzip_is_known_by_its_looks(shared: Path, tmp_path: Path):
    _, observations = langfuse_blob(spans_of_capture(shared / "data" / "otlp" / "langfuse"))
    path = tmp_path / "2026-01-01.jsonl.gz"
    path.write_bytes(gzip.compress(lines(observations).encode()))

    assert imported(path).report.taken == 47


def test_what_is_no_observation_is_rejected_with_its_place(tmp_path: Path):
    good = {"id": "o", "traceId": "t", "type": "SPAN", "startTime": 1_760_000_000_000}
    rows = [
        good,
        {"id": "s", "traceId": "t", "value": 1, "timestamp": "2026-01-01T10:00:00Z"},
        good | {"id": "p", "startTime": "yesterday"},
        good | {"id": "q", "traceId": None},
        "x",
    ]
    found = imported_files(
        tmp_path / "e", {"o.json": json.dumps({"data": rows, "parentObservationId": 1})}
    )

    assert (found.report.taken, found.report.rejected) == (1, 4)
    assert any("record 3: key startTime is no time" in reason for reason in found.report.reasons)
    assert any("record 4: key traceId is missing" in reason for reason in found.report.reasons)
    assert any("record 2: not a trace or an observation" in r for r in found.report.reasons)


def test_a_trace_says_what_the_user_said_and_got_around_its_observations(tmp_path: Path):
    trace = {
        "id": "t", "timestamp": "2026-01-01T10:00:00Z", "htmlPath": "/x", "name": "chat",
        "input": "Is it open?", "output": "It is, until six.", "sessionId": "s-1",
    }  # fmt: skip
    generation = {
        "id": "g", "traceId": "t", "type": "GENERATION", "parentObservationId": None,
        "startTime": "2026-01-01T10:00:01Z", "endTime": "2026-01-01T10:00:02Z",
        "input": [{"role": "user", "content": "Hours: 9 to 18.\nQuestion: Is it open?"}],
        "output": {"role": "assistant", "content": "until six"},
    }  # fmt: skip
    (talk,) = imported_files(
        tmp_path / "e", {"a.json": json.dumps(generation), "b.json": json.dumps(trace)}
    ).conversations

    assert [item.text for item in talk.items if item.kind == "message"] == [
        "Is it open?",
        "It is, until six.",
    ]
