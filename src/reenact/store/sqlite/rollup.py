"""Rollups: what a list shows of a trace or a session, kept up as spans arrive. Pure.

A rollup of a set of spans does not depend on the order or the portions in which they came:
`merged` is commutative and associative, and ties are broken by span id and then by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import TypeVar

import msgspec

from reenact.domain.span import Span, SpanFacts, StoredSpan

T = TypeVar("T")

SHOWN_TEXT = 300
"""Characters of a message that a list shows at most."""

_KEPT = SHOWN_TEXT + 1  # one more, to know that there was more

Dated = tuple[int, str, str]
"""A value with the time and the id of the span that gave it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rollup(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What is known of a set of spans. Times are Unix nanoseconds (0: unknown), lists sorted."""

    started_ns: int
    ended_ns: int
    spans: int
    errors: int
    users: list[str]
    tools: list[str]
    agents: list[str]
    versions: list[str]
    session: Dated | None
    user: Dated | None
    agent: Dated | None
    version: Dated | None
    service: Dated | None
    first_user_text: Dated | None
    last_assistant_text: Dated | None
    models: list[str] = msgspec.field(default_factory=list)
    tags: list[str] = msgspec.field(default_factory=list)
    labels: list[str] = msgspec.field(default_factory=list)


packed_rollup = msgspec.msgpack.Encoder().encode
unpacked_rollup = msgspec.msgpack.Decoder(Rollup).decode


def rollup_of(spans: Sequence[StoredSpan]) -> Rollup:
    """Return the rollup of `spans`, at least one."""
    found = _Found()
    for stored in spans:
        found.add(stored.span, stored.facts)
    return Rollup(
        started_ns=min([s.span.start_ns for s in spans if s.span.start_ns], default=0),
        ended_ns=max([max(s.span.start_ns, s.span.end_ns) for s in spans]),
        spans=len(spans),
        errors=found.errors,
        users=_values(found.users),
        tools=sorted(found.tools),
        agents=_values(found.agents),
        versions=_values(found.versions),
        session=_first(found.sessions),
        user=_first(found.users),
        agent=_first(found.agents),
        version=_first(found.versions),
        service=_first(found.services),
        first_user_text=_first(found.said),
        last_assistant_text=max(found.answered) if found.answered else None,
        models=sorted(found.models),
        tags=sorted(found.tags),
        labels=sorted(found.labels),
    )


class _Found:
    """What a set of spans says, gathered in one pass: this runs for every span that is stored."""

    def __init__(self) -> None:
        self.errors = 0
        self.sessions: list[Dated] = []
        self.users: list[Dated] = []
        self.agents: list[Dated] = []
        self.versions: list[Dated] = []
        self.services: list[Dated] = []
        self.said: list[Dated] = []
        self.answered: list[Dated] = []
        self.tools: set[str] = set()
        self.models: set[str] = set()
        self.tags: set[str] = set()
        self.labels: set[str] = set()

    def add(self, span: Span, facts: SpanFacts) -> None:
        start, id = span.start_ns, span.span_id
        if facts.error is not None or span.status == "error":
            self.errors += 1
        if facts.session_id:
            self.sessions.append((start, id, facts.session_id))
        if facts.user_id:
            self.users.append((start, id, facts.user_id))
        if facts.user_text:
            self.said.append((start, id, facts.user_text[:_KEPT]))
        if facts.assistant_text:
            self.answered.append((span.end_ns, id, facts.assistant_text[:_KEPT]))
        if facts.tool_name:
            self.tools.add(facts.tool_name)
        if facts.model:
            self.models.add(facts.model)
        self._add_origin(span, facts)
        if facts.tags or facts.labels:
            self.tags.update(facts.tags)
            self.labels.update(facts.labels)

    def _add_origin(self, span: Span, facts: SpanFacts) -> None:
        start, id = span.start_ns, span.span_id
        if facts.agent_name:
            self.agents.append((start, id, facts.agent_name))
        if facts.agent_version:
            self.versions.append((start, id, facts.agent_version))
        service = span.resource.get("service.name")
        if service and isinstance(service, str):
            self.services.append((start, id, service))


def merged(one: Rollup, other: Rollup) -> Rollup:
    """Return the rollup of two sets of spans that have none in common."""
    return Rollup(
        started_ns=min(one.started_ns or other.started_ns, other.started_ns or one.started_ns),
        ended_ns=max(one.ended_ns, other.ended_ns),
        spans=one.spans + other.spans,
        errors=one.errors + other.errors,
        users=_union(one.users, other.users),
        tools=_union(one.tools, other.tools),
        agents=_union(one.agents, other.agents),
        versions=_union(one.versions, other.versions),
        session=_earlier(one.session, other.session),
        user=_earlier(one.user, other.user),
        agent=_earlier(one.agent, other.agent),
        version=_earlier(one.version, other.version),
        service=_earlier(one.service, other.service),
        first_user_text=_earlier(one.first_user_text, other.first_user_text),
        last_assistant_text=_later(one.last_assistant_text, other.last_assistant_text),
        models=_union(one.models, other.models),
        tags=_union(one.tags, other.tags),
        labels=_union(one.labels, other.labels),
    )


def merged_all(rollups: Sequence[Rollup]) -> Rollup:
    """Return the rollup of several sets of spans, at least one."""
    return reduce(merged, rollups)


def value_of(dated: Dated | None) -> str | None:
    """Return the value without its date."""
    return None if dated is None else dated[2]


def shown(said: Dated | None) -> str | None:
    """Return the words without their date, cut to `SHOWN_TEXT`."""
    if said is None or len(said[2]) <= SHOWN_TEXT:
        return value_of(said)
    return said[2][: SHOWN_TEXT - 1] + "…"


def moment(ns: int) -> datetime:
    """Return Unix nanoseconds as a UTC datetime, cut to microseconds."""
    return EPOCH + timedelta(microseconds=ns // 1000)


def _first(found: list[Dated]) -> Dated | None:
    return min(found) if found else None


def _values(found: list[Dated]) -> list[str]:
    return sorted({value for _, _, value in found})


def _earlier(one: Dated | None, other: Dated | None) -> Dated | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _later(one: Dated | None, other: Dated | None) -> Dated | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _union(one: list[str], other: list[str]) -> list[str]:
    if one == other or not other:
        return one
    return sorted({*one, *other})
