"""Messages as tau-bench (OpenAI's shape) and tau2 (its own, flat) write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from reenact.capture.importers.fields import (
    count_of,
    list_of,
    object_of,
    optional,
    text_of,
    time_of,
)
from reenact.capture.importers.json_places import Unusable, parsed
from reenact.capture.importers.said import SYNTHETIC_START, Said, call_asked
from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.domain.conversation import Cost, Usage

_MARKER = re.compile(r"###[A-Z][A-Z _-]*###")


def tau_bench_said(messages: Iterable[dict[str, Any]]) -> tuple[list[Said], dict[str, str]]:
    """Return what was said before the user's marker, and the words beside it as `closing`.

    A call failed where its answer begins with "Error".
    """
    return _until_marker(
        Said(
            message=_message(raw, f"traj.{place}", failed=_says_error(raw)),
            at=SYNTHETIC_START + timedelta(seconds=place),
        )
        for place, raw in enumerate(messages)
        if raw.get("role") != "system"
    )


def tau2_said(messages: Iterable[dict[str, Any]]) -> tuple[list[Said], dict[str, str]]:
    """Return the same of a tau2 talk; a call failed where the message's `error` is true."""
    return _until_marker(
        _tau2_said(raw, f"messages.{place}")
        for place, raw in enumerate(messages)
        if raw.get("role") != "system"
    )


def _tau2_said(raw: dict[str, Any], place: str) -> Said:
    usage = raw.get("usage")
    tokens = object_of(usage or {}, f"key {place}.usage")
    cost = raw.get("cost")
    # tau2 writes a cost of 0 where it knew no price; a call that used tokens was not free.
    priced = isinstance(cost, (int, float)) and cost > 0 and usage is not None
    return Said(
        message=_message(raw, place, failed=raw.get("error") is True),
        at=time_of(raw.get("timestamp"), f"key {place}.timestamp"),
        usage=Usage(
            input_tokens=count_of(tokens, "prompt_tokens", f"{place}.usage"),
            output_tokens=count_of(tokens, "completion_tokens", f"{place}.usage"),
        ),
        cost=Cost(amount=float(cost or 0)) if priced else None,
        by_model=usage is not None or raw.get("raw_data") is not None,
    )


def _message(raw: dict[str, Any], place: str, *, failed: bool) -> WireMessage:
    role = raw.get("role")
    text = text_of(raw, "content", place)
    if role == "tool":
        return _answer(raw, text or "", failed)
    if role == "user" or role == "assistant":
        asked = list_of(raw.get("tool_calls") or [], f"key {place}.tool_calls")
        calls = tuple(_call(c, f"{place}.tool_calls.{n}") for n, c in enumerate(asked))
        if text is None and not calls:
            raise Unusable(f"key {place}.content is missing")
        return WireMessage(role=role, text=text, calls=calls)
    raise Unusable(f"key {place}.role is {role!r}, not user, assistant, tool or system")


def _answer(raw: dict[str, Any], text: str, failed: bool) -> WireMessage:
    result = WireResult(
        id=optional(raw, "tool_call_id") or optional(raw, "id"),
        name=optional(raw, "name"),
        content=text if failed else parsed(text),
        failed=failed,
    )
    return WireMessage(role="tool", results=(result,))


def _call(raw: Any, place: str) -> WireCall:
    call = object_of(raw, f"key {place}")
    function = object_of(call.get("function", call), f"key {place}.function")
    name = optional(function, "name")
    if name is None:
        raise Unusable(f"key {place}.name is missing")
    if "arguments" not in function:
        raise Unusable(f"key {place}.arguments is missing")
    return call_asked(name, function["arguments"], id=optional(call, "id"))


def _until_marker(said: Iterable[Said]) -> tuple[list[Said], dict[str, str]]:
    kept: list[Said] = []
    for one in said:
        text = one.message.text or ""
        if one.message.role == "user" and _MARKER.search(text):
            words = _MARKER.sub("", text).strip()
            return kept, {"closing": words} if words else {}
        kept.append(one)
    return kept, {}


def _says_error(raw: dict[str, Any]) -> bool:
    return str(raw.get("content")).startswith("Error")
