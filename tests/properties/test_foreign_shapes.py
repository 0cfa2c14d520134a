"""Exports of other tools, half right and half anything: taken, rejected with a place, or refused.

The shapes are those of the importers for calls, datasets, the Agents SDK and LangGraph; what
is in them is arbitrary. Nothing but the documented errors may come out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reenact.capture.assembly import assemble
from reenact.capture.facts import facts_of
from reenact.capture.fidelity import judge
from reenact.capture.importers import abcd, langgraph, openai_agents, retell, sgd, vapi
from reenact.capture.items import conversation_from, spans_of
from reenact.capture.otlp import decode
from reenact.codec import record
from reenact.domain.conversation import Conversation
from reenact.domain.view import view_of
from reenact.errors import DecodeError, UsageError

LAW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        ("2026-11-24T12:00:00Z", 1_795_521_600_000, '{"success": false}', "{'a': 1}", "\ud800",
         "https://a:b@c.example/x?y=z", "http://[", "1e999", 10**30)
    ),
)  # fmt: skip


def shapes(*keys: str) -> st.SearchStrategy[Any]:
    """Arbitrary JSON in which these keys turn up often."""
    names = st.sampled_from(keys) | st.text(max_size=3)
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
        max_leaves=20,
    )


def objects(*roles: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of one of the roles, with any of these keys; now and then something else."""
    whole = st.fixed_dictionaries({"role": st.sampled_from(roles)} if roles else {}, optional=keys)
    return whole | SCALARS


ANY = shapes(
    "name", "id", "function", "arguments", "message", "data", "success", "model", "content"
)
FEW = st.lists(ANY, max_size=3)
VAPI_ROWS = objects(
    "system", "user", "bot", "tool_calls", "tool_call_result", "x",
    message=SCALARS, time=SCALARS, endTime=SCALARS, duration=SCALARS, assistantName=SCALARS,
    toolCallId=SCALARS, name=SCALARS, result=ANY, error=ANY,
    toolCalls=st.lists(objects(id=SCALARS, function=objects(name=SCALARS, arguments=ANY))),
)  # fmt: skip
VAPI = objects(
    id=SCALARS, orgId=SCALARS, startedAt=SCALARS, endedAt=SCALARS, endedReason=SCALARS,
    messages=st.lists(VAPI_ROWS, max_size=5) | ANY, call=ANY, message=ANY, results=FEW,
    artifact=objects(messages=st.lists(VAPI_ROWS, max_size=6), recording=ANY, recordingUrl=ANY),
    assistant=objects(name=SCALARS, model=shapes("messages", "tools", "model", "systemPrompt")),
    assistantOverrides=shapes("model", "tools:append"), customer=ANY, cost=SCALARS,
    costs=st.lists(objects(type=st.just("model"), promptTokens=SCALARS, model=ANY), max_size=3),
    costBreakdown=ANY, analysis=objects(successEvaluation=SCALARS),
)  # fmt: skip
RETELL_ROWS = objects(
    "agent", "user", "transfer_target", "tool_call_invocation", "tool_call_result", "dtmf",
    "injected", "node_transition", "x",
    content=SCALARS, words=st.lists(objects(start=SCALARS, end=SCALARS), max_size=3) | ANY,
    metadata=shapes("response_id", "is_backchannel"), tool_call_id=SCALARS, name=SCALARS,
    arguments=ANY, successful=SCALARS, digit=SCALARS, time_sec=SCALARS,
)  # fmt: skip
RETELL = objects(
    call_id=SCALARS, agent_id=SCALARS, start_timestamp=SCALARS, end_timestamp=SCALARS,
    transcript_with_tool_calls=st.lists(RETELL_ROWS, max_size=6) | ANY,
    pre_session_transcript_with_tool_calls=st.lists(RETELL_ROWS, max_size=3),
    call_cost=objects(combined_cost=SCALARS), call_analysis=objects(call_successful=SCALARS),
    agent_version=SCALARS, direction=SCALARS, from_number=SCALARS, recording_url=ANY, call=ANY,
    disconnection_reason=SCALARS, metadata=ANY,
)  # fmt: skip
SGD = objects(
    dialogue_id=SCALARS, services=FEW,
    turns=st.lists(
        objects(
            speaker=st.sampled_from(("USER", "SYSTEM", "x")), utterance=SCALARS,
            frames=st.lists(
                objects(service=SCALARS, service_results=ANY,
                        service_call=objects(method=SCALARS, parameters=ANY)), max_size=3,
            ),
        ),
        max_size=4,
    ),
)  # fmt: skip
ABCD = objects(
    convo_id=SCALARS, scenario=ANY,
    original=st.lists(
        st.tuples(st.sampled_from(("agent", "customer", "action", "x")), SCALARS).map(list) | ANY,
        max_size=5,
    ),
    delexed=st.lists(
        objects(targets=st.lists(SCALARS | FEW, max_size=5)) | ANY, max_size=5
    ),
)  # fmt: skip
AGENTS = objects(
    object=st.sampled_from(("trace", "trace.span", "x")), id=SCALARS, trace_id=SCALARS,
    parent_id=SCALARS, started_at=SCALARS, ended_at=SCALARS, error=ANY, group_id=SCALARS,
    metadata=shapes("user_id"), workflow_name=SCALARS,
    span_data=objects(
        type=st.sampled_from(("agent", "response", "generation", "function", "handoff", "x")),
        name=SCALARS, input=ANY, output=ANY, model=SCALARS, usage=ANY, tools=FEW,
        from_agent=SCALARS,
    ),
)  # fmt: skip
CALLS = {"vapi": (vapi.conversations_in, VAPI), "retell": (retell.conversations_in, RETELL)}
SETS = {"sgd": (sgd.conversations_in, SGD), "abcd": (abcd.conversations_in, ABCD)}


def one_by_one(
    conversations_in: Callable[..., Iterator[Conversation]], path: Path
) -> list[Conversation]:
    """Return what is taken; what is not must be said with its place and its reason."""
    rejected: list[str] = []
    taken: list[Conversation] = []
    place: str | None = str(path)
    try:
        taken.extend(conversations_in(path, project="p", on_reject=rejected.append))
    except (DecodeError, UsageError) as error:
        place = error.where
    assert place == str(path)
    assert all(": " in reason for reason in rejected)
    for talk in taken:
        assert conversation_from(spans_of(talk)) == talk
        view_of(talk, judge(talk))
    return taken


@pytest.mark.parametrize("name", [*CALLS, *SETS])
@given(data=st.data(), lines=st.booleans())
@LAW
def test_any_export_is_taken_or_rejected_with_a_reason(
    name: str, data: st.DataObject, lines: bool, tmp_path: Path
):
    conversations_in, shape = (CALLS | SETS)[name]
    found = data.draw(st.lists(shape, max_size=3) | shape)
    listed = found if isinstance(found, list) else [found]
    path = tmp_path / ("x.jsonl" if lines else "x.json")
    path.write_text("\n".join(map(json.dumps, listed)) if lines else json.dumps(found))
    one_by_one(conversations_in, path)


@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
@LAW
def test_a_call_in_which_someone_speaks_is_taken(name: str, data: st.DataObject):
    """The law above would hold for importers that take nothing."""
    drawn = data.draw(CALLS[name][1])
    call: Any = drawn if isinstance(drawn, dict) else {}
    if name == "vapi":
        rows = {"messages": [{"role": "user", "message": "Hi"}]}
        call = {**call, "id": "c", "artifact": rows, "startedAt": None, "endedAt": None}
        talk = vapi.conversation_of(call, project="p")
    else:
        call = {**call, "call_id": "c", "pre_session_transcript_with_tool_calls": None}
        call["transcript_with_tool_calls"] = [{"role": "user", "content": "Hi"}]
        talk = retell.conversation_of(call, project="p")
    assert talk.session_id == "c"
    assert conversation_from(spans_of(talk)) == talk


@given(st.lists(AGENTS, max_size=5))
@LAW
def test_any_objects_of_the_agents_sdk_give_spans_that_read(entries: list[Any]):
    body = json.dumps({"data": entries}).encode()
    try:
        decoded = decode(body, content_type="application/json", signal="agents")
    except DecodeError:
        return
    assert len(decoded.spans) + decoded.rejected == len(entries)
    for one in decoded.spans:
        facts_of(one)
        talk = assemble([one], project="p", kind="trace", session_id=None)
        record(talk, judge(talk))


@given(content=st.binary(max_size=60) | st.lists(AGENTS | ANY, max_size=4).map(json.dumps))
@LAW
def test_any_file_of_the_agents_sdk_is_taken_or_refused(content: Any, tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rejected: list[str] = []
    place: str | None = str(path)
    try:
        list(openai_agents.spans_in(path, project="p", on_reject=rejected.append))
    except (DecodeError, UsageError) as error:
        place = error.where
    assert place == str(path)
    assert all(": " in reason for reason in rejected)


PACKED = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=4)
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(("content", "type", "id", 7, -1)), inner)
    | st.tuples(st.integers(-128, 127), inner).map(lambda e: extension(*e)),
    max_leaves=12,
)  # fmt: skip
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(("human", "ai", "tool", "system", "remove", "x"))},
        optional={
            "content": PACKED, "id": st.sampled_from(("a", "b", None)), "tool_call_id": PACKED,
            "tool_calls": st.lists(
                st.fixed_dictionaries({}, optional={"name": PACKED, "args": PACKED, "id": PACKED}),
                max_size=2,
            ) | PACKED,
            "name": PACKED, "usage_metadata": PACKED, "response_metadata": PACKED,
            "invalid_tool_calls": PACKED,
        },
    )
    | PACKED,
    max_size=5,
)  # fmt: skip
STATES = st.fixed_dictionaries(
    {}, optional={"channel_values": st.fixed_dictionaries({}, optional={"messages": MESSAGES,
    "other": PACKED}) | PACKED, "ts": st.just("2026-11-24T12:00:00+00:00") | PACKED}
)  # fmt: skip


def extension(code: int, content: Any) -> Any:
    packed = msgspec.msgpack.encode(["module", "Class", content, "method"])
    return msgspec.msgpack.Ext(code, packed)


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(("t1", "t2", 5, b"x")),
            st.sampled_from(("1", "2", "3", 4, b"y")),
            st.sampled_from(("1", "2", "3", None)),
            st.sampled_from(("msgpack", "json", "null", "pickle", None)),
            STATES.map(msgspec.msgpack.encode) | st.binary(max_size=20) | st.none(),
            st.none() | st.text(max_size=5) | st.just('{"user_id": 5, "x": [1]}'),
        ),
        max_size=5,
    ),
    writes=st.lists(
        st.tuples(
            st.sampled_from(("1", "2", "3")),
            st.sampled_from(("messages", "__error__", "__interrupt__")),
            MESSAGES.map(msgspec.msgpack.encode) | PACKED.map(msgspec.msgpack.encode),
        ),
        max_size=4,
    ),
)
@LAW
def test_any_checkpoints_are_taken_or_rejected_with_a_reason(
    rows: list[Any], writes: list[Any], tmp_path: Path
):
    path = tmp_path / "x.sqlite"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE checkpoints (thread_id TEXT, checkpoint_ns TEXT DEFAULT '', "
            "checkpoint_id TEXT, parent_checkpoint_id TEXT, type TEXT, checkpoint BLOB, "
            "metadata BLOB);"
            "CREATE TABLE writes (thread_id TEXT, checkpoint_ns TEXT DEFAULT '', "
            "checkpoint_id TEXT, task_id TEXT, idx INTEGER, channel TEXT, type TEXT, value BLOB);"
        )
        connection.executemany(
            "INSERT INTO checkpoints (thread_id, checkpoint_id, parent_checkpoint_id, type, "
            "checkpoint, metadata) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
        connection.executemany(
            "INSERT INTO writes (thread_id, checkpoint_id, task_id, idx, channel, type, value) "
            "VALUES ('t1', ?, 'a', 0, ?, 'msgpack', ?)",
            writes,
        )
        connection.commit()
    one_by_one(langgraph.conversations_in, path)
