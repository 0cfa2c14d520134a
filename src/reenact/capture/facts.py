"""What filters, lists and joins need of a span: extracted once, when it comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from reenact.capture.dialects import read
from reenact.capture.history import prefix_hash, result_hash
from reenact.capture.reading import WireMessage
from reenact.domain.span import Span, SpanFacts, StoredSpan
from reenact.store.spans import FactsReader

MOST_LABELS = 32
LONGEST_LABEL = 120
"""Bounds on the metadata of a span that sessions can be found by."""


def facts_of(span: Span) -> SpanFacts:
    """Return the facts of `span`.

    The history hashes are for joining traces that name no session, so they are only made for
    model calls without a session id: they cost a full reading of the call's input.
    """
    reading = read(span, brief=True)
    prefix, result = None, None
    if reading.kind == "model" and reading.session_id is None:
        whole = read(span)
        prefix = prefix_hash(whole.messages_in)
        result = result_hash(whole.messages_in, whole.messages_out)
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
        tags=reading.tags,
        labels=tuple(_labels(reading.metadata)),
        prefix_hash=prefix,
        result_hash=result,
    )


def _labels(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Yield the metadata that sessions can be found by: short values, and few."""
    for key, value in islice(metadata.items(), MOST_LABELS):
        if isinstance(value, bool):
            value = str(value).lower()
        label = f"{key}={value}"
        if isinstance(value, (str, int, float)) and len(label) <= LONGEST_LABEL:
            yield label


def _read_again(stored: StoredSpan) -> SpanFacts:
    return facts_of(stored.span)


FACTS = FactsReader(version=4, read=_read_again)
"""What a span store reads facts with. The version rises when any dialect reads otherwise."""


def _last_text(messages: tuple[WireMessage, ...], role: str) -> str | None:
    for message in reversed(messages):
        if message.role == role and message.text:
            return message.text
    return None
