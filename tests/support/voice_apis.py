"""The APIs of voice platforms over calls, after their published schemas."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from reenact.capture.importers.foreign_spans import iso_of
from support.calls import RETELL_CALL, VAPI_CALL, VAPI_START
from support.exports import Rows
from support.http_source import Answering, Asked, Reply
from support.source_apis import NOT_FOUND, cut, nanoseconds

LISTED_WITHOUT = ("transcript", "transcript_object", "transcript_with_tool_calls")
"""What Retell's list leaves out of a call."""


def moved(row: Any, by: timedelta) -> Any:
    """The data of a call with its times so much later."""
    ms = int(by.total_seconds() * 1000)
    if isinstance(row, list):
        return [moved(one, by) for one in row]
    if isinstance(row, dict):
        return {key: moved(value, by) for key, value in row.items()}
    if isinstance(row, str) and row.startswith("2026-11-24T"):
        return iso_of(nanoseconds(row) + ms * 10**6)
    is_time = isinstance(row, (int, float)) and row >= VAPI_START
    return row + ms if is_time else row


def vapi_calls(count: int, *, minutes: float = 1) -> Rows:
    """Calls that were made one after the other, oldest first."""
    return [
        moved(copy.deepcopy(VAPI_CALL), timedelta(minutes=minutes * n)) | {"id": f"call-{n}"}
        for n in range(count)
    ]


def retell_calls(count: int) -> Rows:
    return [
        moved(copy.deepcopy(RETELL_CALL), timedelta(minutes=n)) | {"call_id": f"call_{n}"}
        for n in range(count)
    ]


def vapi_api(calls: Sequence[Any], *, largest: int = 1000) -> Answering:
    def answering(asked: Asked) -> Reply:
        if asked.path != "/call":
            return NOT_FOUND
        since, until = (nanoseconds(asked.param(n)) for n in ("updatedAtGe", "createdAtLt"))
        assistant = asked.param("assistantId")
        found = [
            call
            for call in calls
            if nanoseconds(call["updatedAt"]) >= since
            and nanoseconds(call["createdAt"]) < until
            and assistant in (None, call["assistantId"])
        ]
        found.sort(key=lambda call: nanoseconds(call["createdAt"]), reverse=True)
        return Reply(found[: min(largest, int(asked.param("limit") or 100))])

    return answering


def retell_api(calls: Sequence[Any]) -> Answering:
    def answering(asked: Asked) -> Reply:
        if asked.method == "GET" and asked.path.startswith("/v2/get-call/"):
            name = asked.path.rpartition("/")[2]
            return next((Reply(call) for call in calls if call["call_id"] == name), NOT_FOUND)
        if (asked.method, asked.path) != ("POST", "/v3/list-calls"):
            return NOT_FOUND
        wanted = asked.content["filter_criteria"]
        low, high = wanted["start_timestamp"]["value"]
        agents = [one["agent_id"] for one in wanted.get("agent", ())]
        found = [
            {key: value for key, value in call.items() if key not in LISTED_WITHOUT}
            for call in calls
            if low <= call["start_timestamp"] <= high and (not agents or call["agent_id"] in agents)
        ]
        found.sort(key=lambda call: call["start_timestamp"])
        start = int(asked.content.get("pagination_key", 0))
        page, following = cut(found, start, asked.content["limit"])
        key = {"pagination_key": str(following)} if following else {}
        return Reply({"items": page, "has_more": following is not None, **key})

    return answering
