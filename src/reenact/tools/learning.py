"""Volatile fields, learnt by comparing recordings: request ids and times of sending.

A field is taken to be volatile only where all of this holds; in doubt it is not:

- its values are machine made (a UUID, a long hexadecimal number, a ULID, a time stamp), at least
  three of them, and no value ever comes twice;
- calls that are the same but for such fields always gave the same result, at least twice, and
  that result says something;
- the calls have other arguments besides, so that those may say what is asked for;
- none of its values is heard of anywhere else in its talk: not in what was said, not in a result,
  not in another argument. What is heard of elsewhere may name a thing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reenact.codec import canonical
from reenact.domain.conversation import Conversation, Message, ModelCall, ToolCall
from reenact.domain.tool_rules import ToolRules
from reenact.matching.arguments import normalised
from reenact.matching.fields import leaves

LEAST_CALLS = 3
LEAST_PROOFS = 2
"""How often a call must have been made again with another value and the same result."""
_TELLING_LEAVES = 2
_TELLING_TEXT = 20

_MACHINE_MADE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # UUID
    r"|[0-9a-f]{16,64}"
    r"|[0-7][0-9a-hjkmnp-tv-z]{25}"  # ULID
    r"|\d{4}-\d\d-\d\dt\d\d:\d\d(:\d\d(\.\d+)?)?(z|[+-]\d\d:?\d\d)?"
    r"|1[0-9]{9}(\.\d+)?|1[0-9]{12}",  # seconds or milliseconds since 1970
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Call:
    call: ToolCall
    talk: Conversation
    arguments: Mapping[str, Any]


def learnt_rules(conversations: Iterable[Conversation]) -> tuple[ToolRules, ...]:
    """Return a rule for every tool whose recorded calls show fields that never matter."""
    by_tool: dict[str, list[_Call]] = defaultdict(list)
    for talk in conversations:
        for call in talk.tool_calls:
            if call.requestor == "agent" and isinstance(call.arguments, Mapping):
                by_tool[call.name].append(_Call(call, talk, call.arguments))
    return tuple(
        ToolRules(tool=name, learnt=fields)
        for name, calls in sorted(by_tool.items())
        if (fields := _volatile(calls))
    )


def _volatile(calls: Sequence[_Call]) -> tuple[str, ...]:
    fields = tuple(
        field
        for field in dict.fromkeys(key for call in calls for key in call.arguments)
        if _is_stamp(calls, field)
    )
    if not fields or not _never_matter(calls, fields):
        return ()
    return tuple(field for field in fields if not _is_heard_of(calls, field))


def _is_stamp(calls: Sequence[_Call], field: str) -> bool:
    """Tell whether every value of a field is machine made and comes only once."""
    values = [call.arguments[field] for call in calls if call.arguments.get(field) is not None]
    texts = [str(value) for value in values if isinstance(value, (str, int, float))]
    return (
        len(texts) == len(values) >= LEAST_CALLS
        and len(set(texts)) == len(texts)
        and all(_MACHINE_MADE.fullmatch(text) for text in texts)
    )


def _never_matter(calls: Sequence[_Call], fields: tuple[str, ...]) -> bool:
    """Tell whether calls that are the same but for `fields` always gave the same result."""
    results: dict[str, list[Any]] = defaultdict(list)
    for one in calls:
        rest = {key: value for key, value in one.arguments.items() if key not in fields}
        whole = one.call.answered and not one.call.truncated and one.call.error is None
        if whole and any(value is not None for value in rest.values()):
            results[normalised(rest)].append(one.call.result)
    proofs = 0
    for given in results.values():
        if len({canonical(result) for result in given}) > 1:
            return False
        if _is_telling(given[0]):
            proofs += len(given) - 1
    return proofs >= LEAST_PROOFS


def _is_telling(result: Any) -> bool:
    """Tell whether a result says more than that the call went well."""
    if isinstance(result, str):
        return len(result) >= _TELLING_TEXT
    return sum(1 for _ in leaves(result)) >= _TELLING_LEAVES


def _is_heard_of(calls: Sequence[_Call], field: str) -> bool:
    """Tell whether a value of a field stands anywhere else in its talk."""
    values: dict[str, list[str]] = defaultdict(list)
    talks = {}
    for one in calls:
        if one.arguments.get(field) is not None:
            values[one.talk.id].append(str(one.arguments[field]))
            talks[one.talk.id] = one.talk
    return any(
        value in text
        for id, talk in talks.items()
        for text in _texts(talk, calls[0].call.name, field)
        for value in values[id]
    )


def _texts(talk: Conversation, tool: str, field: str) -> Iterator[str]:
    """Yield all that was said and done in a talk, but the field itself."""
    for item in (*talk.history, *talk.items):
        if isinstance(item, Message):
            yield canonical(
                [getattr(part, "text", None) or getattr(part, "data", None) for part in item.parts]
            )
        elif isinstance(item, ModelCall):
            yield item.system_prompt or ""
        elif isinstance(item, ToolCall):
            arguments = item.arguments
            if item.name == tool and isinstance(arguments, Mapping):
                arguments = {key: value for key, value in arguments.items() if key != field}
            yield canonical([arguments, item.result, item.error])
