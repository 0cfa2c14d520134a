"""Spans as an instrumented agent sends them (OTel GenAI), told in few words for tests."""

from __future__ import annotations

import json
from typing import Any

from reenact.domain.span import Span, SpanEvent

TUESDAY = 1_760_000_000_000_000_000
SECOND = 1_000_000_000


def user(text: str) -> dict[str, Any]:
    """A user message."""
    return {"role": "user", "parts": [{"type": "text", "content": text}]}


def agent(text: str | None = None, *calls: dict[str, Any]) -> dict[str, Any]:
    """An assistant message of words, or calls, or both."""
    said = [{"type": "text", "content": text}] if text is not None else []
    return {"role": "assistant", "parts": [*said, *calls]}


def asks(name: str, call_id: str | None = None, **arguments: Any) -> dict[str, Any]:
    """A part that asks for a tool."""
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}


def answered(*results: tuple[str | None, Any]) -> dict[str, Any]:
    """A tool message of (call id, result) pairs."""
    parts = [{"type": "tool_call_response", "id": i, "response": r} for i, r in results]
    return {"role": "tool", "parts": parts}


def span(
    number: int,
    *,
    trace: str = "a",
    parent: int | None = None,
    at: float | None = None,
    lasts: float = 1,
    error: str | None = None,
    name: str = "step",
    session: str | None = "s1",
    events: tuple[SpanEvent, ...] = (),
    resource: dict[str, Any] | None = None,
    scope: str = "shop",
    **attributes: Any,
) -> Span:
    """A span that begins `at` (else `number`) seconds into Tuesday; attributes with __ for dots."""
    start = TUESDAY + int((number if at is None else at) * SECOND)
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    if session is not None:
        named["gen_ai.conversation.id"] = session
    return Span(
        trace_id=trace * 32,
        span_id=f"{number:016x}",
        parent_span_id=f"{parent:016x}" if parent is not None else None,
        name=name,
        start_ns=start,
        end_ns=start + int(lasts * SECOND),
        status="error" if error is not None else "unset",
        status_message=error or "",
        attributes=named,
        events=events,
        scope_name=scope,
        resource=resource or {"service.name": "support"},
    )


def model(number: int, told: list[Any], answer: dict[str, Any] | None = None, **given: Any) -> Span:
    """A model call that was `told` a history and answered."""
    said = {} if answer is None else {"gen_ai__output__messages": json.dumps([answer])}
    given.setdefault("gen_ai__usage__input_tokens", 10)
    given.setdefault("gen_ai__usage__output_tokens", 2)
    return span(
        number,
        gen_ai__operation__name="chat",
        gen_ai__request__model="small-1",
        gen_ai__input__messages=json.dumps(told),
        **said,
        **given,
    )


def tool(
    number: int, name: str, *, result: Any = None, call_id: str | None = None, **given: Any
) -> Span:
    """A tool's run; `arguments` as a dict, no result where it is None."""
    arguments = given.pop("arguments", None)
    if arguments is not None:
        given["gen_ai__tool__call__arguments"] = json.dumps(arguments)
    if result is not None:
        given["gen_ai__tool__call__result"] = json.dumps(result)
    if call_id is not None:
        given["gen_ai__tool__call__id"] = call_id
    return span(number, gen_ai__operation__name="execute_tool", gen_ai__tool__name=name, **given)


def root(number: int, **given: Any) -> Span:
    """An agent's root span."""
    given.setdefault("gen_ai__agent__name", "support")
    return span(number, gen_ai__operation__name="invoke_agent", **given)
