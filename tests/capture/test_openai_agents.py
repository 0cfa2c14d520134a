"""The OpenAI Agents SDK's own JSON: the capture fact by fact, and bodies of any kind."""

from __future__ import annotations

import json
import random
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.conversations import Conversations
from reenact.capture.dialects import read
from reenact.capture.fidelity import judge
from reenact.capture.importing import import_paths
from reenact.capture.limits import Limits
from reenact.capture.otlp import decode
from reenact.domain.conversation import Conversation, Handoff
from reenact.domain.turn import turns_of
from reenact.errors import BodyTooLarge, DecodeError
from reenact.store.spans import SpanStore, open_span_store
from support.conformance import captured, score
from support.ingesting import ingest

TRACE: dict[str, Any] = {
    "object": "trace",
    "id": "trace_" + "ab" * 16,
    "workflow_name": "desk",
    "group_id": "g1",
    "metadata": {"user_id": "ana", "channel": "web"},
}


def a_span(key: str, type: str, parent: str | None = "span_agent", /, **told: Any) -> Any:
    error = told.pop("error", None)
    return {
        "object": "trace.span",
        "id": f"span_{key}",
        "trace_id": TRACE["id"],
        "parent_id": parent,
        "started_at": "2026-11-25T22:06:06.100000+00:00",
        "ended_at": "2026-11-25T22:06:06.200000+00:00",
        "span_data": {"type": type, **told},
        "error": error,
    }


decode_agents = partial(decode, content_type="application/json", signal="agents")
AGENT = a_span("agent", "agent", None, name="desk", tools=["look"], handoffs=["refunds"])


def a_body(*entries: Any) -> bytes:
    return json.dumps({"data": entries}).encode()


@pytest.fixture
def store(tmp_path: Path):
    found = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    yield found
    found.close()


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "data" / "otlp" / "openai_agents_native"


def told(store: SpanStore, *entries: Any) -> Conversation:
    ingest(decode_agents(a_body(*entries)).spans, store=store, project="p")
    (recording,) = Conversations(store).list("p")
    return recording.conversation


def test_every_fact_that_is_due_is_found(folder: Path):
    result = score(folder)

    assert result.missing == []
    assert {"user", "assistant", "call_id", "system"} == result.not_due & set(result.of)
    assert sum(result.of.values()) > 150


def test_words_that_are_not_on_the_wire_are_null_and_say_how_to_get_them(folder: Path):
    found = {c.session_id: c for c in captured(folder, "p")}["sess-tue-4711"]
    turns = turns_of(found)

    assert [(turn.user, turn.assistant, turn.error) for turn in turns] == [(None, None, None)] * 5
    assert (found.system_prompt, found.model_calls[0].model) == (None, None)
    fidelity = judge(found)
    for name in ("user_turns", "assistant_text", "system_prompt", "model"):
        axis = fidelity.axis(name)
        assert axis is not None
        assert axis.status == "missing"
        assert axis.detail.startswith(("0 of 5: the Agents SDK's", "0 of 9: the Agents SDK's"))
        assert "openinference-instrumentation-openai-agents" in axis.detail
    assert fidelity.axis("usage").status == "present"


def test_a_redacted_error_is_an_error_with_the_text_that_is_there(folder: Path):
    found = {c.session_id: c for c in captured(folder, "p")}["sess-err-01"]

    call = found.tool_calls[0]
    assert call.result is None
    assert call.error == (
        "Error running tool (non-fatal): Tool execution failed. Error details are redacted."
    )


def test_posts_in_any_order_and_twice_give_the_same(folder: Path, store: SpanStore):
    posts = [
        decode_agents(path.read_bytes()).spans
        for path in sorted((folder / "wire").glob("*.json"))
        if not path.name.endswith(".headers.json")
    ]
    for post in posts:
        ingest(post, store=store, project="in-order")
    shuffled = [*posts, *posts]
    random.Random(7).shuffle(shuffled)
    for post in shuffled:
        ingest(post, store=store, project="shuffled")
    read = Conversations(store)

    one, other = read.list("in-order"), read.list("shuffled")
    assert len(one) == 5
    assert [r.conversation.items for r in one] == [r.conversation.items for r in other]
    starts = [[s.started_at for s in store.sessions(name)] for name in ("in-order", "shuffled")]
    assert starts[0] == starts[1]
    assert {start.year for start in starts[0]} == {2026}


def test_a_capture_folder_and_its_bare_files_give_the_same(
    folder: Path, store: SpanStore, tmp_path: Path
):
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in (folder / "wire").glob("*_ingest.json"):
        shutil.copy(path, bare)
    report = import_paths([folder / "wire"], store=store, project="p")
    again = import_paths([bare], store=store, project="p")

    assert (report.files, report.taken, report.skipped) == (7, 96, ())
    assert (again.files, again.taken, again.duplicates, again.skipped) == (7, 0, 96, ())


def test_lines_of_posts_or_of_objects_are_read(store: SpanStore, tmp_path: Path):
    lines = [json.loads(a_body(TRACE)), AGENT, a_span("m", "response", response_id="r")]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, lines)))
    report = import_paths([tmp_path / "log.jsonl"], store=store, project="p")

    assert (report.taken, report.conversations) == (3, {"p": 1})


def test_an_object_that_is_none_is_skipped_with_its_place(store: SpanStore, tmp_path: Path):
    (tmp_path / "x.json").write_text(json.dumps([TRACE, AGENT, {"object": "trace.span"}, 7]))
    report = import_paths([tmp_path / "x.json"], store=store, project="p")

    assert report.taken == 2
    assert [s.reason for s in report.skipped] == [
        "object 2: data.0: span_data is missing",
        "object 3: no trace, no span, and no post with a list of them as data",
    ]


def test_messages_of_chat_completions_are_read(store: SpanStore):
    look = {"id": "call_1", "function": {"arguments": '{"order": "A-1"}', "name": "look"}}
    asked = {"role": "assistant", "content": None, "tool_calls": [look]}
    heard = {"role": "tool", "tool_call_id": "call_1", "content": "{'paid': True}"}
    before = [{"role": "system", "content": "Help."}, {"role": "user", "content": "Refund A-1"}]
    used = {
        "input_tokens": 10,
        "output_tokens": 5,
        "input_tokens_details": {"cached_tokens": 3},
        "output_tokens_details": {"reasoning_tokens": 1},
    }
    first = a_span("m1", "generation", input=before, output=[asked], model="gpt-4o", usage=used)
    ran = a_span("f1", "function", name="look", input='{"order": "A-1"}', output="{'paid': True}")
    second = a_span(
        "m2",
        "generation",
        input=[*before, asked, heard],
        output=[{"role": "assistant", "content": "Done."}],
        model="gpt-4o",
        usage=used,
    )
    for place, one in enumerate((first, ran, second)):
        one["started_at"] = f"2026-11-25T22:06:06.1{place}0000+00:00"
    passed = a_span("h", "handoff", from_agent="desk", to_agent="refunds")
    passed["started_at"] = "2026-11-25T22:06:06.115000+00:00"
    talk = told(store, TRACE, first, ran, passed, second, AGENT)

    (turn,) = turns_of(talk)
    assert (turn.user, turn.assistant, turn.user_id) == ("Refund A-1", "Done.", "ana")
    assert (talk.system_prompt, talk.agent_name) == ("Help.", "desk")
    assert talk.metadata == {"channel": "web"}
    assert [tool.name for tool in talk.tools] == ["look"]
    (call,) = turn.tool_calls
    assert (call.id, call.arguments, call.result) == ("call_1", {"order": "A-1"}, {"paid": True})
    usage = turn.model_calls[0].usage
    assert (usage.cached_input_tokens, usage.reasoning_tokens) == (3, 1)
    handed = [item for item in talk.items if isinstance(item, Handoff)]
    assert [(item.source, item.target) for item in handed] == [("desk", "refunds")]
    assert talk.gaps == {}


def test_a_result_that_was_not_sent_is_not_known(store: SpanStore):
    hidden = a_span("f1", "function", name="look", input=None, output=None)
    talk = told(store, TRACE, AGENT, a_span("m", "response"), hidden)

    (call,) = talk.tool_calls
    assert (call.arguments, call.result, call.truncated) == (None, None, True)
    axis = judge(talk).axis("tool_results")
    assert axis is not None
    assert axis.status == "missing"


def test_an_agent_that_gave_up_says_why_there_is_no_answer(store: SpanStore):
    stuck = {"message": "Max turns exceeded", "data": {"max_turns": 3}}
    agent = {**AGENT, "error": stuck}
    task = a_span("task", "custom", None, name="task", data={"sdk_span_type": "task"})
    (turn,) = turns_of(told(store, TRACE, task, agent, a_span("m", "response")))

    assert turn.error == "Max turns exceeded"


def test_usage_is_that_of_the_models_and_not_of_turns_and_tasks(folder: Path):
    found = {c.session_id: c for c in captured(folder, "p")}["sess-tue-4711"]

    assert sum(call.usage.input_tokens or 0 for call in found.model_calls) == 3609


def test_a_trace_that_came_before_its_spans_has_no_time_of_its_own(store: SpanStore):
    (alone,) = decode_agents(a_body(TRACE)).spans
    assert (alone.start_ns, alone.end_ns) == (0, 0)
    assert read(alone).session_id == "g1"

    talk = told(store, TRACE, AGENT, a_span("m", "response"))
    assert talk.started_at is not None
    assert talk.started_at.year == 2026
    assert store.sessions("p")[0].started_at.year == 2026


def test_a_trace_named_by_its_user_keeps_its_spans_together():
    named = {**TRACE, "id": "trace_tuesday"}
    body = a_body(named, {**AGENT, "trace_id": "trace_tuesday"})
    one, other = decode_agents(body).spans

    assert one.trace_id == other.trace_id
    assert len(one.trace_id) == 32
    int(one.trace_id, 16)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (7, "data.0: no object"),
        ({"object": "batch"}, "data.0: object is 'batch', not 'trace' or 'trace.span'"),
        ({"object": "trace"}, "data.0: id is missing"),
        ({**AGENT, "span_data": None}, "data.0: span_data is missing"),
        ({**AGENT, "trace_id": 5}, "data.0: trace_id is missing"),
        ({**AGENT, "started_at": None}, "data.0: started_at is no time: 'None'"),
        ({**AGENT, "ended_at": "soon"}, "data.0: ended_at is no time: 'soon'"),
        ({**AGENT, "started_at": "1900-01-01T00:00:00Z"}, "data.0: time out of range: start -2"),
    ],
)
def test_a_bad_object_is_counted_and_the_others_are_taken(entry: Any, reason: str):
    decoded = decode_agents(a_body(entry, AGENT))

    assert (len(decoded.spans), decoded.rejected) == (1, 1)
    assert decoded.reasons[0].startswith(reason)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"data": 5}', b"\xff", b"[" * 100_000])
def test_a_body_of_something_else_is_an_error_that_says_what_to_send(body: bytes):
    with pytest.raises(DecodeError) as caught:
        decode_agents(body, where="request 5")

    assert caught.value.where == "request 5"
    assert "BackendSpanExporter" in (caught.value.next_step or "")


def test_a_body_beyond_the_bounds_is_refused_and_long_values_are_cut():
    with pytest.raises(BodyTooLarge):
        decode_agents(a_body(AGENT), limits=Limits(body_bytes=10))
    with pytest.raises(DecodeError, match="2 objects in one body"):
        decode_agents(a_body(AGENT, TRACE), limits=Limits(spans=1))
    long = a_span("f", "function", name="look", input="{}", output="x" * 50)
    (cut,) = decode_agents(a_body(long), limits=Limits(attribute_chars=20)).spans
    assert cut.attributes["openai_agents.output"] == "x" * 20
    assert read(cut).truncated == ("openai_agents.output",)


def test_lone_surrogates_do_not_lose_a_body():
    body = a_body({**TRACE, "workflow_name": "\ud800"})
    (span,) = decode_agents(body).spans
    assert span.name == "�"


@pytest.mark.parametrize(
    ("output", "result"),
    [
        ("{'paid': True, 'note': None}", {"paid": True, "note": None}),
        ('{"paid": true}', {"paid": True}),
        ("[('a', 1)]", [["a", 1]]),
        ("False", False),
        ("None", "None"),
        ("12.5", 12.5),
        ("(see below)", "(see below)"),
        ("__import__('os')", "__import__('os')"),
    ],
)
def test_what_a_tool_gave_is_read_as_json_or_as_python_writes_it(output: str, result: Any):
    (span,) = decode_agents(a_body(a_span("f", "function", name="look", output=output))).spans

    assert read(span).tool_result == result
