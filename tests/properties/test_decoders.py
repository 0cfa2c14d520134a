"""Laws of the decoders: any bytes give spans or a DecodeError, any span a reading."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reenact.capture.assembly import assemble
from reenact.capture.dialects import read
from reenact.capture.facts import facts_of
from reenact.capture.fidelity import judge
from reenact.capture.limits import Limits
from reenact.capture.otlp import PATHS, Signal, decode
from reenact.codec import record, to_json
from reenact.domain.span import Span
from reenact.errors import DecodeError
from support.captures import spans_of_capture
from support.conformance import DUE

OTLP = Path(__file__).resolve().parents[3] / "shared" / "data" / "otlp"
PROTOBUF = "application/x-protobuf"
JSON = "application/json"
LAW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SMALL = Limits(body_bytes=200_000, inflated_bytes=400_000, attribute_chars=5_000)


POSTS: dict[tuple[Signal, str], tuple[str, str]] = {
    ("traces", PROTOBUF): ("oi_openai_rooted", "_v1_traces.pb"),
    ("traces", JSON): ("vercel_ai_json", "_v1_traces.json"),
    ("logs", PROTOBUF): ("otel_openai_v2_events", "_v1_logs.pb"),
    ("metrics", PROTOBUF): ("otel_openai_v2_events", "_v1_metrics.pb"),
    ("agents", JSON): ("openai_agents_native", "_v1_traces_ingest.json"),
}
"""A capture with posts of each signal, by how they are encoded."""
LOG_IN_JSON = {
    "traceId": "ab" * 16, "spanId": "cd" * 8, "eventName": "gen_ai.choice",
    "observedTimeUnixNano": "1764000000000000000",
    "attributes": [{"key": "gen_ai.system", "value": {"stringValue": "openai"}}],
    "body": {"kvlistValue": {"values": [{"key": "index", "value": {"intValue": "0"}}]}},
}  # fmt: skip
kinds = st.sampled_from([*POSTS, ("logs", JSON)])


@cache
def a_post(kind: tuple[Signal, str]) -> bytes:
    """A real body, of a signal and in an encoding."""
    if kind == ("logs", JSON):
        return json.dumps(
            {"resourceLogs": [{"scopeLogs": [{"logRecords": [LOG_IN_JSON]}]}]}
        ).encode()
    name, ending = POSTS[kind]
    bodies = [p for p in sorted((OTLP / name / "wire").iterdir()) if p.name.endswith(ending)]
    return bodies[0].read_bytes()


@cache
def real_spans() -> tuple[Span, ...]:
    """The first turns of every dialect that is due."""
    return tuple(span for name in DUE for span in spans_of_capture(OTLP / name)[:12])


@cache
def known_keys() -> list[str]:
    """Every attribute key that any of the dialects uses."""
    return sorted({key for span in real_spans() for key in span.attributes})


def decoded_or_refused(body: bytes, kind: tuple[Signal, str], encoding: str = "identity") -> None:
    signal, content_type = kind
    try:
        found = decode(
            body,
            signal=signal,
            content_type=content_type,
            content_encoding=encoding,
            limits=SMALL,
        )
    except DecodeError as error:
        if not (error.where or "").startswith("request") or not error.what:
            raise
        return
    assert found.rejected >= 0
    assert (found.rejected == 0) == (found.reasons == ())
    for one in (*found.spans, *found.logs):
        assert len(one.trace_id) == 32
        assert set(one.trace_id) != {"0"}
        msgspec.json.encode(one)


@LAW
@given(
    body=st.binary(max_size=400),
    signal=st.sampled_from(list(PATHS)),
    content_type=st.sampled_from([PROTOBUF, JSON, "text/html", ""]),
    encoding=st.sampled_from(["identity", "gzip", "br", ""]),
)
def test_random_bytes_are_decoded_or_refused(
    body: bytes, signal: Signal, content_type: str, encoding: str
):
    decoded_or_refused(body, (signal, content_type), encoding)


@LAW
@given(kind=kinds, share=st.floats(0, 1), zipped=st.booleans())
def test_a_truncated_post_is_decoded_or_refused(
    shared: Path, kind: tuple[Signal, str], share: float, zipped: bool
):
    body = gzip.compress(a_post(kind)) if zipped else a_post(kind)
    decoded_or_refused(body[: int(len(body) * share)], kind, "gzip" if zipped else "identity")


@LAW
@given(kind=kinds, zipped=st.booleans(), data=st.data())
def test_a_post_with_wrong_bytes_is_decoded_or_refused(
    shared: Path, kind: tuple[Signal, str], zipped: bool, data: st.DataObject
):
    body = bytearray(gzip.compress(a_post(kind)) if zipped else a_post(kind))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    decoded_or_refused(bytes(body), kind, "gzip" if zipped else "identity")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@LAW
@given(value=json_values)
def test_any_json_is_decoded_or_refused(value: Any):
    ids = {"traceId": "ab" * 16, "spanId": "cd" * 8}
    span = {**ids, "name": "x", "attributes": value}
    record = {**ids, "eventName": "gen_ai.choice", "body": value, "attributes": value}
    bodies: list[tuple[Signal, Any]] = [
        ("traces", {"resourceSpans": [{"scopeSpans": [{"spans": [span, value]}]}]}),
        ("logs", {"resourceLogs": [{"scopeLogs": [{"logRecords": [record, value]}]}]}),
        ("metrics", {"resourceMetrics": [{"scopeMetrics": [{"metrics": [value]}]}]}),
        ("agents", {"data": [{"object": "trace.span", "id": "span_1", "span_data": value}, value]}),
        *((signal, value) for signal in PATHS),
    ]
    for signal, body in bodies:
        written = json.dumps(body).encode("utf-8", "surrogatepass")
        decoded_or_refused(written, (signal, JSON))


safe_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
attribute_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | safe_text
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(safe_text, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def with_changes(data: st.DataObject, attributes: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Put arbitrary values, and JSON of arbitrary values, into some attributes."""
    found = dict(attributes)
    for _ in range(data.draw(st.integers(0, most))):
        key = data.draw(st.sampled_from([*attributes, *known_keys()]))
        value = data.draw(attribute_values)
        as_text = data.draw(st.booleans())
        found[key] = json.dumps(value) if as_text else value
    return found


def changed(data: st.DataObject, spans: list[Span]) -> list[Span]:
    """Change attributes of spans, of their events and log records, and who is whose parent."""
    found: list[Span] = []
    for span in spans:
        attributes = with_changes(data, span.attributes, 4)
        events = tuple(
            replace(event, attributes=with_changes(data, event.attributes, 1))
            for event in span.events
        )
        logs = tuple(
            replace(
                log,
                attributes=with_changes(data, log.attributes, 1),
                body=data.draw(st.just(log.body) | attribute_values),
            )
            for log in span.logs
        )
        parent = data.draw(st.sampled_from([span.parent_span_id, span.span_id, None]))
        found.append(
            replace(span, attributes=attributes, events=events, logs=logs, parent_span_id=parent)
        )
    return found


@LAW
@given(data=st.data())
def test_any_attributes_are_read_and_assembled(shared: Path, data: st.DataObject):
    chosen = data.draw(st.lists(st.sampled_from(real_spans()), min_size=1, max_size=6))
    spans = changed(data, chosen)
    for span in spans:
        assert facts_of(span).kind == read(span).kind
    conversation = assemble(spans, project="p", kind="session", session_id="s")

    recording = record(conversation, judge(conversation))
    assert json.loads(to_json(recording))["hash"] == recording.hash


@LAW
@given(data=st.data())
def test_the_order_of_spans_changes_nothing(shared: Path, data: st.DataObject):
    place = data.draw(st.integers(0, len(DUE) - 1))
    spans = spans_of_capture_of(place)
    shuffled = data.draw(st.permutations(spans))

    one = assemble(spans, project="p", kind="session", session_id="s")
    assert assemble(shuffled, project="p", kind="session", session_id="s") == one


@cache
def spans_of_capture_of(place: int) -> tuple[Span, ...]:
    return tuple(spans_of_capture(OTLP / DUE[place])[:20])
