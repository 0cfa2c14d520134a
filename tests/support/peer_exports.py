"""A capture's spans as Phoenix and MLflow answer and export them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from reenact.domain.span import Span
from support.exports import Rows, iso, parsed


def phoenix(spans: Sequence[Span]) -> Rows:
    """Rows of `GET /v1/projects/{project}/spans`."""
    rows = []
    for number, span in enumerate(spans, 1):
        attributes = dict(span.attributes)
        kind = attributes.pop("openinference.span.kind", "UNKNOWN")
        for name in ("metadata", "llm.prompt_template.variables"):
            told = parsed(attributes.pop(name, None))
            attributes |= {f"{name}.{key}": value for key, value in (told or {}).items()}
        rows.append(
            {
                "id": base64.b64encode(f"Span:{number}".encode()).decode(),
                "name": span.name,
                "context": {"trace_id": span.trace_id, "span_id": span.span_id},
                "span_kind": kind,
                "parent_id": span.parent_span_id,
                "start_time": iso(span.start_ns),
                "end_time": iso(span.end_ns),
                "status_code": span.status.upper(),
                "status_message": span.status_message,
                "attributes": attributes,
                "events": [
                    {"name": e.name, "timestamp": iso(e.time_ns), "attributes": dict(e.attributes)}
                    for e in span.events
                ],
            }
        )
    return rows


def mlflow(spans: Sequence[Span]) -> Rows:
    """Traces as `Trace.to_json` writes them."""
    return [
        {
            "info": mlflow_info(root),
            "data": {"spans": [_mlflow_span(span) for span in _of_trace(spans, root)]},
        }
        for root in spans
        if root.parent_span_id is None
    ]


def mlflow_answers(spans: Sequence[Span]) -> Rows:
    """Traces as `GET /api/3.0/mlflow/traces/batchGet` answers them: typed values, base64 ids."""
    found = []
    for trace in mlflow(spans):
        for span in trace["data"]["spans"]:
            attributes = {key: json.loads(value) for key, value in span["attributes"].items()}
            span["attributes"] = [{"key": k, "value": _typed(v)} for k, v in attributes.items()]
        found.append({"trace_info": trace["info"], "spans": trace["data"]["spans"]})
    return found


def _of_trace(spans: Sequence[Span], root: Span) -> list[Span]:
    return [span for span in spans if span.trace_id == root.trace_id]


def mlflow_info(root: Span) -> dict[str, Any]:
    session, user = (root.attributes.get(name) for name in ("session.id", "user.id"))
    told = {"mlflow.trace.session": session, "mlflow.trace.user": user}
    return {
        "trace_id": f"tr-{root.trace_id}",
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": "1"},
        },
        "request_time": iso(root.start_ns, digits=3).replace("+00:00", "Z"),
        "state": "ERROR" if root.status == "error" else "OK",
        "trace_metadata": {key: value for key, value in told.items() if value},
        "tags": {"mlflow.trace.spansLocation": "TRACKING_STORE"}
        | {key: str(value) for key, value in root.resource.items()},
    }


def _mlflow_span(span: Span) -> dict[str, Any]:
    attributes = {key: json.dumps(_decoded(value)) for key, value in span.attributes.items()}
    attributes["mlflow.traceRequestId"] = json.dumps(f"tr-{span.trace_id}")
    code = {"ok": "OK", "error": "ERROR", "unset": "UNSET"}[span.status]
    return {
        "trace_id": _base64(span.trace_id),
        "span_id": _base64(span.span_id),
        "parent_span_id": _base64(span.parent_span_id) if span.parent_span_id else None,
        "name": span.name,
        "start_time_unix_nano": span.start_ns,
        "end_time_unix_nano": span.end_ns,
        "events": [
            {"name": e.name, "time_unix_nano": e.time_ns, "attributes": dict(e.attributes)}
            for e in span.events
        ],
        "status": {"code": f"STATUS_CODE_{code}", "message": span.status_message},
        "attributes": attributes,
    }


def _decoded(value: Any) -> Any:
    """MLflow takes text that is a JSON object or list for one; numbers in text stay text."""
    found = parsed(value) if isinstance(value, str) else value
    return found if isinstance(found, (dict, list)) else value


def _typed(value: Any) -> dict[str, Any] | None:
    if isinstance(value, bool):
        return {"bool_value": value}
    if isinstance(value, int):
        return {"int_value": value}
    if isinstance(value, float):
        return {"double_value": value}
    if isinstance(value, list):
        return {"array_value": {"values": [_typed(one) for one in value]}}
    if isinstance(value, dict):
        pairs = [{"key": k, "value": _typed(v)} for k, v in value.items()]
        return {"kvlist_value": {"values": pairs}}
    return None if value is None else {"string_value": value}


def _base64(hex_id: str) -> str:
    return base64.b64encode(bytes.fromhex(hex_id)).decode()
