"""Bodies that cannot be read say why; good spans beside bad ones are kept."""

from __future__ import annotations

import gzip
import json
import struct
import zlib

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reenact.capture.limits import TRUNCATED, Limits
from reenact.capture.otlp import Decoded, decode
from reenact.errors import DecodeError

PROTOBUF = "application/x-protobuf"
JSON = "application/json"


def a_request(*names: str) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number, name in enumerate(names, 1):
        span = scope.spans.add(name=name, trace_id=b"t" * 16, span_id=bytes([number]) * 8)
        span.start_time_unix_nano, span.end_time_unix_nano = 1_000, 2_000
    return request


def spans_of(request: ExportTraceServiceRequest):
    return request.resource_spans[0].scope_spans[0].spans


def decoded(request: ExportTraceServiceRequest, **limits: int) -> Decoded:
    return decode(request.SerializeToString(), content_type=PROTOBUF, limits=Limits(**limits))


def in_json(**span: object) -> bytes:
    whole = {"traceId": "AB" * 16, "spanId": "cd" * 8, "name": "x", **span}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [whole]}]}]}).encode()


def test_protobuf_and_json_give_the_same_span():
    request = a_request("step")
    [span] = spans_of(request)
    span.trace_id, span.span_id = b"\xab" * 16, b"\xcd" * 8
    span.attributes.add(key="n").value.int_value = 12
    span.attributes.add(key="f").value.double_value = 0.5
    span.attributes.add(key="b").value.bool_value = True
    span.attributes.add(key="raw").value.bytes_value = b"\0\1"
    listed = span.attributes.add(key="list").value.array_value
    listed.values.add(string_value="a")
    span.attributes.add(key="map").value.kvlist_value.values.add(key="k").value.int_value = 1
    span.status.code, span.status.message = 2, "no"
    span.events.add(name="exception", time_unix_nano=1_500)
    body = in_json(
        startTimeUnixNano="1000",
        endTimeUnixNano=2000,
        attributes=[
            {"key": "n", "value": {"intValue": "12"}},
            {"key": "f", "value": {"doubleValue": 0.5}},
            {"key": "b", "value": {"boolValue": True}},
            {"key": "raw", "value": {"bytesValue": "AAE="}},
            {"key": "list", "value": {"arrayValue": {"values": [{"stringValue": "a"}]}}},
            {
                "key": "map",
                "value": {"kvlistValue": {"values": [{"key": "k", "value": {"intValue": 1}}]}},
            },
        ],
        status={"code": "STATUS_CODE_ERROR", "message": "no"},
        events=[{"name": "exception", "timeUnixNano": "1500"}],
        parentSpanId="",
    )
    from_json = decode(body, content_type="application/json; charset=utf-8")
    zipped = decode(gzip.compress(body), content_type=JSON, content_encoding="gzip")

    [same] = decoded(request.__class__.FromString(named(request))).spans
    assert from_json.spans == zipped.spans == (same,)


def named(request: ExportTraceServiceRequest) -> bytes:
    spans_of(request)[0].name = "x"
    return request.SerializeToString()


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "says"),
    [
        (a_request("step").SerializeToString()[:-3], PROTOBUF, "identity", "not an OTLP protobuf"),
        (b"\x0a\xff\xff\xff\xff\x07abc", PROTOBUF, "identity", "not an OTLP protobuf"),
        (b"no gzip", PROTOBUF, "gzip", "the body is not gzip"),
        (gzip.compress(b"x" * 5_000)[:-20], PROTOBUF, "gzip", "ends early"),
        (b"{}", "text/html", "identity", "is not what traces are sent in"),
        (b"{}", JSON, "br", "content encoding 'br' is not supported"),
        (b"{}", JSON, "identity", "missing required field `resourceSpans`"),
        (b"[1, 2", JSON, "identity", "not an OTLP/JSON"),
        (b'{"resourceSpans": "\xff\xfe"}', JSON, "identity", "not an OTLP/JSON"),
    ],
    ids=["truncated", "longer than it is", "no gzip", "half a gzip", "html", "brotli", "no spans",
         "half a JSON", "not UTF-8"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_says_why_and_where(body, content_type, encoding, says):
    with pytest.raises(DecodeError) as caught:
        decode(body, content_type=content_type, content_encoding=encoding, where="post 7")

    assert says in caught.value.what
    assert caught.value.where == "post 7"
    assert caught.value.next_step


def test_text_that_is_not_utf8_is_refused():
    body = a_request("step").SerializeToString().replace(b"step", b"\xff\xfe\xfd\xfc")

    with pytest.raises(DecodeError, match="not an OTLP protobuf"):
        decode(body, content_type=PROTOBUF)


def test_one_text_that_is_not_utf8_costs_one_span_and_not_the_post():
    request = a_request("good", "step", "fine")
    request.resource_spans[0].resource.attributes.add(key="service.name").value.string_value = "s"
    body = request.SerializeToString().replace(b"step", b"\xff\xfe\xfd\xfc")

    found = decode(body, content_type=PROTOBUF)
    assert [span.name for span in found.spans] == ["good", "fine"]
    assert {span.resource["service.name"] for span in found.spans} == {"s"}
    assert (found.rejected, found.reasons) == (
        1,
        ("span 2: cannot be read: String field had bad UTF-8",),
    )
    with pytest.raises(DecodeError, match="not an OTLP protobuf"):
        decode(body[:-1], content_type=PROTOBUF)


def test_a_resource_that_is_not_utf8_costs_its_own_spans_only():
    request = a_request("good")
    other = request.resource_spans.add()
    other.resource.attributes.add(key="home").value.string_value = "path"
    spans = other.scope_spans.add().spans
    for number in (8, 9):
        spans.add(name="lost", trace_id=b"t" * 16, span_id=bytes([number]) * 8)
    body = request.SerializeToString().replace(b"path", b"\xff\xfe\xfd\xfc")

    found = decode(body, content_type=PROTOBUF)
    assert [span.name for span in found.spans] == ["good"]
    assert found.rejected == 2
    assert found.reasons[0].startswith("span 2: its resource or scope cannot be read")


def test_a_bad_span_in_json_is_named_by_its_place():
    good = json.loads(in_json())["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    bad = [{**good, "spanId": "zz"}, {**good, "name": "MARK"}]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [good, *bad]}]}]}).encode()

    found = decode(body.replace(b"MARK", b"\xff"), content_type=JSON)
    assert len(found.spans) == 1
    assert found.reasons == (
        "span 2: span id 'zz' is not 16 hex digits that are not all 0",
        "span 3: not UTF-8",
    )


def test_a_gzip_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(bytes(50_000_000))

    with pytest.raises(DecodeError, match="inflates to more than 1,000,000 bytes"):
        decode(
            bomb,
            content_type=PROTOBUF,
            content_encoding="gzip",
            limits=Limits(inflated_bytes=1_000_000),
        )


def test_a_declared_size_of_two_gigabytes_costs_nothing():
    lying = gzip.compress(b"short")[:-4] + struct.pack("<I", 2**31)
    with pytest.raises(DecodeError, match="not gzip"):
        decode(lying, content_type=PROTOBUF, content_encoding="gzip")

    declared = b"\x0a" + bytes([0x80, 0x80, 0x80, 0x80, 0x08]) + b"x"
    with pytest.raises(DecodeError, match="not an OTLP protobuf"):
        decode(declared, content_type=PROTOBUF)


def test_two_gzip_members_are_one_body():
    body = in_json()
    zipped = gzip.compress(body[:20]) + gzip.compress(body[20:]) + b"\0\0"

    found = decode(zipped, content_type=JSON, content_encoding="gzip")
    assert len(found.spans) == 1


def test_a_body_beyond_the_limits_is_refused():
    with pytest.raises(DecodeError, match="more than 10"):
        decode(b"x" * 11, content_type=PROTOBUF, limits=Limits(body_bytes=10))
    with pytest.raises(DecodeError, match="3 spans in one body, more than 2"):
        decoded(a_request("a", "b", "c"), spans=2)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("trace_id", b"", "trace id '' is not 16 bytes"),
        ("trace_id", b"short", "is not 16 bytes"),
        ("trace_id", bytes(16), "is not 16 bytes that are not all 0"),
        ("span_id", bytes(8), "is not 8 bytes that are not all 0"),
        ("parent_span_id", b"abc", "parent span id '616263' is not 8 bytes"),
        ("start_time_unix_nano", 2**64 - 1, "time out of range"),
    ],
)
def test_a_bad_span_is_counted_and_the_good_ones_kept(field: str, value: object, says: str):
    request = a_request("good", "bad", "fine")
    setattr(spans_of(request)[1], field, value)
    found = decoded(request)

    assert [span.name for span in found.spans] == ["good", "fine"]
    assert found.rejected == 1
    assert says in found.reasons[0]


@pytest.mark.parametrize(
    "bad", [{"traceId": "q6urq6urq6urq6urq6urqw=="}, {"spanId": "0" * 16}, {"name": 7},
            {"startTimeUnixNano": "soon"},
            {"attributes": [{"key": "n", "value": {"intValue": "x"}}]}],
)  # fmt: skip
def test_a_bad_span_in_json_is_counted_and_the_good_ones_kept(bad: dict):
    body = json.loads(in_json())
    spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans.append({**spans[0], "spanId": "ef" * 8, **bad})
    found = decode(json.dumps(body).encode(), content_type=JSON)

    assert len(found.spans) == 1
    assert found.rejected == 1
    assert found.reasons


def test_a_parent_of_zeros_is_no_parent():
    request = a_request("step")
    spans_of(request)[0].parent_span_id = bytes(8)

    assert decoded(request).spans[0].parent_span_id is None


def test_nan_infinity_and_lone_surrogates_become_text_that_json_can_hold():
    request = a_request("step")
    [span] = spans_of(request)
    span.attributes.add(key="nan").value.double_value = float("nan")
    span.attributes.add(key="less").value.double_value = float("-inf")
    lone = in_json(attributes=[{"key": "t", "value": {"stringValue": "a\ud83d"}}])
    not_a_number = in_json().replace(b'"name": "x"', b'"name": "x", "dropped": NaN')

    assert decoded(request).spans[0].attributes == {"nan": "NaN", "less": "-Infinity"}
    [read] = decode(lone, content_type=JSON).spans
    assert read.attributes == {"t": "a\ufffd"}
    assert len(decode(not_a_number, content_type=JSON).spans) == 1


def test_attributes_beyond_the_limits_are_cut_and_marked():
    request = a_request("step")
    [span] = spans_of(request)
    span.attributes.add(key="long").value.string_value = "x" * 100
    span.attributes.add(key="deep").value.array_value.values.add().array_value.values.add(
        int_value=1
    )
    found = decoded(request, attribute_chars=10, attribute_depth=2).spans[0].attributes

    assert found["long"] == "x" * 10
    assert found["deep"] == [None]
    assert found[TRUNCATED] == ["long", "deep"]


def test_many_attributes_are_cut_and_marked():
    request = a_request("step")
    for number in range(5):
        spans_of(request)[0].attributes.add(key=str(number)).value.int_value = number

    found = decoded(request, span_attributes=3).spans[0].attributes
    assert found == {"0": 0, "1": 1, "2": 2, TRUNCATED: ["2 more attributes"]}


def test_a_zlib_stream_is_not_gzip():
    with pytest.raises(DecodeError, match="not gzip"):
        decode(zlib.compress(b"x"), content_type=PROTOBUF, content_encoding="gzip")
