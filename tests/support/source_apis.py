"""The APIs of the sources over rows: paging, windows of time, what older servers lack."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from support.exports import Row, Rows
from support.http_source import Answering, Asked, Reply

NOT_FOUND = Reply({"message": "not found"}, 404)


def nanoseconds(time: Any) -> int:
    if isinstance(time, int):
        return time
    at = datetime.fromisoformat(str(time).replace("Z", "+00:00"))
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(at.timestamp() * 1_000_000) * 1_000


def within(rows: Sequence[Row], key: str, since: Any, until: Any) -> Rows:
    """The rows that began in a window, as a server cuts it."""
    low, high = nanoseconds(since), nanoseconds(until)
    return [row for row in rows if low <= nanoseconds(row[key]) < high]


def cut(rows: Rows, start: int, size: int) -> tuple[Rows, int | None]:
    end = start + size
    return rows[start:end], end if end < len(rows) else None


def langfuse_api(
    *, new: Rows | None = None, traces: Sequence[Row] = (), observations: Sequence[Row] = ()
) -> Answering:
    """Version 2 where `new` is given; a server of version 3 else."""

    def answering(asked: Asked) -> Reply:
        if asked.path == "/api/public/v2/observations" and new is not None:
            rows = within(
                new, "startTime", asked.param("fromStartTime"), asked.param("toStartTime")
            )
            rows = sorted(rows, key=lambda row: row["startTime"], reverse=True)
            start = int(base64.b64decode(asked.param("cursor") or "MA=="))
            page, following = cut(rows, start, int(asked.param("limit") or 50))
            expanded = (asked.param("expandMetadata") or "").split(",")
            page = [row | {"metadata": _shortened(row["metadata"], expanded)} for row in page]
            cursor = base64.b64encode(str(following).encode()).decode()
            return Reply({"data": page, "meta": {"cursor": cursor} if following else {}})
        kinds = {
            "/api/public/traces": (traces, "timestamp", "fromTimestamp", "toTimestamp"),
            "/api/public/observations": (observations, "startTime", "fromStartTime", "toStartTime"),
        }
        if asked.path not in kinds or new is not None:
            return NOT_FOUND
        rows, key, since, until = kinds[asked.path]
        rows = within(rows, key, asked.param(since), asked.param(until))
        number, size = int(asked.param("page") or 1), int(asked.param("limit") or 50)
        page, _ = cut(rows, (number - 1) * size, size)
        return Reply({"data": page, "meta": {"page": number, "totalItems": len(rows)}})

    return answering


def _shortened(metadata: dict[str, Any], expanded: Sequence[str]) -> dict[str, Any]:
    return {
        key: value[:200] if isinstance(value, str) and key not in expanded else value
        for key, value in metadata.items()
    }


def langsmith_api(*, project: str, v1: Rows | None = None, v2: Rows | None = None) -> Answering:
    def answering(asked: Asked) -> Reply:
        if asked.path == "/api/v1/sessions":
            found = [{"id": "p-1", "name": project}] if asked.param("name") == project else []
            return Reply(found)
        content = asked.content or {}
        start = int(content.get("cursor", 0))
        if asked.path == "/api/v2/runs/query" and v2 is not None:
            rows = within(v2, "start_time", content["min_start_time"], content["max_start_time"])
            page, following = cut(rows, start, content["page_size"])
            page = [{k: v for k, v in r.items() if k.upper() in content["selects"]} for r in page]
            return Reply({"items": page, "next_cursor": str(following) if following else None})
        if asked.path == "/api/v1/runs/query" and v1 is not None:
            until = content["filter"].split('"')[1]
            rows = within(v1, "start_time", content["start_time"], until)
            page, following = cut(rows, start, content["limit"])
            page = [{k: v for k, v in row.items() if k in content["select"]} for row in page]
            return Reply({"runs": page, "cursors": {"next": str(following) if following else None}})
        return NOT_FOUND

    return answering


def phoenix_api(*, project: str, rows: Rows) -> Answering:
    def answering(asked: Asked) -> Reply:
        if asked.path == "/v1/projects":
            return Reply({"data": [{"name": project, "id": "UHJvamVjdDox"}], "next_cursor": None})
        if asked.path not in (f"/v1/projects/{project}/spans", "/v1/projects/UHJvamVjdDox/spans"):
            return Reply({"detail": "Project not found"}, 404)
        found = within(rows, "start_time", asked.param("start_time"), asked.param("end_time"))
        found = found[::-1]
        start = int(asked.param("cursor") or 0)
        page, following = cut(found, start, int(asked.param("limit") or 100))
        return Reply({"data": page, "next_cursor": str(following) if following else None})

    return answering


def mlflow_api(*, experiment: str, traces: Rows, batch: bool = True) -> Answering:
    """`traces` as `peer_exports.mlflow_answers` gives them."""
    by_id = {trace["trace_info"]["trace_id"]: trace for trace in traces}

    def answering(asked: Asked) -> Reply:
        if asked.path == "/api/2.0/mlflow/experiments/get-by-name":
            if asked.param("experiment_name") == experiment:
                return Reply({"experiment": {"experiment_id": "7"}})
            return Reply({"error_code": "RESOURCE_DOES_NOT_EXIST"}, 404)
        if asked.path == "/api/3.0/mlflow/traces/search":
            infos = [trace["trace_info"] for trace in traces]
            start = int(asked.content.get("page_token", 0))
            page, following = cut(infos, start, asked.content["max_results"])
            token = {"next_page_token": str(following)} if following else {}
            return Reply({"traces": page, **token})
        if asked.path == "/api/3.0/mlflow/traces/batchGet" and batch:
            ids = [value for key, value in asked.params if key == "trace_ids"]
            return Reply({"traces": [by_id[i] for i in ids if by_id[i].get("spans")]})
        if asked.path == "/ajax-api/3.0/mlflow/get-trace-artifact":
            found = by_id[asked.param("request_id") or ""]
            spans = found.get("spans") or found.get("in_a_file")
            return Reply({"spans": spans}) if spans else NOT_FOUND
        return NOT_FOUND

    return answering


def parsed_filter(text: str) -> tuple[int, int]:
    """The bounds in milliseconds that a filter of MLflow names."""
    words = text.replace("timestamp_ms", "").split()
    return int(words[1]), int(words[-1])
