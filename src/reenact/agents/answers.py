"""What an HTTP agent answered: where the words, the tool calls and the tokens are.

A path is dotted (`choices.0.message.content`); a number picks from a list, `-1` the last, and
`.` is the whole answer. Where a ready template knows several places, the first that holds
something of the right type counts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import msgspec

from reenact.agents.port import AgentFailed, AgentReply, RequestedTool
from reenact.domain.agent import HttpTarget
from reenact.domain.conversation import Usage
from reenact.errors import AgentNotLoaded

Path = tuple[str, ...]
MISSING: Final = object()
_EXCERPT = 300


def paths(*texts: str) -> tuple[Path, ...]:
    """Return dotted `texts` as paths; `.` is the whole answer."""
    return tuple(() if text == "." else tuple(text.split(".")) for text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPaths:
    """The places to look in, per fact, the likeliest first."""

    text: tuple[Path, ...]
    tool_calls: tuple[Path, ...]
    input_tokens: tuple[Path, ...] = paths("usage.input_tokens", "usage.prompt_tokens")
    output_tokens: tuple[Path, ...] = paths("usage.output_tokens", "usage.completion_tokens")
    cached_input_tokens: tuple[Path, ...] = paths(
        "usage.input_tokens_details.cached_tokens", "usage.prompt_tokens_details.cached_tokens"
    )
    reasoning_tokens: tuple[Path, ...] = paths(
        "usage.output_tokens_details.reasoning_tokens",
        "usage.completion_tokens_details.reasoning_tokens",
    )
    model: tuple[Path, ...] = paths("model")


FACTS = tuple(field.name for field in fields(AnswerPaths))
"""The facts that a target's `response` may give a path for."""

_JSON_TEXT = paths("content", "text", "message", "message.content", "answer", "reply", "output")

_NOWHERE = AnswerPaths(text=(), tool_calls=())
"""Of the Responses API: what its output holds is told by types, not by places."""
_WHOLE = {
    "json": AnswerPaths(text=_JSON_TEXT, tool_calls=paths("tool_calls", "message.tool_calls")),
    "openai": AnswerPaths(
        text=paths("choices.0.message.content"), tool_calls=paths("choices.0.message.tool_calls")
    ),
    "responses": _NOWHERE,
}
_PARTS = {
    "json": AnswerPaths(
        text=(*paths("delta", "delta.content", "delta.text", "token"), *_JSON_TEXT),
        tool_calls=paths("tool_calls", "delta.tool_calls", "message.tool_calls"),
    ),
    "openai": AnswerPaths(
        text=paths("choices.0.delta.content"), tool_calls=paths("choices.0.delta.tool_calls")
    ),
    "responses": _NOWHERE,
}


def answer_paths(target: HttpTarget, *, streamed: bool) -> AnswerPaths:
    """Return where the answers of `target` (or their streamed parts) hold what.

    The paths that the target states come before those of its ready template.

    Raises:
        AgentNotLoaded: for a fact that has no path in an answer.
    """
    for name in target.response:
        if name not in FACTS:
            near = difflib.get_close_matches(name, FACTS, n=1)
            raise AgentNotLoaded(
                f"unknown fact {name!r}",
                where="response",
                next_step=f"did you mean {near[0]}?" if near else f"use {', '.join(FACTS)}",
            )
    ready = (_PARTS if streamed else _WHOLE)[target.template]
    stated = {name: paths(path) for name, path in target.response.items()}
    return replace(ready, **stated)


def look(data: Any, path: Path) -> Any:
    """Return what `data` holds at `path`, or `MISSING`."""
    for part in path:
        if isinstance(data, dict):
            if part not in data:
                return MISSING
            data = data[part]
        elif isinstance(data, list):
            data = _item(data, part)
        else:
            return MISSING
    return data


def read_answer(data: Any, places: AnswerPaths) -> AgentReply:
    """Return the reply that a whole JSON answer holds.

    Raises:
        AgentFailed: `nonsense`, saying what came and which paths were looked for.
    """
    text = words_in(data, places.text)
    calls = tuple(map(read_call, calls_in(data, places.tool_calls)))
    if text is None and not calls:
        raise AgentFailed("nonsense", _no_words(data, places.text))
    return AgentReply(
        text=text,
        tool_calls=calls,
        usage=usage_in(data, places),
        model=model_in(data, places),
        streamed=False,
    )


def words_in(data: Any, places: Iterable[Path]) -> str | None:
    """Return the first text at one of `places`, None where there is none."""
    for path in places:
        value = look(data, path)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and (words := _words_of_parts(value)) is not None:
            return words
    return None


def calls_in(data: Any, places: Iterable[Path]) -> list[Any]:
    """Return the list of tool calls at the first of `places` that holds one.

    Raises:
        AgentFailed: `nonsense`, where something else is there.
    """
    for path in places:
        value = look(data, path)
        if value is MISSING or value is None:
            continue
        if not isinstance(value, list):
            raise AgentFailed("nonsense", f"`{_dotted(path)}` is {_kind(value)}, not a list")
        return value
    return []


def read_call(data: Any) -> RequestedTool:
    """Return one requested tool call, in the form of OpenAI or flat (`name`, `arguments`).

    Arguments that are JSON text are parsed; text that does not parse is kept as it came.

    Raises:
        AgentFailed: `nonsense`, for a call without a name.
    """
    call = data.get("function", data) if isinstance(data, dict) else None
    name = call.get("name") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(name, str) or not name:
        raise AgentFailed("nonsense", f"a tool call without a name: {excerpt(data)}")
    arguments = next((call[key] for key in ("arguments", "args", "input") if key in call), None)
    number = data.get("id")
    return RequestedTool(
        name=name, arguments=parse_arguments(arguments), id=str(number) if number else None
    )


def parse_arguments(arguments: Any) -> Any:
    """Return tool arguments as JSON data; none at all is `{}`, broken JSON text stays text."""
    if arguments is None or arguments == "":
        return {}
    if not isinstance(arguments, str):
        return arguments
    try:
        return msgspec.json.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        return arguments


def usage_in(data: Any, places: AnswerPaths) -> Usage | None:
    """Return the tokens that `data` states; None where it states none."""
    if not isinstance(data, dict):
        return None
    found = (
        _count(data, places.input_tokens),
        _count(data, places.output_tokens),
        _count(data, places.cached_input_tokens),
        _count(data, places.reasoning_tokens),
    )
    if found == (None, None, None, None):
        return None
    return Usage(
        input_tokens=found[0],
        output_tokens=found[1],
        cached_input_tokens=found[2],
        reasoning_tokens=found[3],
    )


def model_in(data: Any, places: AnswerPaths) -> str | None:
    """Return the model that `data` names."""
    for path in places.model:
        value = look(data, path)
        if isinstance(value, str) and value:
            return value
    return None


def excerpt(data: Any) -> str:
    """Return the beginning of JSON data or raw text, on one line and without control signs."""
    text = data if isinstance(data, str) else msgspec.json.encode(data).decode()
    line = "".join(sign if sign.isprintable() else " " for sign in text[: _EXCERPT * 2])
    line = " ".join(line.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def looked_for(places: Iterable[Path]) -> str:
    """Return `places` as a person reads them."""
    return ", ".join(f"`{_dotted(path)}`" for path in places)


def _item(data: list[Any], part: str) -> Any:
    try:
        return data[int(part)]
    except (ValueError, IndexError):
        return MISSING


def _words_of_parts(parts: list[Any]) -> str | None:
    words = [part.get("text") for part in parts if isinstance(part, Mapping)]
    texts = [word for word in words if isinstance(word, str)]
    return "".join(texts) if texts else None


def _count(data: Any, places: Iterable[Path]) -> int | None:
    for path in places:
        if path and path[0] not in data:
            continue
        value = look(data, path)
        if value is MISSING or isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        # JavaScript writes 12.0; a negative or broken number of tokens is unknown.
        if value >= 0 and value == int(value):
            return int(value)
    return None


def _no_words(data: Any, places: tuple[Path, ...]) -> str:
    for path in places:
        value = look(data, path)
        if value is not MISSING:
            return f"`{_dotted(path)}` is {_kind(value)}, not text; the answer was {excerpt(data)}"
    return f"no text in the answer: looked for {looked_for(places)} in {excerpt(data)}"


def _dotted(path: Path) -> str:
    return ".".join(path) or "."


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", dict: "an object", list: "a list", str: "a text"}
    return names.get(type(value), "a number")
