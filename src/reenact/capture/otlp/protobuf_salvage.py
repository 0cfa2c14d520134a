"""The readable spans of a protobuf body that does not parse as a whole.

One text that is not UTF-8, such as a preview cut in the middle of a letter, makes the parser
refuse all spans of a post. Here the spans are taken one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError as ProtobufError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from reenact.capture.limits import Rejections

_PACKAGE = "reenact.salvage"
_FIELD = descriptor_pb2.FieldDescriptorProto
_BYTES: dict[str, Any] = {"type": _FIELD.TYPE_BYTES, "label": _FIELD.LABEL_OPTIONAL}


def salvaged(body: bytes, *, bad: Rejections) -> ExportTraceServiceRequest | None:
    """Return the spans of `body` that can be read; those that cannot are counted in `bad`.

    None where the body is broken around its spans, as one that was cut short is.
    """
    try:
        frame = _frame().FromString(body)
    except ProtobufError:
        return None
    request = ExportTraceServiceRequest()
    number = 0
    for part in frame.resource_spans:
        total = sum(len(scope.spans) for scope in part.scope_spans)
        try:
            request.resource_spans.append(_part(part, number, bad))
        except ProtobufError as why:
            for place in range(number + 1, number + total + 1):
                bad.add(f"span {place}: its resource or scope cannot be read: {_short(why)}")
        number += total
    return request


def _part(part: Any, number: int, bad: Rejections) -> ResourceSpans:
    """Return the spans of one resource; raises where resource or scope cannot be read."""
    found = ResourceSpans()
    found.resource.ParseFromString(part.resource)
    scopes = [ScopeSpans() for _ in part.scope_spans]
    for scope, raw in zip(scopes, part.scope_spans, strict=True):
        scope.scope.ParseFromString(raw.scope)
    for scope, raw in zip(scopes, part.scope_spans, strict=True):
        scope.spans.extend(_spans(raw.spans, number, bad))
        number += len(raw.spans)
    found.scope_spans.extend(scopes)
    return found


def _spans(raws: Any, number: int, bad: Rejections) -> Iterator[Span]:
    for place, raw in enumerate(raws, number + 1):
        try:
            yield Span.FromString(raw)
        except (ProtobufError, RecursionError) as why:
            bad.add(f"span {place}: cannot be read: {_short(why)}")


def _short(error: Exception) -> str:
    """Return what the parser says, without the name of the message that it was reading."""
    return str(error).rpartition(": ")[2]


@cache
def _frame() -> Any:
    """Return the type of a request whose spans, resources and scopes are left as bytes.

    On the wire a message is its length and its bytes, so that both types read the same body.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name="reenact/salvage.proto", package=_PACKAGE, syntax="proto3"
    )
    request, resource, scope = (
        file.message_type.add(name=name) for name in ("Request", "Resource", "Scope")
    )
    request.field.add(name="resource_spans", number=1, **_many("Resource"))
    resource.field.add(name="resource", number=1, **_BYTES)
    resource.field.add(name="scope_spans", number=2, **_many("Scope"))
    scope.field.add(name="scope", number=1, **_BYTES)
    scope.field.add(name="spans", number=2, type=_BYTES["type"], label=_FIELD.LABEL_REPEATED)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Request"))


def _many(name: str) -> dict[str, Any]:
    kind = {"type": _FIELD.TYPE_MESSAGE, "type_name": f".{_PACKAGE}.{name}"}
    return {**kind, "label": _FIELD.LABEL_REPEATED}
