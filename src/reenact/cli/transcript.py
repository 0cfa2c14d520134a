"""A conversation as lines for a terminal. Pure: recording in, rich markup out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from rich.text import Text

from reenact.cli.console import one_line, printable, shown
from reenact.cli.times import shown_time
from reenact.domain.conversation import (
    Cost,
    Failure,
    Handoff,
    Item,
    Message,
    ModelCall,
    Retrieval,
    ToolCall,
    Usage,
)
from reenact.domain.recording import Recording
from reenact.domain.turn import Turn, turns_of, whole_cost, whole_usage

Line = str | Text
_SHORT = 300
"""Characters of a prompt, an argument or a result, unless all is asked for."""
_LABEL = 11
_MARGIN = 2
_NARROWEST = 30
_ROLE_STYLES = {"user": "bold cyan", "assistant": "bold", "operator": "bold", "system": "dim"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How much is shown, and how wide; `width` None leaves long lines as they are."""

    full: bool = False
    width: int | None = None


def transcript_lines(recording: Recording, *, layout: Layout) -> Iterator[Line]:
    """Yield the heading, what is known of the past, and the turns, in order."""
    talk = recording.conversation
    yield from _heading(recording)
    yield from _fidelity(recording, layout)
    if talk.system_prompt:
        yield from _entry("prompt", talk.system_prompt, "dim", layout)
    if talk.history:
        yield f"[dim]{len(talk.history)} earlier messages and calls were sent along[/]"
        for item in talk.history if layout.full else ():
            yield from _item(item, layout)
    for turn in turns_of(talk):
        yield ""
        yield _turn_heading(turn)
        for item in turn.items:
            yield from _item(item, layout)


def _heading(recording: Recording) -> Iterator[str]:
    talk = recording.conversation
    yield f"[bold]{shown(talk.id)}[/]  project {shown(talk.project)}"
    version = f" {talk.agent_version}" if talk.agent_version else ""
    turns = [turn for turn in turns_of(talk) if turn.index]
    models = dict.fromkeys(c.model or c.model_response for c in talk.model_calls)
    users = dict.fromkeys(turn.user_id for turn in turns if turn.user_id)
    facts = (
        f"{shown_time(talk.started_at)}{' (made up)' if talk.time_synthetic else ''}",
        f"{len(turns)} turn{'s' * (len(turns) != 1)}",
        f"agent {talk.agent_name}{version}" if talk.agent_name else "",
        f"model {', '.join(m for m in models if m)}" if any(models) else "",
        f"user {', '.join(users)}" if users else "",
        _tokens(whole_usage(talk)),
        _money(whole_cost(talk)),
    )
    yield " · ".join(shown(fact) for fact in facts if fact)
    for score in talk.scores:
        yield f"{shown(score.name)} {score.value:g} [dim](from the {shown(score.source)})[/]"


def _fidelity(recording: Recording, layout: Layout) -> Iterator[Line]:
    fidelity = recording.fidelity
    score = "unknown" if fidelity.score is None else f"{fidelity.score} of 100"
    yield f"fidelity {score}"
    for axis in fidelity.axes:
        if axis.status in ("partial", "missing"):
            why = f"{axis.name} {axis.score}: {axis.detail}"
            yield from _entry("lacking", why, "yellow", layout)


def _turn_heading(turn: Turn) -> str:
    facts = (
        f"{turn.started_at:%H:%M:%S}" if turn.started_at else "",
        f"{turn.latency_ms:,.0f} ms" if turn.latency_ms is not None else "",
        f"first token {turn.time_to_first_token_ms:,.0f} ms"
        if turn.time_to_first_token_ms is not None
        else "",
        _tokens(turn.usage),
        _money(turn.cost),
    )
    name = f"turn {turn.index}" if turn.index else "before the user spoke"
    bad = " · [red]no answer[/]" if turn.error else ""
    return f"[bold]{name}[/]  [dim]{' · '.join(fact for fact in facts if fact)}[/]{bad}"


def _item(item: Item, layout: Layout) -> Iterator[Line]:
    if isinstance(item, Message):
        whole = replace(layout, full=True)
        yield from _entry(item.role, _said(item), _ROLE_STYLES[item.role], whole)
    elif isinstance(item, ToolCall):
        yield from _tool_call(item, layout)
    elif isinstance(item, ModelCall):
        yield from _model_call(item, layout)
    elif isinstance(item, Retrieval):
        count = f"{len(item.documents)} documents"
        yield from _entry("retrieval", f"{item.query or '-'} -> {count}", "magenta", layout)
    elif isinstance(item, Handoff):
        yield from _entry(
            "handoff", f"{item.source or '-'} -> {item.target or '-'}", "magenta", layout
        )
    elif isinstance(item, Failure):
        yield from _entry(item.reason.replace("_", " "), item.error, "red", layout)


def _tool_call(call: ToolCall, layout: Layout) -> Iterator[Line]:
    by = "tool" if call.requestor == "agent" else "user's tool"
    taken = _duration_ms(call)
    time = f"  ({taken:,.0f} ms)" if taken is not None else ""
    yield from _entry(by, f"{call.name}({_arguments(call)}){time}", "magenta", layout)
    if call.error is not None:
        yield from _entry("", f"failed: {call.error}", "red", layout)
    elif not call.answered:
        yield from _entry("", "asked for, never answered", "yellow", layout)
    else:
        cut = " (cut short in the capture)" if call.truncated else ""
        yield from _entry("", f"-> {_json(call.result)}{cut}", "dim", layout)


def _model_call(call: ModelCall, layout: Layout) -> Iterator[Line]:
    if call.error is not None:
        yield from _entry("model", f"failed: {call.error}", "red", layout)
    elif layout.full:
        text = " · ".join(
            fact for fact in (call.model or call.model_response or "-", _tokens(call.usage)) if fact
        )
        yield from _entry("model", text, "dim", layout)


def _said(message: Message) -> str:
    parts = []
    for part in message.parts:
        if part.kind == "text":
            parts.append(part.text)
        elif part.kind == "blob":
            parts.append(f"[{part.media_type}]")
        else:
            parts.append(_json(part.data))
    return "\n".join(parts)


def _entry(label: str, text: str, style: str, layout: Layout) -> Iterator[Text]:
    """Yield a label and its text, later lines under the first: names are then easy to find."""
    lines = printable(text).split("\n") if layout.full else [one_line(text, _SHORT)]
    indent = _MARGIN + _LABEL + 1
    if layout.width is not None:
        width = max(layout.width - indent, _NARROWEST)
        lines = [part for line in lines for part in textwrap.wrap(line, width) or [""]]
    for place, line in enumerate(lines):
        head = f"{label:<{_LABEL}} " if place == 0 else " " * (_LABEL + 1)
        yield Text.assemble(" " * _MARGIN, (head, style), line)


def _arguments(call: ToolCall) -> str:
    if call.arguments is None and call.arguments_raw is not None:
        readable = _is_json(call.arguments_raw)  # values that have lost their names
        return call.arguments_raw if readable else f"not readable: {call.arguments_raw}"
    if isinstance(call.arguments, dict):
        return ", ".join(f"{name}={_argument(value)}" for name, value in call.arguments.items())
    return _argument(call.arguments)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _argument(value: Any) -> str:
    return repr(value) if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _duration_ms(call: ToolCall) -> float | None:
    if call.started_at is None or call.ended_at is None:
        return None
    return (call.ended_at - call.started_at).total_seconds() * 1000


def _tokens(usage: Usage) -> str:
    if usage.input_tokens is None and usage.output_tokens is None:
        return ""
    given, made = (
        "?" if count is None else f"{count:,}"
        for count in (usage.input_tokens, usage.output_tokens)
    )
    return f"{given} in, {made} out tokens"


def _money(cost: Cost | None) -> str:
    if cost is None:
        return ""
    return (
        f"{cost.amount:.2f} {cost.currency}"
        if cost.amount >= 1
        else (f"{cost.amount:.6f} {cost.currency}")
    )
