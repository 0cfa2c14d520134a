"""What calls of voice platforms have in common: rows of speech, joined, and their addresses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from reenact.capture.importers.json_places import Unusable, safe
from reenact.capture.importers.listed import Listed, values_in
from reenact.capture.importers.said import Said
from reenact.capture.reading import WireCall, WireMessage, WireResult
from reenact.capture.wire.json_text import content
from reenact.domain.conversation import Cost, Failure, Item, Message, SessionScore

MAX_ROWS = 20_000
"""Rows of one call at most."""

MAX_YEAR = 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Speaker = Literal["user", "assistant", "person", "note"]
"""Who speaks in a row: the caller, the agent, a person the call was passed to, or the platform
itself (words put into the talk that nobody said aloud)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A row of speech."""

    speaker: Speaker
    text: str
    began: datetime | None = None
    ended: datetime | None = None
    agent: str | None = None
    answer: int | str | None = None
    """Rows of the agent that share it are parts of one answer."""
    fixed: bool = False
    """True for words that were set before, and that no model wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A row that asks for tools, or tells a tool's answer."""

    calls: tuple[WireCall, ...] = ()
    result: WireResult | None = None
    at: datetime | None = None
    agent: str | None = None


Row = Spoken | Act


def calls_in(
    path: Path, on_reject: Callable[[str], None], unwrapped: Callable[[Any], Sequence[Any] | None]
) -> Listed:
    """Yield the calls of a file: one, a list of them, one a line, or pages and events of an API.

    `unwrapped` returns the calls inside of a value that is no call itself, None for a call.
    """
    for place, read in values_in(path, "call", on_reject):
        try:
            value = read()
            inside = unwrapped(value)
        except Unusable as error:
            yield place, partial(_fail, str(error))
            continue
        if inside is None:
            yield place, partial(_given, value)
            continue
        for number, call in enumerate(inside):
            yield f"{place}, call {number}" if len(inside) > 1 else place, partial(_given, call)


def joined_rows(rows: Iterable[Row]) -> list[Row]:
    """Join rows of one speaker that follow each other, and the parts of one answer.

    An answer that was cut by what its tools did stands where its last part stood: it may tell
    their results. One that went on while the caller spoke stands where it began.
    """
    found: list[Row] = []
    answers: set[int | str] = set()
    for row in rows:
        last = found[-1] if found else None
        if isinstance(row, Spoken) and row.answer in answers:
            _add_part(found, row)
        elif isinstance(row, Spoken) and isinstance(last, Spoken) and _goes_on(last, row):
            found[-1] = _joined(last, row)
        else:
            if isinstance(row, Spoken) and row.answer is not None:
                answers.add(row.answer)
            found.append(row)
    return found


def with_fixed_greeting(rows: Sequence[Row]) -> list[Row]:
    """Return `rows`, the first one marked as fixed where the agent begins: no model wrote it."""
    first = rows[0] if rows else None
    if isinstance(first, Spoken) and first.speaker == "assistant":
        return [replace(first, fixed=True), *rows[1:]]
    return list(rows)


def said_in(rows: Iterable[Row]) -> list[Said]:
    """Return what the rows of a call say."""
    return [_act(row) if isinstance(row, Act) else _words(row) for row in rows]


def moment(start: datetime | None, seconds: Any) -> datetime | None:
    """Return the time so many seconds after the start of a call, None where it is not known."""
    if start is None or not is_number(seconds):
        return None
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError:
        return None


def from_milliseconds(found: Any) -> datetime | None:
    """Return a number of milliseconds since 1970 as a time, None where it is none."""
    return moment(_EPOCH, found / 1000) if is_number(found) and found > 0 else None


def is_number(found: Any) -> bool:
    """Tell whether `found` is a finite number, and no boolean."""
    return isinstance(found, (int, float)) and not isinstance(found, bool) and math.isfinite(found)


def addresses(found: Any, *, depth: int = 3) -> Any:
    """Return the web addresses in data, by their keys, without their query; {} without any.

    A query may hold a signature that lets anyone in. The addresses are for reference: nothing
    here is ever fetched.
    """
    if isinstance(found, dict) and depth > 0:
        inside = {key: addresses(value, depth=depth - 1) for key, value in found.items()}
        return {key: value for key, value in inside.items() if value}
    return _address(found) if isinstance(found, str) else {}


def cost_of_call(amount: Any, *, of_a_dollar: float = 1.0) -> Cost | None:
    """Return what a call cost in USD, from a number of dollars, or of cents."""
    if not is_number(amount) or amount < 0:
        return None
    return Cost(amount=round(amount * of_a_dollar, 10))


def score_of(name: str, found: Any) -> tuple[SessionScore, ...]:
    """Return a platform's own score of a call, where it is a truth value or a number."""
    if isinstance(found, str):
        found = {"true": True, "false": False}.get(found.strip().lower(), _number(found))
    if isinstance(found, bool) or is_number(found):
        return (SessionScore(name=name, value=float(found), source="platform"),)
    return ()


def failure_at_the_end(items: Sequence[Item], reason: str | None) -> tuple[Item, ...]:
    """Return a failure where a call broke while the caller waited for an answer."""
    said = [item for item in items if isinstance(item, Message) and item.role != "system"]
    waits = bool(said) and said[-1].role == "user"
    broke = reason is not None and ("error" in reason or "failed" in reason)
    return (Failure(error=reason or ""),) if waits and broke else ()


def filled(found: dict[str, Any]) -> dict[str, Any]:
    """Return `found` without the keys that hold nothing."""
    return {key: value for key, value in found.items() if value not in (None, "", {}, [])}


def _add_part(found: list[Row], row: Spoken) -> None:
    """Join `row` with the earlier part of the same answer."""
    later: list[Row] = []
    while found:
        part = found.pop()
        if isinstance(part, Spoken) and part.answer == row.answer:
            joined = _joined(part, row)
            spoke = any(isinstance(one, Spoken) and one.speaker != "note" for one in later)
            later = [*later, joined] if spoke else [joined, *later]
            break
        later.append(part)
    found.extend(reversed(later))


def _joined(one: Spoken, other: Spoken) -> Spoken:
    return replace(
        one,
        text=f"{one.text.rstrip()} {other.text.lstrip()}",
        began=one.began or other.began,
        ended=other.ended or one.ended,
    )


def _goes_on(last: Spoken, row: Spoken) -> bool:
    return (
        last.speaker == row.speaker != "note"
        and last.agent == row.agent
        and last.answer == row.answer
    )


def _act(row: Act) -> Said:
    if row.result is not None:
        return Said(message=WireMessage(role="tool", results=(row.result,)), at=row.at)
    asked = WireMessage(role="assistant", calls=row.calls)
    return Said(message=asked, at=row.at, agent=row.agent)


def _words(row: Spoken) -> Said:
    role: Literal["user", "assistant", "system"] = "assistant"
    if row.speaker in ("user", "note"):
        role = "user" if row.speaker == "user" else "system"
    return Said(
        message=WireMessage(role=role, text=row.text),
        at=row.ended or row.began,
        began=row.began,
        by_model=not row.fixed,
        by_person=row.speaker == "person",
        agent=row.agent,
    )


def result_of(id: str | None, name: str | None, told: Any, *, failed: bool) -> WireResult:
    """Return a tool's answer: parsed, or as it was told where the tool failed."""
    return WireResult(id=id, name=name, content=told if failed else _content(told), failed=failed)


def _content(told: Any) -> Any:
    try:
        return safe(content(told))
    except Unusable:  # nested too deep to be written again: it stays text
        return told


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    web = parts.scheme in ("http", "https", "wss", "ws") and parts.hostname
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", "")) if web else ""


def _number(text: str) -> float | None:
    try:
        found = float(text[:40])
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _given(value: Any) -> Any:
    return value


def _fail(reason: str) -> Iterator[Any]:
    raise Unusable(reason)
