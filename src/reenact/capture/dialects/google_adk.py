"""Google ADK: GenAI spans; before version 2 also `call_llm` spans with Gemini's own JSON.

Without an opt-in of the user's it sends no content at all: names, ids, tokens and times only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from reenact.capture.dialects import common, genai
from reenact.capture.reading import Dialect, Reading, WireCall, WireMessage
from reenact.capture.wire.chat import messages_of, text_of, tools_of
from reenact.capture.wire.json_text import parsed
from reenact.capture.wire.results import failure_in, own_failure, with_results
from reenact.domain.conversation import Usage
from reenact.domain.span import Span

_OWN = "gcp.vertex.agent."
_MERGED = "(merged tools)"
_NO_ID = "<not specified>"
_NO_CONTENT = ("{}", "N/A", "<not serializable>", "<not specified>")


def claims(span: Span) -> bool:
    """Claim spans of the library's own scope."""
    return span.scope_name == "gcp.vertex.agent"


def read(span: Span, brief: bool) -> Reading:
    """Read a span of ADK."""
    attributes = span.attributes
    own: dict[str, Any] = {
        "session_id": common.identity(attributes, *common.SESSION_KEYS, f"{_OWN}session_id"),
        # One more span for calls that ran at once: each of them has its own already.
        "phantom": attributes.get("gen_ai.tool.name") == _MERGED,
    }
    operation = attributes.get("gen_ai.operation.name")
    if operation == "execute_tool":
        own |= _tool(span)
    elif operation == "generate_content":
        own |= _chunked(attributes)
    elif operation is None and f"{_OWN}llm_request" in attributes:
        own |= _call_llm(attributes, brief)
    found = genai.reading(span, brief, reader="google_adk", **own)
    if found.kind != "model":
        return found
    return structs.replace(
        found,
        model=_bare(found.model, found.provider),
        messages_in=with_results(found.messages_in, own_failure),
    )


def _bare(model: str | None, provider: str | None) -> str | None:
    """Return a model's name without its provider's, which LiteLLM puts before it."""
    return model.removeprefix(f"{provider}/") if model and provider else model


def _tool(span: Span) -> dict[str, Any]:
    facts = genai.tool_facts(span)
    if facts["tool_call_id"] == _NO_ID:
        facts["tool_call_id"] = None
    if facts["tool_arguments"] is None and facts["tool_arguments_raw"] is None:
        facts["tool_arguments"] = _legacy(span.attributes, "tool_call_args")
    if not facts["tool_answered"] and facts["error"] is None:
        facts["tool_result"] = _legacy(span.attributes, "tool_response")
        facts["tool_answered"] = facts["tool_result"] is not None
    # A tool that caught its own exception hands it on as a dict, and its span is fine.
    said = failure_in(facts["tool_result"])
    if said is not None:
        facts |= {"error": said, "tool_result": None, "tool_answered": False}
    return facts


def _legacy(attributes: Mapping[str, Any], name: str) -> Any:
    """Return what an attribute of ADK's own holds; None where it stands for nothing.

    `{}` is written where content is not captured, so it says nothing.
    """
    given = attributes.get(f"{_OWN}{name}")
    return None if given in _NO_CONTENT else parsed(given)


def _chunked(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the output of a streamed call: its chunks are there, and after them the whole."""
    answer = parsed(attributes.get("gen_ai.output.messages"))
    if not isinstance(answer, list) or len(answer) < 2:
        return {}
    return {"messages_out": _joined(messages_of(answer)), "streamed": True}


def _joined(chunks: Sequence[WireMessage]) -> tuple[WireMessage, ...]:
    """Return one message out of chunks, some of which repeat what came in pieces before."""
    whole: list[str] = []
    pieces: list[str] = []
    calls: dict[str | int, WireCall] = {}
    for chunk in chunks:
        if chunk.text:
            if pieces and chunk.text == "".join(pieces):
                whole.append(chunk.text)
                pieces = []
            else:
                pieces.append(chunk.text)
        for call in chunk.calls:
            key = call.id or len(calls)
            if key not in calls or call.arguments or call.raw:
                calls[key] = call
    text = "\n".join([*whole, *(["".join(pieces)] if pieces else [])])
    if not text and not calls:
        return ()
    return (WireMessage(role="assistant", text=text or None, calls=tuple(calls.values())),)


def _call_llm(attributes: Mapping[str, Any], brief: bool) -> dict[str, Any]:
    """Return the facts of a model call as version 1 wrote it: a request and an answer of Gemini."""
    request = common.mapping(attributes.get(f"{_OWN}llm_request"))
    answer = common.mapping(attributes.get(f"{_OWN}llm_response"))
    said = answer.get("content")
    facts: dict[str, Any] = {
        "kind": "model",
        "messages_in": messages_of(request.get("contents"), brief=brief),
        "messages_out": messages_of([said]) if isinstance(said, dict) else (),
        "usage": _usage(attributes, answer.get("usage_metadata")),
    }
    if brief:
        return facts
    config = request.get("config")
    config = config if isinstance(config, dict) else {}
    instruction = config.get("system_instruction")
    if isinstance(instruction, dict):
        instruction = instruction.get("parts")
    offered = config.get("tools")
    return facts | {
        "system_prompt": text_of(instruction),
        "tools": tools_of([d for tool in offered for d in _declared(tool)])
        if isinstance(offered, list)
        else (),
    }


def _declared(tool: Any) -> list[Any]:
    declared = tool.get("function_declarations") if isinstance(tool, dict) else None
    return declared if isinstance(declared, list) else []


def _usage(attributes: Mapping[str, Any], given: Any) -> Usage:
    found = genai.usage(attributes)
    if found.input_tokens is not None or not isinstance(given, dict):
        return found
    return common.usage(
        given,
        input_tokens=("prompt_token_count",),
        output_tokens=("candidates_token_count",),
        cached=("cached_content_token_count",),
        reasoning=("thoughts_token_count",),
    )


_CONTENT = (
    "set OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental and "
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY"
)
DIALECT = Dialect(name="google_adk", claims=claims, read=read, content=_CONTENT)
