"""Pydantic AI (with Logfire or bare): GenAI conventions, run metadata on the root.

With the OpenInference processor the same spans carry both families; this reader takes the
GenAI one, so nothing is counted twice.
"""

from __future__ import annotations

from typing import Any

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading
from reenact.capture.wire.agent_text import words_in, words_out
from reenact.capture.wire.chat import messages_of
from reenact.capture.wire.json_text import parsed
from reenact.domain.span import Span

_NOT_METADATA = ("user_id", "session_id", "tags")


def claims(span: Span) -> bool:
    """Claim spans of the library's own scope, or with its keys: not every store keeps scopes."""
    attributes = span.attributes
    return (
        span.scope_name == "pydantic-ai"
        or "pydantic_ai.all_messages" in attributes
        or "model_request_parameters" in attributes
    )


def read(span: Span, brief: bool) -> Reading:
    """Read a span of Pydantic AI."""
    attributes = span.attributes
    # Logfire scrubs keys with "session" in them; the conversation id survives.
    own: dict[str, Any] = {
        "session_id": common.identity(attributes, "gen_ai.conversation.id", "session.id"),
    }
    metadata = common.mapping(attributes.get("metadata"))
    if metadata:
        own["user_id"] = common.identity(attributes, *common.USER_KEYS) or common.identity(
            metadata, "user_id"
        )
        own["tags"] = common.names(metadata.get("tags"))
        own["metadata"] = {k: v for k, v in metadata.items() if k not in _NOT_METADATA}
    if "final_result" in attributes:
        own["output_text"] = words_out(attributes["final_result"])
    if "pydantic_ai.all_messages" in attributes:
        own["input_text"] = _asked(attributes)
    return genai.reading(span, brief, reader="pydantic_ai", **own)


def _asked(attributes: Any) -> str | None:
    """Return the user's words of this run: the first new message, else the last user one."""
    messages = parsed(attributes["pydantic_ai.all_messages"])
    start = common.count(attributes, "pydantic_ai.new_message_index") or 0
    if not isinstance(messages, list):
        return None
    fresh = [m.text for m in messages_of(messages[start:]) if m.role == "user" and m.text]
    return fresh[0] if fresh else words_in(messages)


_CONTENT = "use InstrumentationSettings(include_content=True)"
DIALECT = Dialect(name="pydantic_ai", claims=claims, read=read, content=_CONTENT)
