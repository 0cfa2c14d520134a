"""Request bodies with placeholders, and headers with variables; both compiled once.

A body is JSON data in which a text may hold `{{messages}}`, `{{message}}`, `{{session_id}}`,
`{{turn}}`, `{{model}}`, `{{input}}` (the messages as items of OpenAI's Responses API),
`{{mcp_url}}` or `{{tools_url}}`. A text that is nothing but a placeholder becomes the value itself
(a list stays a list); inside other words the value is written as text. Compiling turns the body
into JSON bytes with holes, so that filling it costs little more than encoding the messages.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from reenact.agents.input_items import input_items
from reenact.agents.port import AgentRequest
from reenact.domain.agent import HttpTarget
from reenact.errors import AgentNotLoaded

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_encode = msgspec.json.Encoder().encode

Hole = Callable[[AgentRequest], bytes]


def spoken(request: AgentRequest) -> list[dict[str, Any]]:
    """Return all messages of `request`, the new user message last.

    Nothing is added where the agent is asked again with the results of its tools.
    """
    answers_tools = request.messages and request.messages[-1].get("role") == "tool"
    if not request.message and answers_tools:
        return request.messages
    return [*request.messages, {"role": "user", "content": request.message}]


_VALUES: Mapping[str, Callable[[AgentRequest], Any]] = {
    "messages": spoken,
    "message": lambda request: request.message,
    "session_id": lambda request: request.session_id,
    "turn": lambda request: request.turn,
    "input": lambda request: input_items(spoken(request)),
    "mcp_url": lambda request: request.mcp_url,
    "tools_url": lambda request: request.tools_url,
}
_OF_SERVED = ("mcp_url", "tools_url")
_NAMES = (*_VALUES, "model")


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """A request body as JSON bytes with holes."""

    pieces: tuple[bytes | Hole, ...]

    def fill(self, request: AgentRequest) -> bytes:
        """Return the JSON body for `request`."""
        return b"".join(
            [piece if isinstance(piece, bytes) else piece(request) for piece in self.pieces]
        )


def request_template(target: HttpTarget) -> RequestTemplate:
    """Compile the body of `target`, or that of its ready template where it states none.

    Raises:
        AgentNotLoaded: for a placeholder that is not known or has no value.
    """
    body = target.request if target.request is not None else _ready_body(target)
    if target.tools != "served":
        _refuse_addresses(body)
    pieces: list[bytes | Hole] = []
    _write(body, pieces, model=target.model, place="request")
    return RequestTemplate(tuple(_joined(pieces)))


def fill_variables(
    templates: Mapping[str, str], environ: Mapping[str, str], *, noun: str = "header"
) -> dict[str, str]:
    """Return `templates` with every `${NAME}` replaced by its value in `environ`.

    Raises:
        AgentNotLoaded: naming the variable that is missing, or the `noun` (a header, say) that
            cannot be sent; never with a value.
    """
    filled = {}
    for name, template in templates.items():
        for variable in variables_of(template):
            if not environ.get(variable):
                raise AgentNotLoaded(
                    f"the environment variable {variable} is not set",
                    where=f"{noun} {name}",
                    next_step=f"export {variable}=... and run again",
                )
        value = _VARIABLE.sub(lambda match: environ[match[1]], template)
        if _BREAKS.search(value):
            raise AgentNotLoaded(
                "the value holds a line break or a control character",
                where=f"{noun} {name}",
                next_step="give the value on one line",
            )
        filled[name] = value
    return filled


def variables_of(template: str) -> list[str]:
    """Return the names of the environment variables that a header's template names."""
    return _VARIABLE.findall(template)


def names_in(body: Any) -> set[str]:
    """Return the names of the placeholders anywhere in a request body."""
    if isinstance(body, str):
        return set(_PLACEHOLDER.findall(body))
    parts = body.values() if isinstance(body, Mapping) else body
    if not isinstance(body, (Mapping, list, tuple)):
        return set()
    return {name for part in parts for name in names_in(part)}


def _refuse_addresses(body: Any) -> None:
    """Refuse to send no address where one is asked for: the agent would use another."""
    for name in sorted(names_in(body) & set(_OF_SERVED)):
        raise AgentNotLoaded(
            f"the request names {{{{{name}}}}}, but the agent's tools are not served",
            where="request",
            next_step="say tools: served in the agent file, or --tools served",
        )


def _ready_body(target: HttpTarget) -> Any:
    if target.template == "json":
        return {name: f"{{{{{name}}}}}" for name in ("messages", "message", "session_id")}
    body: dict[str, Any] = {} if target.model is None else {"model": "{{model}}"}
    if target.template == "responses":
        return body | {"input": "{{input}}", "stream": target.stream == "sse"}
    body |= {"messages": "{{messages}}", "stream": target.stream == "sse"}
    if target.stream == "sse":
        body["stream_options"] = {"include_usage": True}
    return body


def _write(node: Any, pieces: list[bytes | Hole], *, model: str | None, place: str) -> None:
    if isinstance(node, str):
        _write_text(node, pieces, model=model, place=place)
    elif isinstance(node, Mapping):
        pieces.append(b"{")
        for count, (key, value) in enumerate(node.items()):
            pieces.append((b"," if count else b"") + _encode(str(key)) + b":")
            _write(value, pieces, model=model, place=f"{place}.{key}")
        pieces.append(b"}")
    elif isinstance(node, (list, tuple)):
        pieces.append(b"[")
        for count, value in enumerate(node):
            pieces.append(b"," if count else b"")
            _write(value, pieces, model=model, place=f"{place}.{count}")
        pieces.append(b"]")
    else:
        pieces.append(_encode(node))


def _write_text(text: str, pieces: list[bytes | Hole], *, model: str | None, place: str) -> None:
    whole = _PLACEHOLDER.fullmatch(text)
    if whole:
        pieces.append(_hole(whole[1], inside=False, model=model, place=place))
        return
    pieces.append(b'"')
    # Splitting by a pattern with one group gives words and names in turn.
    for count, part in enumerate(_PLACEHOLDER.split(text)):
        if count % 2:
            pieces.append(_hole(part, inside=True, model=model, place=place))
        else:
            pieces.append(_encode(part)[1:-1])
    pieces.append(b'"')


def _hole(name: str, *, inside: bool, model: str | None, place: str) -> bytes | Hole:
    if name == "model":
        return _model(model, inside=inside, place=place)
    value = _VALUES.get(name)
    if value is None:
        near = difflib.get_close_matches(name, _NAMES, n=1)
        known = ", ".join(f"{{{{{known}}}}}" for known in _NAMES)
        raise AgentNotLoaded(
            f"unknown placeholder {{{{{name}}}}}",
            where=place,
            next_step=f"did you mean {{{{{near[0]}}}}}?" if near else f"use one of {known}",
        )
    if inside:
        return lambda request: _as_text(value(request))
    return lambda request: _encode(value(request))


def _model(model: str | None, *, inside: bool, place: str) -> bytes:
    if model is None:
        raise AgentNotLoaded(
            "the request names {{model}}, but no model was given",
            where=place,
            next_step="name the model in the agent file, or with --model",
        )
    return _as_text(model) if inside else _encode(model)


def _as_text(value: Any) -> bytes:
    words = value if isinstance(value, str) else _encode(value).decode()
    return _encode(words)[1:-1]


def _joined(pieces: list[bytes | Hole]) -> list[bytes | Hole]:
    joined: list[bytes | Hole] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            joined[-1] = last + piece
        else:
            joined.append(piece)
    return joined
