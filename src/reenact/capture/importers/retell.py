"""Calls of Retell, as its API and webhooks give them; the session is the call id.

A call becomes a talk in text. Times are those of the words, which Retell does not vouch for.
There is no prompt, model or tool definition in a call. Addresses of recordings are kept as
references and never fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reenact.capture.importers import voice
from reenact.capture.importers.fields import below, list_of, name_of, object_of, optional
from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.importers.listed import conversations_of
from reenact.capture.importers.retell_rows import Rows, rows_of
from reenact.capture.importers.said import Speakers, items_of
from reenact.capture.items import identified
from reenact.domain.conversation import Conversation, Item
from reenact.domain.fidelity import AxisName

_ELSEWHERE = (
    "Retell's calls do not hold it: take it from the agent (GET /get-agent, /get-retell-llm)"
)
_GAPS: dict[AxisName, str] = {
    "system_prompt": _ELSEWHERE,
    "model": _ELSEWHERE,
    "usage": "Retell counts tokens by request, and in and out together: llm_token_usage in the "
    "metadata",
    "timing": "Retell gives no times for these words",
    "audio": "a spoken call, taken as text; the addresses of its recordings are in its metadata",
}
_TRANSCRIPTS = (
    "transcript_with_tool_calls", "scrubbed_transcript_with_tool_calls", "transcript_object",
)  # fmt: skip
_BEFORE = (
    "pre_session_transcript_with_tool_calls", "scrubbed_pre_session_transcript_with_tool_calls",
)  # fmt: skip
_AFTER = (
    "post_session_transcript_with_tool_calls", "scrubbed_post_session_transcript_with_tool_calls",
)  # fmt: skip
_RECORDINGS = (
    "recording_url", "recording_multi_channel_url", "scrubbed_recording_url",
    "scrubbed_recording_multi_channel_url", "public_log_url",
)  # fmt: skip
_KEPT = (
    "call_type", "call_status", "direction", "disconnection_reason", "agent_id", "agent_tag",
    "transfer_destination", "llm_token_usage",
)  # fmt: skip
_PAGES = ("items", "calls", "data", "results")
_CENT = 0.01


def conversations_in(
    path: Path, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield the calls of a file: one call, a list of them, one a line, pages or webhook events.

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
    id = name_of(told, "call_id")
    start = voice.from_milliseconds(told.get("start_timestamp"))
    rows = rows_of(_transcript(told, _TRANSCRIPTS), start)
    speakers = Speakers(agent=optional(told, "agent_name"), user_id=_user(told))
    items = _items(rows, speakers)
    if not items:
        raise Unusable(f"no one says anything in it{_why_silent(told)}")
    version = told.get("agent_version")
    reason = optional(told, "disconnection_reason")
    return identified(
        Conversation(
            id=f"sess:{id}",
            project=project,
            kind="session",
            session_id=id,
            agent_name=speakers.agent,
            agent_version=None if version is None else str(version),
            items=(*items, *voice.failure_at_the_end(items, reason)),
            history=_items(rows_of(_transcript(told, _BEFORE), None), speakers),
            metadata=_metadata(told, rows),
            scores=voice.score_of(
                "call_successful", below(told, "call_analysis", "call_successful")
            ),
            started_at=start,
            ended_at=voice.from_milliseconds(told.get("end_timestamp")),
            spoken=True,
            cost=voice.cost_of_call(below(told, "call_cost", "combined_cost"), of_a_dollar=_CENT),
            gaps=_GAPS,
        )
    )


def _items(rows: Rows, speakers: Speakers) -> tuple[Item, ...]:
    speech = voice.with_fixed_greeting(voice.joined_rows(rows.rows))
    return items_of(voice.said_in(speech), speakers=speakers, by_order=False)


def _unwrapped(value: Any) -> Sequence[Any] | None:
    """Return the calls in a page of the API or in an event, None for a call itself."""
    if not isinstance(value, dict) or "call_id" in value:
        return None
    if isinstance(value.get("call"), dict):
        return [value["call"]]
    return next((list(value[key]) for key in _PAGES if isinstance(value.get(key), list)), None)


def _transcript(told: dict[str, Any], keys: tuple[str, ...]) -> list[Any]:
    """Return the first of the transcripts that is there; the one of the call must be."""
    for key in keys:
        if told.get(key):
            rows = list_of(told[key], f"key {key}")
            if len(rows) > voice.MAX_ROWS:
                raise Unusable(f"key {key} holds more than {voice.MAX_ROWS:,} rows")
            return rows
    if keys is _TRANSCRIPTS:
        raise Unusable(f"holds no transcript{_why_silent(told)}")
    return []


def _why_silent(told: dict[str, Any]) -> str:
    why = optional(told, "disconnection_reason") or optional(told, "call_status")
    return f" ({why[:80]})" if why else ""


def _user(told: dict[str, Any]) -> str | None:
    """Return who called, or was called: an id that the call was given, else the number."""
    number = "to_number" if told.get("direction") == "outbound" else "from_number"
    return optional(told, "metadata", "user_id") or optional(told, number)


def _metadata(told: dict[str, Any], rows: Rows) -> dict[str, Any]:
    after = _transcript(told, _AFTER)
    left_out = [*rows.left_out, *([f"{len(after)} rows after the call"] if after else [])]
    return voice.filled(
        {
            "platform": "retell",
            **{key: told.get(key) for key in _KEPT},
            "recordings": {
                key: found for key in _RECORDINGS if (found := voice.addresses(told.get(key)))
            },
            "latency_ms": told.get("latency"),
            "analysis": told.get("call_analysis"),
            "cost_breakdown_cents": below(told, "call_cost", "product_costs"),
            "variables": told.get("retell_llm_dynamic_variables"),
            "collected_variables": told.get("collected_dynamic_variables"),
            "call_metadata": told.get("metadata"),
            "backchannels": rows.backchannels,
            "nodes": rows.nodes,
            "left_out": left_out,
        }
    )
