"""Findings: the secrets and personal data of a conversation, each with its place, masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reenact.domain.conversation import (
    Conversation,
    DataPart,
    Failure,
    Handoff,
    Item,
    Message,
    ModelCall,
    Retrieval,
    ToolCall,
)
from reenact.domain.turn import turns_of
from reenact.redact.personal import kind_of_field, personal_in
from reenact.redact.secrets import FIELDS, secrets_in

MAX_FINDINGS = 1000
"""More than this are not listed: the answer is the same."""
MAX_TEXT = 1_000_000
"""Characters of one text that are looked at in one go; a longer one is looked at in pieces."""
MAX_DEPTH = 64

_OVERLAP = 4_000
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_MASKED = re.compile(r"(?i)[*x•.#_ -]*|[\[<({].*[\])}>]|redacted|removed|hidden|none|null|n/?a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A secret or a piece of personal data: what kind, where, and a masked excerpt."""

    kind: str
    where: str
    """Such as `turn 2, result of get_user_details: address.zip`."""
    masked: str

    def __str__(self) -> str:
        """Say the finding in one line."""
        return f"{self.kind} in {self.where} ({self.masked})"


def findings(conversation: Conversation) -> tuple[Finding, ...]:
    """Return the secrets and personal data of `conversation`, in its order, each place once.

    At most `MAX_FINDINGS`.
    """
    found: dict[Finding, None] = {}
    for finding in _in_conversation(conversation):
        found[finding] = None
        if len(found) >= MAX_FINDINGS:
            break
    return tuple(found)


def findings_in(data: Any, *, where: str) -> tuple[Finding, ...]:
    """Return the secrets and personal data of JSON data (or a text); `where` names the place."""
    found: dict[Finding, None] = {}
    for finding in _in_data(data, where, path=(), kind=None):
        found[finding] = None
        if len(found) >= MAX_FINDINGS:
            break
    return tuple(found)


def mask(text: str) -> str:
    """Return the first letters of `text`, at most four and at most a quarter of it."""
    return text[: min(4, len(text) // 4)] + "…"


def _in_conversation(conversation: Conversation) -> Iterator[Finding]:
    prompts = {c.system_prompt: None for c in conversation.model_calls if c.system_prompt}
    for prompt in prompts:
        yield from findings_in(prompt, where="the system prompt")
    for name in ("session_id", "agent_name", "tags", "metadata"):
        yield from findings_in(getattr(conversation, name), where=f"the talk's {name}")
    for tool in conversation.tools:
        yield from findings_in(
            [tool.description, tool.parameters], where=f"the definition of {tool.name}"
        )
    for item in conversation.history:
        yield from _in_item(item, "the history")
    for turn in turns_of(conversation):
        for item in turn.items:
            yield from _in_item(item, f"turn {turn.index}")


def _in_item(item: Item, where: str) -> Iterator[Finding]:
    for what, data in _contents(item):
        yield from findings_in(data, where=f"{where}, {what}")


def _contents(item: Item) -> Iterator[tuple[str, Any]]:
    """Yield what `item` says in words or data, with a name for the place."""
    if isinstance(item, Message):
        yield f"{item.role}'s id", item.author
        yield f"words of the {item.role}", item.text
        for part in item.parts:
            if isinstance(part, DataPart):
                yield f"data of the {item.role}", part.data
    elif isinstance(item, ToolCall):
        yield f"arguments of {item.name}", item.arguments
        yield f"arguments of {item.name}", item.arguments_raw
        yield f"result of {item.name}", item.result
        yield f"error of {item.name}", item.error
    elif isinstance(item, Retrieval):
        yield "look-up", item.query
        yield "documents", list(item.documents)
    elif isinstance(item, (ModelCall, Failure)):
        yield "error", item.error
    elif isinstance(item, Handoff):
        yield "handoff", [item.source, item.target]


def _in_data(
    data: Any, where: str, *, path: tuple[str, ...], kind: str | None
) -> Iterator[Finding]:
    """Walk `data`; `kind` is what the name of a field around it says that it is."""
    if len(path) > MAX_DEPTH or data is None or isinstance(data, bool):
        return
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _in_data(value, where, path=(*path, str(key)), kind=_named(str(key)) or kind)
            yield from _in_text(str(key), _place(where, path))
    elif isinstance(data, (list, tuple)):
        for number, value in enumerate(data):
            yield from _in_data(value, where, path=(*path, str(number)), kind=kind)
    elif kind is not None:
        yield from _in_field(str(data), _place(where, path), kind)
    elif isinstance(data, str):
        inner = _json_inside(data) if len(path) < MAX_DEPTH else None
        if inner is None:
            yield from _in_text(data, _place(where, path))
        else:
            yield from _in_data(inner, where, path=path, kind=None)
    elif isinstance(data, int):
        yield from _in_text(str(data), _place(where, path))


def _named(key: str) -> str | None:
    name = _WORD_STARTS.sub("_", key).strip("_").lower()
    return "secret" if name in FIELDS else kind_of_field(name)


def _in_field(value: str, where: str, kind: str) -> Iterator[Finding]:
    if not _MASKED.fullmatch(value.strip()):
        yield Finding(kind=kind, where=where, masked=mask(value.strip()))


def _in_text(text: str, where: str) -> Iterator[Finding]:
    for start in range(0, max(1, len(text)), MAX_TEXT - _OVERLAP):
        piece = text[start : start + MAX_TEXT]
        for kind, value in secrets_in(piece):
            yield Finding(kind=kind, where=where, masked=mask(value))
            piece = piece.replace(value, " " * len(value))  # one thing is found once
        for kind, value in personal_in(piece):
            yield Finding(kind=kind, where=where, masked=mask(value))


def _json_inside(text: str) -> Any:
    """Return the JSON object or list that `text` is; None where it is neither."""
    if not text.lstrip().startswith(("{", "[")) or len(text) > MAX_TEXT:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _place(where: str, path: tuple[str, ...]) -> str:
    return f"{where}: {'.'.join(path)}" if path else where
