"""MLflow's traces as spans: what spans say stays, what the trace says goes onto them.

MLflow writes every attribute as JSON, so that text which is JSON can no longer be told from
data: objects become text again, as they were on the wire, and so do numbers where a key holds
words. Ids are hex or base64 by version. Session, user and the resource's attributes stand in
the trace's own metadata and tags.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reenact.capture.importers.foreign_spans import (
    PROJECT,
    attributes_of,
    hex_of,
    json_of,
    nanoseconds_of,
    required,
    span_id_of,
    trace_id_of,
)
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.otlp_values import attributes_of_pairs
from reenact.capture.wire.json_text import parsed
from reenact.domain.span import Span, SpanEvent, SpanStatus

Record = Mapping[str, Any]

_STATUS: dict[str, SpanStatus] = {"OK": "ok", "ERROR": "error"}
_WORDS = (
    ".content", ".text", ".arguments", ".result", ".name", ".role", ".id", ".value", ".version",
    ".input", ".output",
)  # fmt: skip
"""How keys end that hold text, whatever the text looks like."""
_RESOURCE = ("service.", "deployment.", "telemetry.", "host.", "process.", "openinference.project.")
_SESSION, _USER = "mlflow.trace.session", "mlflow.trace.user"


def is_trace(record: Record) -> bool:
    """Tell whether a record is a trace with its spans."""
    trace = _whole(record)
    return isinstance(_spans(trace), list)


def spans_of(record: Record, *, project: str) -> Iterator[Span]:
    """Yield the spans of a trace, as its JSON, a row of a frame or the API's answer holds it.

    Raises:
        Unusable: where a span lacks an id or a time.
    """
    trace = _whole(record)
    info = next((trace[k] for k in ("info", "trace_info") if isinstance(trace.get(k), dict)), trace)
    told = _about(info, project)
    for found in _spans(trace) or ():
        if not isinstance(found, dict):
            raise Unusable("a span is no object")
        yield _span(found, told)


def _whole(record: Record) -> Record:
    """Return the trace that a row of a frame or an answer holds, else the record itself."""
    inner = parsed(record.get("trace"))
    return inner if isinstance(inner, dict) else record


def _spans(trace: Record) -> Any:
    data = parsed(trace.get("data"))
    return parsed(data.get("spans")) if isinstance(data, dict) else parsed(trace.get("spans"))


class _About:
    """What a trace says of all its spans."""

    def __init__(self, resource: dict[str, Any], common: dict[str, Any], root: dict[str, Any]):
        self.resource = resource
        self.common = common
        self.root = root


def _about(info: Record, project: str) -> _About:
    tags, metadata = (
        found if isinstance(found, dict) else {}
        for found in (
            parsed(info.get("tags")),
            parsed(info.get("trace_metadata", info.get("request_metadata"))),
        )
    )
    resource = {key: value for key, value in tags.items() if key.startswith(_RESOURCE)}
    own = {
        key: value
        for key, value in {**metadata, **tags}.items()
        if not key.startswith(("mlflow.", *_RESOURCE))
    }
    return _About(
        resource=attributes_of(resource) | {PROJECT: project},
        common={"session.id": metadata.get(_SESSION), "user.id": metadata.get(_USER)},
        root={"mlflow.trace.tags": json_of(own) if own else None},
    )


def _span(found: Record, about: _About) -> Span:
    ids = found.get("context")
    ids = ids if isinstance(ids, dict) else found
    trace = _trace_hex(required(ids, "trace_id"))
    own = hex_of(required(ids, "span_id"))
    parent = found.get("parent_span_id") or found.get("parent_id")
    start = nanoseconds_of(found.get("start_time_unix_nano", found.get("start_time")), "its start")
    if start is None:
        raise Unusable(f"span {own} has no start")
    end = nanoseconds_of(found.get("end_time_unix_nano", found.get("end_time")), "its end")
    code, message = _status(found)
    above = span_id_of(hex_of(parent)) if isinstance(parent, str) and parent else None
    attributes = _attributes(found.get("attributes"))
    for key, value in (about.common | ({} if above else about.root)).items():
        attributes.setdefault(key, value)
    return Span(
        trace_id=trace_id_of(trace),
        span_id=span_id_of(own),
        parent_span_id=above,
        name=str(found.get("name") or ""),
        start_ns=start,
        end_ns=max(start, end or 0),
        status=_STATUS.get(code, "unset"),
        status_message=message,
        attributes=attributes_of(attributes),
        events=tuple(_events(found.get("events"), start)),
        resource=about.resource,
    )


def _trace_hex(native: str) -> str:
    """Return a trace's id as hex: MLflow writes `tr-<hex>`, `trace:/<place>/<hex>` and base64."""
    if native.startswith("trace:/"):
        native = native.rpartition("/")[2]
    return hex_of(native.removeprefix("tr-"))


def _status(found: Record) -> tuple[str, str]:
    told = found.get("status")
    told = told if isinstance(told, dict) else {}
    code = str(told.get("code", found.get("status_code", ""))).upper()
    message = told.get("message", found.get("status_message"))
    return code.removeprefix("STATUS_CODE_"), message if isinstance(message, str) else ""


def _attributes(found: Any) -> dict[str, Any]:
    """Return attributes as they were on the wire.

    A trace's own JSON holds each value as JSON in a text, the API's answer as typed values.
    """
    if isinstance(found, dict):
        return {key: _on_wire(key, parsed(value, value)) for key, value in found.items()}
    return {key: _on_wire(key, value) for key, value in attributes_of_pairs(found).items()}


def _on_wire(key: str, value: Any) -> Any:
    if isinstance(value, dict) or (isinstance(value, list) and not _is_plain(value)):
        return json_of(value)
    if value is not None and not isinstance(value, (str, list)) and key.endswith(_WORDS):
        return json_of(value)
    return value


def _is_plain(values: list[Any]) -> bool:
    """Tell whether a list is one that OTLP has: of values of one plain kind."""
    return all(isinstance(v, (str, int, float)) for v in values) and len({*map(type, values)}) < 2


def _events(found: Any, start: int) -> Iterator[SpanEvent]:
    for event in found if isinstance(found, list) else ():
        if not isinstance(event, dict):
            continue
        at = event.get("time_unix_nano", event.get("timestamp"))
        yield SpanEvent(
            name=str(event.get("name") or ""),
            time_ns=nanoseconds_of(at, "an event's time") or start,
            attributes=attributes_of(attributes_of_pairs(event.get("attributes"))),
        )
