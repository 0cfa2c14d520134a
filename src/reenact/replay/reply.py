"""What an agent answered, checked before it becomes part of a talk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reenact.agents.port import AgentFailed, AgentReply, RequestedTool
from reenact.domain.conversation import Usage

_MAX_ANSWER = 10_000_000
"""Characters of an answer; a longer one is no answer."""


def checked(reply: AgentReply) -> tuple[str | None, list[RequestedTool]]:
    """Return the reply's words and tool calls; raises AgentFailed saying what is wrong with it."""
    text: Any = reply.text
    if text is not None and not isinstance(text, str):
        raise AgentFailed("nonsense", f"answered {_kind(text)} where text was expected")
    if text is not None and len(text) > _MAX_ANSWER:
        raise AgentFailed("nonsense", f"answered {len(text):,} characters; {_MAX_ANSWER:,} fit")
    for name, kind in (("usage", Usage), ("model", str), ("time_to_first_token_ms", (int, float))):
        value = getattr(reply, name)
        if value is not None and not isinstance(value, kind):
            raise AgentFailed("nonsense", f"answered {_kind(value)} as {name}")
    asked = [_requested(call) for call in reply.tool_calls or ()]
    if text is None and not asked:
        raise AgentFailed("nonsense", "answered neither text nor tool calls")
    return text, asked


def _requested(call: RequestedTool | Mapping[str, Any]) -> RequestedTool:
    """Read a tool call in our form, or in the one of OpenAI's chat completions."""
    if isinstance(call, RequestedTool):
        return call
    function = call.get("function")
    inner = function if isinstance(function, Mapping) else call
    name, arguments = inner.get("name"), inner.get("arguments", {})
    if not isinstance(name, str) or not name:
        raise AgentFailed("nonsense", f"asked for a tool without a name: {str(call)[:200]}")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except json.JSONDecodeError as error:
            raise AgentFailed(
                "nonsense", f"the arguments of {name} are not JSON ({error}): {arguments[:200]}"
            ) from None
    id = call.get("id")
    return RequestedTool(name=name, arguments=arguments, id=id if isinstance(id, str) else None)


def _kind(value: Any) -> str:
    return f"a {type(value).__name__}"
