"""LiteLLM: one span a model call, no session id, no spans of tools.

An answer's tool calls may stand in numbered keys, without ids; the next call's input has the
ids and the results. A child span repeats the raw request of the provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading, WireMessage
from reenact.capture.wire.chat import messages_of, split_system
from reenact.capture.wire.json_text import parsed
from reenact.capture.wire.numbered import numbered_answer, numbered_messages, numbered_tools
from reenact.capture.wire.python_text import mapping
from reenact.domain.span import Span

_RAW = "raw_gen_ai_request"
_CALLS = frozenset(
    {"chat", "completion", "acompletion", "text_completion", "atext_completion",
     "responses", "aresponses", "anthropic_messages", "generate_content", "agenerate_content"}
)  # fmt: skip
_NOT_METADATA = ("session_id", "user_id", "tags")
_DETAILS = ("prompt_tokens_details", "completion_tokens_details")


def claims(span: Span) -> bool:
    """Claim spans of the library's own callback, unless it wrote them in another dialect."""
    attributes = span.attributes
    own = span.scope_name == "litellm" or "litellm.call_id" in attributes
    return own and "openinference.span.kind" not in attributes


def read(span: Span, brief: bool) -> Reading:
    """Read a span of LiteLLM."""
    attributes = span.attributes
    if span.name == _RAW:
        return Reading(reader="litellm", phantom=True, error=common.failure(span))
    operation = attributes.get("gen_ai.operation.name", attributes.get("llm.request.type"))
    given = mapping(attributes.get("metadata.requester_metadata"))
    own: dict[str, Any] = {
        "kind": "model" if str(operation) in _CALLS else "other",
        "session_id": common.identity(given, "session_id")
        or common.identity(attributes, *common.SESSION_KEYS),
        "user_id": common.identity(
            attributes, "llm.user", "metadata.user_api_key_end_user_id", *common.USER_KEYS
        ),
    }
    own["tags"] = common.names(given.get("tags"))
    own["metadata"] = {k: v for k, v in given.items() if k not in _NOT_METADATA}
    if own["kind"] == "model":
        own |= _model(attributes, brief)
    return genai.reading(span, brief, reader="litellm", **own)


def _model(attributes: Mapping[str, Any], brief: bool) -> dict[str, Any]:
    given = messages_of(parsed(attributes.get("gen_ai.input.messages")), brief=brief)
    given = given or numbered_messages(attributes, "gen_ai.prompt", brief=brief)
    system, told = split_system(given)
    facts: dict[str, Any] = {"messages_in": told, "messages_out": _answer(attributes)}
    if brief:
        return facts
    used = mapping(attributes.get("metadata.usage_object"))
    details: dict[str, Any] = {}
    for name in _DETAILS:
        details |= common.mapping(used.get(name))
    instructions = messages_of(parsed(attributes.get("gen_ai.system_instructions")))
    return facts | {
        "system_prompt": split_system(instructions)[0] or system,
        "tools": numbered_tools(attributes, "llm.request.functions"),
        "usage": common.usage(
            {**details, **attributes},
            input_tokens=("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
            output_tokens=("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
            cached=("cached_tokens",),
            reasoning=("reasoning_tokens",),
        ),
    }


def _answer(attributes: Mapping[str, Any]) -> tuple[WireMessage, ...]:
    """Return the answer, with the calls of numbered keys where the message names none."""
    said = messages_of(parsed(attributes.get("gen_ai.output.messages")))[:1]
    if any(message.calls for message in said):
        return said
    numbered = numbered_answer(attributes, "gen_ai.completion")
    if not numbered:
        return tuple(message for message in said if message.text)
    text = next((message.text for message in said if message.text), numbered[0].text)
    return (WireMessage(role="assistant", text=text, calls=numbered[0].calls),)


_CONTENT = "unset turn_off_message_logging in the settings of LiteLLM"
DIALECT = Dialect(name="litellm", claims=claims, read=read, content=_CONTENT)
