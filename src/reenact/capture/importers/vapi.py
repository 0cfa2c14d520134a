"""Calls of Vapi, as its API, exports and end-of-call reports give them; session is the call id.

A call becomes a talk in text with the times of its speech. Rows of one speaker that follow each
other are joined. Addresses of recordings are kept as references and never fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reenact.capture.dialects.common import count
from reenact.capture.importers import voice
from reenact.capture.importers.fields import below, list_of, name_of, object_of, optional, time_of
from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.importers.listed import conversations_of
from reenact.capture.importers.said import Speakers, items_of
from reenact.capture.importers.vapi_assistant import Assistant, assistant_of
from reenact.capture.importers.vapi_rows import Rows, rows_of
from reenact.capture.items import identified
from reenact.domain.conversation import Conversation, Usage
from reenact.domain.fidelity import AxisName

_BY_ID = "the call names its assistant by id only: GET /assistant/{id} of Vapi's API has the rest"
_GAPS: dict[AxisName, str] = {
    "system_prompt": f"no prompt is in the call; {_BY_ID}",
    "model": f"no model is named in the call; {_BY_ID}",
    "usage": "Vapi states tokens for the whole call only: turns have no baseline",
    "audio": "a spoken call, taken as text; the addresses of its recordings are in its metadata",
}
_RECORDINGS = ("recordingUrl", "stereoRecordingUrl", "videoRecordingUrl", "recording")


def conversations_in(
    path: Path, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield the calls of a file: one call, a list of them, one a line, or pages of the API.

    Raises:
        DecodeError: where a `.json` file is not JSON from its first value on, or not UTF-8.
        UsageError: where it cannot be read or is too large.
    """
    calls = voice.calls_in(path, on_reject, _unwrapped)
    yield from conversations_of(calls, partial(conversation_of, project=project), on_reject)


def conversation_of(call: Any, *, project: str) -> Conversation:
    """Return the conversation that one call tells; `call` is parsed JSON.

    Raises:
        Unusable: where it is no call, or nothing was said in it.
    """
    told = object_of(safe(call), "the call")
    id = name_of(told, "id")
    rows = rows_of(_messages(told))
    assistant = assistant_of(told, spoken_prompt=rows.prompt)
    speech = voice.joined_rows(rows.rows)
    if not assistant.greets_by_model:
        speech = voice.with_fixed_greeting(speech)
    items = items_of(voice.said_in(speech), speakers=_speakers(told, assistant), by_order=False)
    if not items:
        raise Unusable(f"no one says anything in it{_why_silent(told)}")
    times = [item.started_at for item in items if item.started_at]
    return identified(
        Conversation(
            id=f"sess:{id}",
            project=project,
            kind="session",
            session_id=id,
            agent_name=assistant.name,
            agent_version=optional(told, "assistantVersion"),
            items=(*items, *voice.failure_at_the_end(items, _reason(told))),
            tools=assistant.tools,
            metadata=_metadata(told, rows),
            scores=voice.score_of(
                "success_evaluation", below(told, "analysis", "successEvaluation")
            ),
            started_at=_time(told, "startedAt") or min(times, default=None),
            ended_at=_time(told, "endedAt") or max(times, default=None),
            spoken=True,
            cost=voice.cost_of_call(told.get("cost")),
            usage=_usage(told),
            gaps=_gaps(assistant),
        )
    )


def _unwrapped(value: Any) -> Sequence[Any] | None:
    """Return the calls in a page of the API or in a server message, None for a call itself."""
    if not isinstance(value, dict) or "id" in value:
        return None
    if isinstance(value.get("results"), list):
        return list(value["results"])
    message = value.get("message", value)
    if isinstance(message, dict) and isinstance(message.get("call"), dict):
        own = {key: found for key, found in message.items() if key not in ("call", "type")}
        return [{**own, **message["call"], **_later(message)}]
    return None


def _later(message: dict[str, Any]) -> dict[str, Any]:
    """Return what a report knows better than the call in it, which was taken before the end."""
    keys = ("artifact", "analysis", "endedReason", "startedAt", "endedAt", "cost", "costs")
    return {key: message[key] for key in keys if message.get(key) is not None}


def _messages(told: dict[str, Any]) -> list[Any]:
    """Return the rows of a call, of which older payloads have theirs at the top."""
    found = below(told, "artifact", "messages")
    if not found:
        found = told.get("messages")
    if not found:
        raise Unusable(f"holds no messages{_why_silent(told)}")
    rows = list_of(found, "key artifact.messages")
    if len(rows) > voice.MAX_ROWS:
        raise Unusable(f"key artifact.messages holds more than {voice.MAX_ROWS:,} rows")
    return rows


def _why_silent(told: dict[str, Any]) -> str:
    why = optional(told, "endedReason") or optional(told, "status")
    return f" ({why[:80]})" if why else ""


def _reason(told: dict[str, Any]) -> str | None:
    parts = (optional(told, key) for key in ("endedReason", "endedMessage"))
    return " ".join(part for part in parts if part) or None


def _speakers(told: dict[str, Any], assistant: Assistant) -> Speakers:
    return Speakers(
        prompt=assistant.prompt,
        model=assistant.model,
        agent=assistant.name,
        user_id=_user(told),
    )


def _user(told: dict[str, Any]) -> str | None:
    """Return who called: an id of the customer where there is one, else the number."""
    found = optional(told, "customerId")
    keys = ("id", "externalId", "number", "sipUri")
    return found or next((v for k in keys if (v := optional(told, "customer", k))), None)


def _time(told: dict[str, Any], key: str) -> Any:
    found = told.get(key)
    return None if found is None else time_of(found, f"key {key}")


def _usage(told: dict[str, Any]) -> Usage:
    """Return the tokens of the whole call: the sum over its models, else the older breakdown."""
    costs = told.get("costs")
    models = [
        one
        for one in (costs if isinstance(costs, list) else [])
        if isinstance(one, dict) and one.get("type") == "model"
    ]
    if not models:
        whole = below(told, "costBreakdown")
        whole = whole if isinstance(whole, dict) else {}
        return Usage(
            input_tokens=count(whole, "llmPromptTokens"),
            output_tokens=count(whole, "llmCompletionTokens"),
            cached_input_tokens=count(whole, "llmCachedPromptTokens"),
        )

    def total(key: str) -> int | None:
        found = [count(one, key) for one in models]
        return None if None in found else sum(number or 0 for number in found)

    return Usage(
        input_tokens=total("promptTokens"),
        output_tokens=total("completionTokens"),
        cached_input_tokens=total("cachedPromptTokens"),
        reasoning_tokens=total("reasoningTokens"),
    )


def _gaps(assistant: Assistant) -> dict[AxisName, str]:
    known = {"system_prompt": assistant.prompt, "model": assistant.model}
    return {name: reason for name, reason in _GAPS.items() if known.get(name) is None}


def _metadata(told: dict[str, Any], rows: Rows) -> dict[str, Any]:
    """Return what Vapi tells beside the talk; `phoneCallProvider` is the carrier."""
    artifact = below(told, "artifact") or {}
    recordings = {
        key: found
        for source in (told, artifact)
        for key in _RECORDINGS
        if isinstance(source, dict) and (found := voice.addresses(source.get(key)))
    }
    return voice.filled(
        {
            "platform": "vapi",
            "call_type": told.get("type"),
            "status": told.get("status"),
            "ended_reason": told.get("endedReason"),
            "carrier": told.get("phoneCallProvider"),
            "assistant_id": told.get("assistantId"),
            "squad_id": told.get("squadId"),
            "workflow_id": told.get("workflowId"),
            "recordings": recordings,
            "talk_seconds": rows.talk_seconds,
            "performance": below(artifact, "performanceMetrics"),
            "variables": below(artifact, "variableValues"),
            "structured_outputs": below(artifact, "structuredOutputs"),
            "analysis": told.get("analysis"),
            "cost_breakdown": told.get("costBreakdown"),
            "left_out": rows.left_out,
        }
    )
