"""Spans of somebody who wants the reader's browser to do something."""

from __future__ import annotations

import json
from collections.abc import Iterator

MARKUP = (
    '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>'
    "<iframe src='http://elsewhere.example/'></iframe> "
    "[click](javascript:globalThis.hacked=1) ![x](http://elsewhere.example/x.png) "
    "http://elsewhere.example/ data:text/html,<script>1</script>"
)
CONTROL = "a\u202egnp.exe \u0007\u001b[31mred\u200b\u2066hidden\u2069\ufeff\r\n\tend"
TEXTS = {"markup": MARKUP, "control": CONTROL, "long": "word " * 210_000}


def hostile_posts() -> Iterator[bytes]:
    """Yield an OTLP/JSON body for each kind of text: in words, names, ids of users, and tools."""
    for number, (session, text) in enumerate(TEXTS.items(), start=1):
        short = text[:500]
        attributes = {
            "openinference.span.kind": "LLM",
            "session.id": session,
            "user.id": short,
            "llm.model_name": short,
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": text,
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": text,
            "metadata": json.dumps({"link": short}),
            "tag.tags": short,
        }
        span = {
            "traceId": f"{number:032x}",
            "spanId": f"{number:016x}",
            "name": short,
            "startTimeUnixNano": str(1_763_000_000_000_000_000 + number * 10**9),
            "endTimeUnixNano": str(1_763_000_000_500_000_000 + number * 10**9),
            "status": {"code": 2, "message": short},
            "attributes": [
                {"key": key, "value": {"stringValue": value}} for key, value in attributes.items()
            ],
        }
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "hostile"}}]}
        scope = {"scope": {"name": "openinference.instrumentation.openai"}, "spans": [span]}
        yield json.dumps(
            {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}
        ).encode()
