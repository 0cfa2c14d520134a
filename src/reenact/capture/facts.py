"""What filters, lists and joins need of a span: extracted once, when it comes in."""

from __future__ import annotations

from reenact.capture.dialects import read
from reenact.capture.history import chain
from reenact.capture.reading import Reading, WireMessage
from reenact.domain.span import Span, SpanFacts


def facts_of(span: Span) -> SpanFacts:
    """Return the facts of `span`.

    The history hashes are for joining traces that name no session, so they are only made for
    model calls without a session id: they cost a full reading of the call's input.
    """
    reading = read(span, brief=True)
    prefix, result = None, None
    if reading.kind == "model" and reading.session_id is None:
        prefix, result = _hashes(read(span))
    return SpanFacts(
        reader=reading.reader,
        kind=reading.kind,
        session_id=reading.session_id,
        user_id=reading.user_id,
        agent_name=reading.agent_name,
        agent_version=reading.agent_version,
        user_text=_last_text(reading.messages_in, "user") or reading.input_text,
        assistant_text=_last_text(reading.messages_out, "assistant") or reading.output_text,
        tool_name=reading.tool_name,
        model=reading.model or reading.model_response,
        input_tokens=reading.usage.input_tokens,
        output_tokens=reading.usage.output_tokens,
        error=reading.error,
        prefix_hash=prefix,
        result_hash=result,
    )


def _last_text(messages: tuple[WireMessage, ...], role: str) -> str | None:
    return next((m.text for m in reversed(messages) if m.role == role and m.text), None)


def _hashes(reading: Reading) -> tuple[str | None, str | None]:
    """Return the hash of the input up to its last assistant message, and of input and output."""
    told = reading.messages_in
    last = max((n for n, m in enumerate(told, 1) if m.role == "assistant"), default=0)
    links = chain(told + reading.messages_out)
    result = links[-1] if told and reading.messages_out else None
    return (links[last - 1] if last else None), result
