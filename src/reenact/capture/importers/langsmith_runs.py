"""LangSmith's runs as the spans that its own library sends over OpenTelemetry.

A run's ids are UUIDs: the trace's becomes the trace id, the run's own a digest (`span_id_of`).
Settings out of the traced process's environment, which the library adds to the metadata, are
dropped: never kept, wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reenact.capture.importers.foreign_spans import (
    PROJECT,
    attributes_of,
    json_of,
    nanoseconds_of,
    number_of,
    required,
    span_id_of,
    trace_id_of,
    without_environment,
)
from reenact.capture.importers.json_places import Unusable
from reenact.capture.wire.json_text import parsed
from reenact.capture.wire.request import answering_model
from reenact.domain.span import Span, SpanEvent

Run = Mapping[str, Any]

_METADATA = "langsmith.metadata."
_TRACEBACK = "Traceback (most recent call last)"
_STREAM_BEGAN = "First Token Stream Event"
_NOT_METADATA = ("runtime", "revision_id")


def is_run(record: Run) -> bool:
    """Tell whether a record is a run."""
    return "run_type" in record and "id" in record


def span_of(run: Run, *, project: str) -> Span:
    """Return a run as a span.

    Raises:
        Unusable: where it lacks an id, a type or a time.
    """
    native = required(run, "id")
    start = nanoseconds_of(run.get("start_time"), "key start_time")
    if start is None:
        raise Unusable("key start_time is missing")
    end = nanoseconds_of(run.get("end_time"), "key end_time")
    parent = _parent(run)
    extra = _mapping(run.get("extra"))
    metadata = _mapping(extra.get("metadata")) | _mapping(run.get("metadata"))
    error, stack = _error(run)
    return Span(
        trace_id=trace_id_of(_trace(run, native)),
        span_id=span_id_of(native),
        parent_span_id=span_id_of(parent) if parent else None,
        name=str(run.get("name") or run["run_type"]),
        start_ns=start,
        end_ns=max(start, end or 0),
        status="error" if error else "ok" if end else "unset",
        status_message=error or "",
        attributes=attributes_of(_facts(run, metadata, extra)),
        events=tuple(_events(run, stack, max(start, end or 0))),
        resource={PROJECT: project},
    )


def is_unfinished(run: Run) -> bool:
    """Tell whether a run has begun and not ended."""
    return not run.get("end_time")


def _trace(run: Run, native: str) -> str:
    """Return the trace's id; a run without one is a trace of its own."""
    found = run.get("trace_id")
    if isinstance(found, str) and found:
        return found
    order = run.get("dotted_order")
    if isinstance(order, str) and len(first := order.partition(".")[0]) > 36:
        return first[-36:]
    return native


def _parent(run: Run) -> str | None:
    """Return the id of the run above: newer answers list all of them, from the root down."""
    found = run.get("parent_run_id")
    if isinstance(found, str) and found:
        return found
    above = run.get("parent_run_ids")
    if isinstance(above, list) and above and isinstance(above[-1], str):
        return above[-1]
    order = run.get("dotted_order")
    parts = order.split(".") if isinstance(order, str) else []
    return parts[-2][-36:] if len(parts) > 1 and len(parts[-2]) > 36 else None


def _facts(run: Run, metadata: Run, extra: Run) -> dict[str, Any]:
    settings = _mapping(extra.get("invocation_params"))
    tags = run.get("tags")
    thread = {"thread_id": run["thread_id"]} if run.get("thread_id") else {}
    own = {
        key: value
        for key, value in {**thread, **metadata}.items()
        # LangChain repeats the settings of a call among its metadata.
        if key not in _NOT_METADATA and (key not in settings or settings[key] != value)
    }
    return {
        "langsmith.span.kind": str(run["run_type"]).lower(),
        "langsmith.span.id": run["id"],
        "langsmith.span.tags": tags if isinstance(tags, list) and tags else None,
        "langsmith.request.streaming": settings.get("stream"),
        "gen_ai.prompt": _content(run.get("inputs")),
        "gen_ai.completion": _content(run.get("outputs")),
        "gen_ai.request.model": settings.get("model") or settings.get("model_name"),
        "gen_ai.response.model": answering_model(run.get("outputs")),
        "gen_ai.tool.definitions": json_of(settings.get("tools") or settings.get("functions")),
        **_tokens(run),
        **{f"{_METADATA}{key}": _flat(value) for key, value in own.items()},
    }


def _tokens(run: Run) -> dict[str, Any]:
    """Return tokens and cost of a model's run; a chain's are sums of what is inside it.

    Details lie one level deeper in newer answers, and are not in older ones: then the answer
    itself may count. Where no price is known the cost is 0.
    """
    if str(run["run_type"]).lower() != "llm":
        return {}
    counted = _counted(run.get("outputs"))
    details: dict[str, Any] = {}
    for side, name in (("input", "prompt"), ("output", "completion")):
        told = _mapping(run.get(f"{name}_token_details"))
        parts = told.get("raw", told) or counted.get(f"{side}_token_details")
        details[f"gen_ai.usage.{side}_token_details"] = json_of(parts or None)
        tokens = number_of(run.get(f"{name}_tokens")) or counted.get(f"{side}_tokens")
        details[f"gen_ai.usage.{side}_tokens"] = tokens or None
    return {**details, "gen_ai.cost.total_cost": number_of(run.get("total_cost")) or None}


def _counted(outputs: Any) -> dict[str, Any]:
    """Return what an answer says of its tokens, beside it or on LangChain's message inside."""
    answer = _mapping(outputs)
    batch = answer.get("generations")
    while isinstance(batch, list) and batch:
        batch = batch[0]
    message = _mapping(_mapping(batch).get("message"))
    inner = _mapping(message.get("kwargs", message))
    return _mapping(answer.get("usage_metadata")) or _mapping(inner.get("usage_metadata"))


def _error(run: Run) -> tuple[str | None, str]:
    """Return why a run failed, and its stack apart: LangSmith writes both as one text."""
    error = run.get("error")
    if not isinstance(error, str) or not error.strip():
        return ("failed" if str(run.get("status")).lower() == "error" else None), ""
    said, mark, stack = error.partition(_TRACEBACK)
    return (said.strip(), mark + stack) if said.strip() else (error.strip(), "")


def _events(run: Run, stack: str, at: int) -> Iterator[SpanEvent]:
    first = nanoseconds_of(run.get("first_token_time"), "key first_token_time")
    if first:
        yield SpanEvent(name=_STREAM_BEGAN, time_ns=first)
    if stack:
        told = attributes_of({"exception.stacktrace": stack})
        yield SpanEvent(name="langsmith.error", time_ns=at, attributes=told)


def _content(value: Any) -> str | None:
    data = parsed(value, value)
    return json_of(without_environment(data)) if data not in (None, {}) else None


def _flat(value: Any) -> Any:
    return json_of(value) if isinstance(value, (dict, list)) else value


def _mapping(found: Any) -> dict[str, Any]:
    """Return an object, which exports may hold as JSON in a text; empty where it is none."""
    told = parsed(found)
    return told if isinstance(told, dict) else {}
