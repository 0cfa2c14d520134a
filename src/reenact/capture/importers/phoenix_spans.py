"""Phoenix's spans with their attributes as they were on the wire.

Phoenix keeps OpenInference's attributes as a tree: JSON in `metadata` and the like is taken
apart, lists of messages become lists. Its answers flatten the tree again, each in its own way;
here all of them become the keys that the instrumentation wrote. It keeps neither the resource
(the service's name and version), nor the scope, nor the kind of a span, and times to the
microsecond.
"""

from __future__ import annotations

import re
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
from reenact.capture.importers.json_places import MAX_DEPTH, Unusable
from reenact.capture.importers.otlp_values import attributes_of_pairs
from reenact.capture.wire.json_text import parsed
from reenact.domain.span import Span, SpanEvent, SpanStatus

Record = Mapping[str, Any]

_KIND = "openinference.span.kind"
_FRAME = "attributes."
_MESSAGES = "llm.input_messages."
_STATUS: dict[Any, SpanStatus] = {"OK": "ok", "ERROR": "error", 1: "ok", 2: "error"}
_JSON = re.compile(
    r"(metadata|llm\.prompt_template\.variables|tool\.parameters"
    r"|retrieval\.documents\.\d+\.document\.metadata|.*?_metadata)(?:\.(.+))?"
)
"""Attributes that are JSON in a text, which Phoenix takes apart, and the rest of a key in one."""


def is_span(record: Record) -> bool:
    """Tell whether a record is a span as one of Phoenix's answers or frames writes it."""
    named = "context.trace_id" in record or isinstance(record.get("context"), dict)
    return named or ("trace_id" in record and "span_id" in record)


def span_of(record: Record, *, project: str) -> Span:
    """Return a record as a span.

    Raises:
        Unusable: where it lacks an id or a time.
    """
    ids = record.get("context")
    ids = ids if isinstance(ids, dict) else record
    trace, own = (_id(record, ids, name) for name in ("trace_id", "span_id"))
    parent = record.get("parent_id") or record.get("parent_span_id")
    start = nanoseconds_of(_either(record, "start_time"), "key start_time")
    if start is None:
        raise Unusable("key start_time is missing")
    end = nanoseconds_of(_either(record, "end_time"), "key end_time")
    code, message = _status(record)
    return Span(
        trace_id=trace_id_of(trace),
        span_id=span_id_of(own),
        parent_span_id=span_id_of(hex_of(parent)) if isinstance(parent, str) else None,
        name=str(record.get("name") or ""),
        start_ns=start,
        end_ns=max(start, end or 0),
        status=_STATUS.get(code, "unset"),
        status_message=message,
        attributes=attributes_of(_attributes(record)),
        events=tuple(_events(record.get("events"), start)),
        resource={PROJECT: project},
    )


def _id(record: Record, ids: Record, name: str) -> str:
    framed = record.get(f"context.{name}")
    return hex_of(framed if isinstance(framed, str) and framed else required(ids, name))


def _either(record: Record, name: str) -> Any:
    """Return a time, which OTLP's own answer writes in nanoseconds."""
    found = record.get(f"{name}_unix_nano")
    return record.get(name) if found is None else found


def _status(record: Record) -> tuple[Any, str]:
    told = record.get("status")
    told = told if isinstance(told, dict) else {}
    code = told.get("code", record.get("status_code"))
    message = told.get("message", record.get("status_message"))
    code = code.upper().removeprefix("STATUS_CODE_") if isinstance(code, str) else code
    return code, message if isinstance(message, str) else ""


def _attributes(record: Record) -> dict[str, Any]:
    told = attributes_of_pairs(record.get("attributes"))
    framed = {k.removeprefix(_FRAME): v for k, v in record.items() if k.startswith(_FRAME)}
    flat = dict(_flat({**framed, **told}))
    kind = flat.pop(_KIND, None) or record.get("span_kind")
    own = not _is_genai(flat)
    joined = _joined(flat, flat_too=not own)
    if isinstance(kind, str) and kind and kind != "UNKNOWN" and own:
        joined[_KIND] = kind
    return joined


def _is_genai(flat: Record) -> bool:
    """Tell whether a span has GenAI's keys, out of which Phoenix makes OpenInference's too.

    What Phoenix made says less than what it was made from, so the span is left without
    OpenInference's kind, by which it would be read as one of that. Messages can only be made
    from messages.
    """
    if "gen_ai.operation.name" not in flat and "gen_ai.request.model" not in flat:
        return False
    return "gen_ai.input.messages" in flat or not any(k.startswith(_MESSAGES) for k in flat)


def _flat(found: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield every value with its dotted key; a list of plain values is a value."""
    if depth > MAX_DEPTH:
        raise Unusable(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
    elif isinstance(found, list) and any(isinstance(value, dict) for value in found):
        whole = _JSON.fullmatch(prefix[:-1])
        if whole:
            yield prefix[:-1], found
            return
        for place, value in enumerate(found):
            yield from _flat(value, f"{prefix}{place}.", depth + 1)
    elif found is not None:
        yield prefix[:-1], found


def _joined(flat: Record, *, flat_too: bool) -> dict[str, Any]:
    """Return attributes with JSON that was taken apart put together again, as text.

    Libraries other than OpenInference's write keys of their own that look like it: with
    `flat_too` they stay beside it.
    """
    whole: dict[str, Any] = {}
    trees: dict[str, dict[str, Any]] = {}
    for key, value in flat.items():
        found = _JSON.fullmatch(key)
        if found is None or found[2] is None:
            whole[key] = value
            continue
        _plant(trees.setdefault(found[1], {}), found[2].split("."), value)
        if flat_too and found[1] == "metadata":
            whole[key] = value
    return whole | {key: json_of(tree) for key, tree in trees.items() if key not in whole}


def _plant(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            # The same name is a value already: keep both, this one under its dotted name.
            tree[".".join(path)] = value
            return
        tree = inner
    tree[path[-1]] = value


def _events(found: Any, start: int) -> Iterator[SpanEvent]:
    listed = parsed(found)
    for event in listed if isinstance(listed, list) else ():
        if not isinstance(event, dict):
            continue
        at = event.get("time_unix_nano", event.get("timestamp"))
        yield SpanEvent(
            name=str(event.get("name") or ""),
            time_ns=nanoseconds_of(at, "an event's time") or start,
            attributes=attributes_of(attributes_of_pairs(event.get("attributes"))),
        )
