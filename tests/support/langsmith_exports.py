"""A capture's spans as LangSmith answers them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from reenact.domain.span import Span
from support.exports import Rows, iso, parsed

SECRET = "lsv2_sk_never_keep_me"
"""Stands among the metadata of runs, as a setting of the traced process."""


def run_id(span_id: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, span_id))


def langsmith_v1(spans: Sequence[Span]) -> Rows:
    """Rows of `POST /api/v1/runs/query`."""
    return [_langsmith_run(span) for span in spans]


def langsmith_v2(spans: Sequence[Span]) -> Rows:
    """Rows of `POST /api/v2/runs/query` with the fields that the fetch selects."""
    rows = []
    for span in spans:
        row = _langsmith_run(span)
        parent = row.pop("parent_run_id")
        for name in ("prompt_token_details", "completion_token_details"):
            row[name] = {"raw": row[name]} if row[name] else None
        metadata = row["extra"].pop("metadata")
        rows.append(
            row
            | {
                "run_type": row["run_type"].upper(),
                "parent_run_ids": [parent] if parent else [],
                "metadata": metadata,
                "status": row["status"].upper(),
                "thread_id": metadata.get("session_id"),
            }
        )
    return rows


def _langsmith_run(span: Span) -> dict[str, Any]:
    found = span.attributes
    prefix = "langsmith.metadata."
    metadata = {k.removeprefix(prefix): v for k, v in found.items() if k.startswith(prefix)}
    usage = parsed(metadata.pop("usage_metadata", None)) or {}
    error = next((e.attributes.get("exception.message") for e in span.events), None)
    outputs = parsed(found.get("gen_ai.completion"))
    if usage and isinstance(outputs, dict):
        outputs["usage_metadata"] = usage
    return {
        "id": run_id(span.span_id),
        "trace_id": str(uuid.UUID(span.trace_id)),
        "parent_run_id": run_id(span.parent_span_id) if span.parent_span_id else None,
        "dotted_order": "",
        "session_id": "6a3be6a2-9a8c-4fc8-b4c6-a8983b286cc5",
        "name": span.name,
        "run_type": found["langsmith.span.kind"],
        "start_time": iso(span.start_ns).partition("+")[0],
        "end_time": iso(span.end_ns).partition("+")[0],
        "status": "error" if error else "success",
        "error": f"{error}Traceback (most recent call last):\n\n  File ..." if error else None,
        "inputs": parsed(found.get("gen_ai.prompt")),
        "outputs": None if error else outputs,
        "extra": {
            "metadata": metadata | {"LANGSMITH_API_KEY": SECRET},
            "runtime": {"sdk": "langsmith-py", "LANGCHAIN_API_KEY": SECRET},
        },
        "tags": [tag for tag in str(found.get("langsmith.span.tags", "")).split(", ") if tag],
        "prompt_tokens": usage.get("input_tokens", 0),
        "completion_tokens": usage.get("output_tokens", 0),
        "prompt_token_details": usage.get("input_token_details"),
        "completion_token_details": usage.get("output_token_details"),
        "total_tokens": usage.get("total_tokens", 0),
        "total_cost": "0.0",
        "first_token_time": None,
    }
