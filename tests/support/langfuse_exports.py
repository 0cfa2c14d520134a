"""A capture's spans as Langfuse answers and exports them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from reenact.domain.span import Span
from support.exports import Rows, iso, parsed


def langfuse_observations(spans: Sequence[Span]) -> Rows:
    """Rows of `GET /api/public/observations` (version 1): JSON parsed, nothing of the trace."""
    return [_langfuse_observation(span) for span in spans]


def langfuse_traces(spans: Sequence[Span]) -> Rows:
    """Rows of `GET /api/public/traces`."""
    return [
        _langfuse_trace(span) | {"observations": [s.span_id for s in _of_trace(spans, span)]}
        for span in spans
        if span.parent_span_id is None
    ]


def langfuse_details(spans: Sequence[Span]) -> Rows:
    """Answers of `GET /api/public/traces/{id}`: traces with their observations."""
    return [
        _langfuse_trace(span)
        | {"observations": langfuse_observations(_of_trace(spans, span)), "scores": []}
        for span in spans
        if span.parent_span_id is None
    ]


def langfuse_v2(spans: Sequence[Span]) -> Rows:
    """Rows of `GET /api/public/v2/observations` with all field groups: text as it was stored."""
    rows = []
    for span in spans:
        found = span.attributes
        row = _langfuse_observation(span)
        row["providedModelName"] = row.pop("model")
        for name in ("input", "output"):
            row[name] = found.get(f"langfuse.observation.{name}")
        rows.append(
            row
            | {
                "sessionId": found.get("session.id"),
                "userId": found.get("user.id"),
                "tags": found.get("langfuse.trace.tags", []),
                "traceName": found.get("langfuse.trace.name"),
                "release": found.get("langfuse.release"),
                "isRootObservation": span.parent_span_id is None,
                "metadata": row["metadata"] | _langfuse_metadata(span),
            }
        )
    return rows


def langfuse_blob(spans: Sequence[Span]) -> tuple[Rows, Rows]:
    """Traces and observations as blob storage gets them: snake case, ClickHouse's times."""
    traces = [_snake(row) for row in langfuse_traces(spans)]
    for row in traces:
        row |= {"timestamp": _clickhouse(row["timestamp"]), "bookmarked": False}
        row["metadata"] = {k: _text(v) for k, v in row["metadata"].items()}
        row["input"], row["output"] = _text(row["input"]), _text(row["output"])
        del row["observations"], row["html_path"]
    observations = [_snake(row) for row in langfuse_observations(spans)]
    for row in observations:
        for name in ("start_time", "end_time", "completion_start_time"):
            row[name] = _clickhouse(row[name])
        row["provided_model_name"] = row.pop("model")
        row["usage_details"] = {k: str(v) for k, v in row["usage_details"].items()}
        row["input"], row["output"] = _text(row["input"]), _text(row["output"])
    return traces, observations


def _langfuse_trace(root: Span) -> dict[str, Any]:
    found = root.attributes
    return {
        "id": root.trace_id,
        "timestamp": iso(root.start_ns, digits=3),
        "name": found.get("langfuse.trace.name"),
        "input": parsed(found.get("langfuse.observation.input")),
        "output": parsed(found.get("langfuse.observation.output")),
        "sessionId": found.get("session.id"),
        "userId": found.get("user.id"),
        "release": found.get("langfuse.release"),
        "version": found.get("langfuse.version"),
        "metadata": _langfuse_metadata(root) | {"resourceAttributes": dict(root.resource)},
        "tags": found.get("langfuse.trace.tags", []),
        "public": False,
        "environment": "production",
        "latency": (root.end_ns - root.start_ns) / 1e9,
        "totalCost": 0,
        "htmlPath": f"/project/p/traces/{root.trace_id}",
        "projectId": "p",
    }


def _langfuse_observation(span: Span) -> dict[str, Any]:
    found = span.attributes
    failed = found.get("langfuse.observation.level") == "ERROR"
    first = parsed(parsed(found.get("langfuse.observation.completion_start_time")))
    return {
        "id": span.span_id,
        "traceId": span.trace_id,
        "parentObservationId": span.parent_span_id,
        "type": str(found["langfuse.observation.type"]).upper(),
        "name": span.name,
        "startTime": iso(span.start_ns, digits=3),
        "endTime": iso(span.end_ns, digits=3),
        "completionStartTime": first,
        "model": found.get("langfuse.observation.model.name"),
        "modelParameters": parsed(found.get("langfuse.observation.model.parameters")),
        "input": parsed(found.get("langfuse.observation.input")),
        "output": parsed(found.get("langfuse.observation.output")),
        "level": "ERROR" if failed else "DEFAULT",
        "statusMessage": found.get("langfuse.observation.status_message") or span.status_message,
        "version": found.get("langfuse.version"),
        "metadata": {
            "resourceAttributes": dict(span.resource),
            "scope": {"name": span.scope_name, "version": span.scope_version, "attributes": {}},
        },
        "usageDetails": _langfuse_usage(found),
        "costDetails": {},
        "environment": "production",
        "promptName": None,
        "promptVersion": None,
        "latency": (span.end_ns - span.start_ns) / 1e9,
        "projectId": "p",
    }


def _langfuse_usage(found: Any) -> dict[str, int]:
    """The server counts details apart: `input` is what none of them counts."""
    told = parsed(found.get("langfuse.observation.usage_details"))
    if not isinstance(told, dict) or "prompt_tokens" not in told:
        return told if isinstance(told, dict) else {}
    usage = {"total": told["total_tokens"]}
    for side, name in (("input", "prompt_tokens"), ("output", "completion_tokens")):
        details = {k: v for k, v in (told.get(f"{name}_details") or {}).items() if v is not None}
        usage[side] = max(told[name] - sum(details.values()), 0)
        usage |= {f"{side}_{key}": value for key, value in details.items()}
    return usage


def _langfuse_metadata(span: Span) -> dict[str, Any]:
    prefix = "langfuse.trace.metadata."
    return {
        key.removeprefix(prefix): parsed(value)
        for key, value in span.attributes.items()
        if key.startswith(prefix)
    }


def _of_trace(spans: Sequence[Span], root: Span) -> list[Span]:
    return [span for span in spans if span.trace_id == root.trace_id]


def _snake(row: dict[str, Any]) -> dict[str, Any]:
    def named(key: str) -> str:
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in key)

    return {named(key): value for key, value in row.items()}


def _clickhouse(time: str | None) -> str | None:
    return time and time.replace("T", " ").partition("+")[0]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
