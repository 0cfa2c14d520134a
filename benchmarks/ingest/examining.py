"""Looks through a whole store: which spans it holds, and whether its lists say the same.

Everything is asked through the port of the span store, and counted again here from the spans.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.ingest.load import PROJECT
from benchmarks.ingest.serving import opened_store

if TYPE_CHECKING:
    from reenact.domain.selection import SessionSummary
    from reenact.domain.span import StoredSpan
    from reenact.store.spans import SpanStore

Key = tuple[str, str]
"""Trace id and span id."""
WORDS = ("refund", "xylophone")
_SHOWN = 300
_FAULTS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a store holds, and what is wrong with it."""

    keys: frozenset[Key]
    doubled: int
    """Spans that are there more than once: the copies too many."""
    faults: tuple[str, ...]
    """Where a list, a counter or a filter says other than the spans do; the first few."""


def examine(home: Path) -> Examined:
    """Return what the store under `home` holds; nothing may be writing to it."""
    store = opened_store(home)
    try:
        if not store.projects():
            return Examined(frozenset(), 0, tuple(_broken(home / "spans.db")))
        held = {
            one: store.spans_of_session(PROJECT, str(one.session_id))
            for one in store.sessions(PROJECT)
        }
        keys = Counter((s.span.trace_id, s.span.span_id) for spans in held.values() for s in spans)
        faults = [
            *_broken(home / "spans.db"),
            *_wrong_counts(store, held),
            *(fault for one, spans in held.items() for fault in _wrong_session(one, spans)),
            *_wrong_filters(store, held),
        ]
    finally:
        store.close()
    doubled = sum(keys.values()) - len(keys)
    return Examined(frozenset(keys), doubled, tuple(faults[:_FAULTS]))


Held = dict["SessionSummary", "tuple[StoredSpan, ...]"]


def _wrong_counts(store: SpanStore, held: Held) -> Iterator[str]:
    spans = [one for found in held.values() for one in found]
    traces = {one.span.trace_id for one in spans}
    (project,) = store.projects()
    counted = (project.sessions, project.traces, project.spans)
    found = (len(held), len(traces), len(spans))
    if counted != found:
        yield f"the project counts {counted} sessions, traces and spans; there are {found}"
    if (listed := store.count_traces(PROJECT)) != len(traces):
        yield f"{listed} traces are listed, {len(traces)} are there"


def _wrong_session(one: SessionSummary, spans: Sequence[StoredSpan]) -> Iterator[str]:
    """Yield each field of a session's row that its spans contradict."""
    facts = [stored.facts for stored in spans]
    said = [(s.span.start_ns, s.span.span_id, s.facts.user_text) for s in spans]
    answered = [(s.span.end_ns, s.span.span_id, s.facts.assistant_text) for s in spans]
    wanted: dict[str, Any] = {
        "spans": len(spans),
        "errors": sum(s.span.status == "error" or s.facts.error is not None for s in spans),
        "tools": tuple(sorted({fact.tool_name for fact in facts if fact.tool_name})),
        "user_ids": tuple(sorted({fact.user_id for fact in facts if fact.user_id})),
        "started_at": _moment(min(s.span.start_ns for s in spans)),
        "ended_at": _moment(max(s.span.end_ns for s in spans)),
        "first_user_text": _shown(min((one for one in said if one[2]), default=None)),
        "last_assistant_text": _shown(max((one for one in answered if one[2]), default=None)),
    }
    for name, value in wanted.items():
        if (listed := getattr(one, name)) != value:
            yield f"{one.id}: {name} is {listed!r}, by its spans {value!r}"
    if set(one.trace_ids) != {s.span.trace_id for s in spans}:
        yield f"{one.id}: its traces are not those of its spans"


def _wrong_filters(store: SpanStore, held: Held) -> Iterator[str]:
    """Yield the filters that find other sessions than the spans say."""
    from reenact.domain.selection import Filter

    every = {one.session_id: spans for one, spans in held.items()}
    named = (s.facts.tool_name for spans in every.values() for s in spans)
    tools = sorted({name for name in named if name is not None})
    asked = [(Filter(tool=tool), _using(every, tool)) for tool in tools]
    asked += [(Filter(text=word), _saying(every, word)) for word in WORDS]
    asked.append(
        (
            Filter(error=True),
            {id for id, spans in every.items() if any(s.span.status == "error" for s in spans)},
        )
    )
    for wanted, expected in asked:
        found = {one.session_id for one in store.sessions(PROJECT, wanted)}
        if found != expected:
            yield f"{wanted} finds {len(found)} sessions, by their spans {len(expected)}"


def _using(every: dict[Any, Any], tool: str) -> set[Any]:
    return {id for id, spans in every.items() if any(s.facts.tool_name == tool for s in spans)}


def _saying(every: dict[Any, Any], word: str) -> set[Any]:
    def says(stored: StoredSpan) -> bool:
        facts = stored.facts
        text = f"{facts.user_text or ''} {facts.assistant_text or ''} {facts.tool_name or ''}"
        return word in re.findall("[a-z0-9]+", text.lower())

    return {id for id, spans in every.items() if any(map(says, spans))}


def _broken(path: Path) -> list[str]:
    """Return what SQLite itself finds wrong with its file."""
    if not path.is_file():
        return []
    with closing(sqlite3.connect(path)) as connection:
        found = [text for (text,) in connection.execute("PRAGMA integrity_check(5)")]
    return [] if found == ["ok"] else found


def _moment(ns: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ns // 1000)


def _shown(said: tuple[int, str, str | None] | None) -> str | None:
    text = said and said[2]
    return text if not text or len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
