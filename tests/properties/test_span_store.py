"""Laws of the span store: how spans arrive does not change what the store shows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reenact.domain.selection import Filter
from reenact.domain.span import LogRecord, SpanEvent, SpanFacts, StoredLog, StoredSpan
from reenact.store.spans import AS_GIVEN, FactsReader, SpanStore, open_span_store
from reenact.store.sqlite.rollup import moment
from support.spans import a_span, a_trace

FILTERS = (
    Filter(),
    Filter(user="ana"),
    Filter(tool="find"),
    Filter(agent="desk", error=True),
    Filter(error=False),
    Filter(text="order"),
)


@contextmanager
def new_store(facts: FactsReader = AS_GIVEN) -> Iterator[SpanStore]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_span_store(f"sqlite:///{Path(folder) / 'spans.db'}", facts=facts)
        try:
            yield store
        finally:
            store.close()


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, None, *values])


@st.composite
def span_sets(draw: st.DrawFn) -> list[StoredSpan]:
    """Spans of a few traces and sessions, each with an id of its own."""
    return [
        a_span(
            number,
            trace=a_trace(draw(st.sampled_from("abcd"))),
            project=draw(st.sampled_from(["shop", "shop", "bank"])),
            at=draw(st.integers(0, 4)),
            origin=draw(st.sampled_from(["production"] * 9 + ["replay"])),
            session_id=draw(maybe("s1", "s2")),
            user_id=draw(maybe("ana", "bob")),
            tool_name=draw(maybe("find", "refund")),
            agent_name=draw(maybe("desk")),
            agent_version=draw(maybe("1", "2")),
            user_text=draw(maybe("my order", "thanks")),
            assistant_text=draw(maybe("order sent")),
            error=draw(maybe("boom")),
            prefix_hash=draw(maybe("p")),
        )
        for number in range(draw(st.integers(1, 12)))
    ]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[StoredSpan], list[list[StoredSpan]]]:
    """A set of spans, and the same set shuffled, with repeats, in several posts."""
    spans = draw(span_sets())
    again = draw(st.lists(st.sampled_from(spans), max_size=6))
    arriving = draw(st.permutations([*spans, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(arriving)), max_size=5)))
    edges = [0, *cuts, len(arriving)]
    return spans, [arriving[a:b] for a, b in pairwise(edges)]


def shown(store: SpanStore) -> Any:
    """Return everything that the store lists."""
    return [
        store.projects(),
        *(
            (
                store.sessions(project, filter),
                store.traces(project, filter),
                store.count_sessions(project, filter),
                store.count_traces(project, filter),
            )
            for project in ("shop", "bank")
            for filter in FILTERS
        ),
        *((store.loose_traces(p), store.spans_of_session(p, "s1")) for p in ("shop", "bank")),
        *(store.users(p, limit=9) for p in ("shop", "bank")),
    ]


def sessions_by_definition(spans: Sequence[StoredSpan], project: str) -> dict[str, int]:
    """Return the number of spans of each session, from the definition alone."""
    traces: dict[str, list[StoredSpan]] = {}
    for stored in spans:
        if stored.project == project:
            traces.setdefault(stored.span.trace_id, []).append(stored)
    counts: dict[str, int] = {}
    for members in traces.values():
        named = [s for s in members if s.facts.session_id]
        if named and all(s.origin == "production" for s in members):
            first = min(named, key=lambda s: (s.span.start_ns, s.span.span_id))
            session = first.facts.session_id or ""
            counts[session] = counts.get(session, 0) + len(members)
    return counts


def users_by_definition(spans: Sequence[StoredSpan], project: str) -> dict[str, Any]:
    """Return traces, failed spans, first and last moment of each user, from the definition."""
    traces: dict[str, list[StoredSpan]] = {}
    for stored in spans:
        if stored.project == project:
            traces.setdefault(stored.span.trace_id, []).append(stored)
    found: dict[str, list[list[StoredSpan]]] = {}
    for members in traces.values():
        if all(s.origin == "production" for s in members):
            for user in {s.facts.user_id for s in members if s.facts.user_id}:
                found.setdefault(user, []).append(members)
    return {
        user: (
            len(theirs),
            sum(s.facts.error is not None for members in theirs for s in members),
            moment(min(s.span.start_ns for members in theirs for s in members)),
            moment(max(s.span.end_ns for members in theirs for s in members)),
        )
        for user, theirs in found.items()
    }


@settings(max_examples=60, deadline=None)
@given(deliveries())
def test_any_split_order_and_repetition_of_spans_shows_the_same(
    delivery: tuple[list[StoredSpan], list[list[StoredSpan]]],
) -> None:
    spans, posts = delivery
    with new_store() as at_once, new_store() as in_parts:
        whole = at_once.append(spans)
        parts = [in_parts.append(post) for post in posts]
        assert shown(in_parts) == shown(at_once)
        assert whole.taken == sum(part.taken for part in parts) == len(spans)
        assert sum(part.duplicates for part in parts) == sum(map(len, posts)) - len(spans)
        for project in ("shop", "bank"):
            listed = {s.session_id: s.spans for s in in_parts.sessions(project)}
            assert listed == sessions_by_definition(spans, project)
            users = {
                u.user_id: (u.traces, u.errors, u.first_at, u.last_at)
                for u in in_parts.users(project, limit=9)
            }
            assert users == users_by_definition(spans, project)


def heard(stored: StoredSpan) -> SpanFacts:
    """Read what log records say, and a session from them; all else stays."""
    said = sorted(str(event.body) for event in stored.span.logs)
    if not said:
        return stored.facts
    return replace(stored.facts, user_text=" ".join(said), session_id=said[0][:2])


@st.composite
def logged_deliveries(draw: st.DrawFn) -> tuple[list[StoredSpan], list[StoredLog], list[Any]]:
    """Spans, log records of some of them, and both in any order and portions."""
    spans = draw(span_sets())
    logs = [
        StoredLog(
            project=one.project,
            record=LogRecord(
                trace_id=one.span.trace_id,
                span_id=one.span.span_id,
                event=SpanEvent(name="gen_ai.choice", time_ns=time, body=f"s{time} order"),
            ),
        )
        for one in spans
        for time in range(draw(st.integers(0, 2)))
    ]
    arriving = draw(st.permutations([*spans, *logs]))
    cuts = sorted(draw(st.lists(st.integers(0, len(arriving)), max_size=5)))
    edges = [0, *cuts, len(arriving)]
    return spans, logs, [arriving[a:b] for a, b in pairwise(edges)]


@settings(max_examples=40, deadline=None)
@given(logged_deliveries())
def test_log_records_in_any_order_show_as_if_they_had_been_there_from_the_start(
    delivery: tuple[list[StoredSpan], list[StoredLog], list[Any]],
) -> None:
    spans, logs, portions = delivery
    facts = FactsReader(1, heard)
    with new_store(facts) as logs_first, new_store(facts) as mixed, new_store(facts) as spans_first:
        logs_first.append_logs(logs)
        logs_first.append(spans)
        for portion in portions:
            mixed.append(one for one in portion if isinstance(one, StoredSpan))
            mixed.append_logs(one for one in portion if isinstance(one, StoredLog))
        spans_first.append(spans)
        spans_first.append_logs(logs)
        assert shown(mixed) == shown(logs_first) == shown(spans_first)
        mixed.reindex(everything=True)
        assert shown(mixed) == shown(logs_first)


@settings(max_examples=30, deadline=None)
@given(deliveries(), st.sampled_from("abcd"), st.sampled_from(["s1", "s2"]))
def test_what_was_deleted_shows_as_if_it_had_never_come(
    delivery: tuple[list[StoredSpan], list[list[StoredSpan]]], letter: str, session: str
) -> None:
    spans, posts = delivery
    with new_store() as emptied, new_store() as without:
        for post in posts:
            emptied.append(post)
        gone = {one.span.trace_id for one in emptied.spans_of_session("shop", session)} | {
            letter * 32
        }
        done = emptied.delete("shop", sessions=[session], traces=[letter * 32])
        left = [s for s in spans if s.project != "shop" or s.span.trace_id not in gone]
        without.append(left)
        assert shown(emptied) == shown(without)
        assert done.spans == len(spans) - len(left)


@settings(max_examples=30, deadline=None)
@given(deliveries(), st.sampled_from("abcd"))
def test_a_replay_found_late_shows_as_if_it_had_been_known_from_the_start(
    delivery: tuple[list[StoredSpan], list[list[StoredSpan]]], letter: str
) -> None:
    spans, posts = delivery
    others = [s for s in spans if (s.project, s.span.trace_id[0]) != ("shop", letter)]
    with new_store() as known, new_store() as late:
        known.append(others)
        for post in posts:
            late.append(post)
        late.mark_replay("shop", letter * 16)
        assert shown(late) == shown(known)
