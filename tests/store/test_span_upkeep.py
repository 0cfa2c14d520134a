"""What every span store promises of log records, of reading again, and of deleting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from reenact.domain.selection import Filter, Retention
from reenact.domain.span import LogRecord, SpanEvent, SpanFacts, StoredLog, StoredSpan
from reenact.errors import StoreError
from reenact.store.spans import FactsReader, SpanStore
from support.spans import TUESDAY, a_span, a_trace

A, B, C = (a_trace(letter) for letter in "abc")


def a_log(number: int, *, trace: str = A, says: Any = "hello", at: int = 0) -> StoredLog:
    """Return a log record of the span `number` of `trace`."""
    event = SpanEvent(name="gen_ai.user.message", time_ns=TUESDAY + at, body={"content": says})
    record = LogRecord(trace_id=trace, span_id=f"{number:016x}", event=event)
    return StoredLog(project="shop", record=record)


def heard(stored: StoredSpan) -> SpanFacts:
    """Read what the log records say; all else stays."""
    said = [event.body["content"] for event in stored.span.logs]
    return replace(stored.facts, user_text=" / ".join(said) or None)


HEARD = FactsReader(version=2, read=heard)


@pytest.fixture
def listening(opened: Callable[..., SpanStore]) -> SpanStore:
    """A store that reads what log records say."""
    return opened(HEARD)


class TestLogs:
    def test_records_come_back_with_their_span_in_order_of_time(self, store: SpanStore) -> None:
        store.append([a_span(1), a_span(2)])
        store.append_logs([a_log(1, says="second", at=9), a_log(1, says="first", at=1)])

        first, second = store.spans_of_traces("shop", [A])
        assert [event.body["content"] for event in first.span.logs] == ["first", "second"]
        assert first.span.logs[0].name == "gen_ai.user.message"
        assert second.span.logs == ()

    def test_a_record_sent_twice_is_kept_once(self, store: SpanStore) -> None:
        store.append([a_span(1)])
        first = store.append_logs([a_log(1), a_log(1)])
        again = store.append_logs([a_log(1), a_log(1, says="more")])

        assert (first.taken, first.duplicates) == (1, 1)
        assert (again.taken, again.duplicates) == (1, 1)

    @pytest.mark.parametrize("logs_first", [True, False])
    def test_facts_are_read_with_the_records_whichever_comes_first(
        self, listening: SpanStore, logs_first: bool
    ) -> None:
        steps = [
            lambda: listening.append([a_span(1, session_id="s1")]),
            lambda: listening.append_logs([a_log(1, says="where is it")]),
        ]
        for step in reversed(steps) if logs_first else steps:
            step()

        [session] = listening.sessions("shop", Filter(text="where"))
        assert session.first_user_text == "where is it"
        [stored] = listening.spans_of_session("shop", "s1")
        assert stored.facts.user_text == "where is it"

    def test_words_that_are_no_longer_read_are_no_longer_found(self, listening: SpanStore) -> None:
        listening.append([a_span(1, session_id="s1", user_text="old words")])
        assert listening.count_sessions("shop", Filter(text="old")) == 1
        listening.append_logs([a_log(1, says="new ones")])

        assert listening.count_sessions("shop", Filter(text="old")) == 0
        assert listening.count_sessions("shop", Filter(text="ones")) == 1

    def test_records_of_spans_that_never_come_show_nowhere(self, store: SpanStore) -> None:
        store.append_logs([a_log(1)])

        assert store.projects() == ()
        assert store.spans_of_traces("shop", [A]) == ()

    def test_records_of_one_project_are_not_given_to_another(self, store: SpanStore) -> None:
        store.append([a_span(1, project="bank"), a_span(1)])
        store.append_logs([a_log(1)])

        [theirs] = store.spans_of_traces("bank", [A])
        assert theirs.span.logs == ()

    def test_a_record_that_cannot_be_kept_is_named_and_nothing_is_stored(
        self, store: SpanStore
    ) -> None:
        store.append([a_span(1)])
        with pytest.raises(StoreError, match="cannot be kept") as raised:
            store.append_logs([a_log(1), a_log(1, says=object())])

        assert "span 0000000000000001" in str(raised.value)
        assert store.spans_of_traces("shop", [A])[0].span.logs == ()


class TestReadingAgain:
    def test_what_an_older_reader_read_is_stale_until_it_is_read_again(
        self, opened: Callable[..., SpanStore]
    ) -> None:
        old = opened()
        old.append([a_span(n, trace=t, session_id="s1") for n, t in enumerate([A, A, B])])
        store = opened(FactsReader(2, lambda s: replace(s.facts, tool_name="find", user_id="ana")))

        assert (old.stale(), store.stale()) == (0, 2)
        seen: list[int] = []
        done = store.reindex(on_progress=seen.append)
        assert (done.traces, done.changed, seen) == (2, 3, [2])
        assert store.stale() == 0
        assert store.reindex().traces == 0
        assert store.sessions("shop", Filter(tool="find", user="ana"))[0].tools == ("find",)

    def test_a_session_that_is_read_otherwise_moves(self, opened: Callable[..., SpanStore]) -> None:
        opened().append([a_span(1, session_id="s1"), a_span(2, trace=B, session_id="s1")])
        store = opened(FactsReader(1, lambda s: replace(s.facts, session_id=s.span.span_id[-1])))
        store.reindex()

        assert {s.session_id: s.spans for s in store.sessions("shop")} == {"1": 1, "2": 1}

    def test_spans_added_to_a_trace_that_an_older_reader_read_leave_it_stale(
        self, opened: Callable[..., SpanStore]
    ) -> None:
        opened().append([a_span(1)])
        store = opened(HEARD)
        store.append([a_span(2), a_span(3, trace=B)])

        assert store.stale() == 1

    def test_a_replay_stays_one(self, opened: Callable[..., SpanStore]) -> None:
        opened().append([a_span(1, origin="replay", user_text="secret")])
        store = opened(FactsReader(1, lambda s: replace(s.facts, user_text="other words")))
        store.reindex()

        assert store.projects() == ()
        assert store.count_traces("shop", Filter(text="other")) == 0
        [stored] = store.replay_spans([A])
        assert stored.facts.user_text == "other words"


class TestDeleting:
    def test_a_session_goes_with_all_that_rests_on_it(self, store: SpanStore) -> None:
        told = {"user_text": "my order", "tool_name": "find", "user_id": "ana"}
        store.append([a_span(1, session_id="s1", **told), a_span(2, trace=B, session_id="s1")])
        store.append([a_span(3, trace=C, session_id="s2", user_text="my order")])
        store.append_logs([a_log(1)])
        done = store.delete("shop", sessions=["s1", "unknown"])

        assert (done.sessions, done.traces, done.spans) == (1, 2, 2)
        assert [s.session_id for s in store.sessions("shop")] == ["s2"]
        assert store.count_traces("shop", Filter(text="order")) == 1
        assert store.count_traces("shop", Filter(tool="find")) == 0
        assert [(p.sessions, p.traces, p.spans) for p in store.projects()] == [(1, 1, 1)]
        assert store.spans_of_traces("shop", [A, B]) == ()

    def test_a_session_that_loses_a_trace_is_summed_up_again(self, store: SpanStore) -> None:
        store.append([a_span(1, session_id="s1", user_text="first")])
        store.append([a_span(2, trace=B, session_id="s1", user_text="second", error="no")])
        store.delete("shop", traces=[A])

        [left] = store.sessions("shop")
        assert (left.first_user_text, left.spans, left.errors) == ("second", 1, 1)

    def test_what_was_deleted_may_come_again(self, store: SpanStore) -> None:
        spans = [a_span(n, session_id="s1", user_text="again") for n in range(3)]
        store.append(spans)
        before = store.sessions("shop")
        store.delete("shop", sessions=["s1"])
        assert store.append(spans).taken == 3
        assert store.sessions("shop") == before
        assert store.count_sessions("shop", Filter(text="again")) == 1

    def test_other_projects_are_left_alone(self, store: SpanStore) -> None:
        store.append([a_span(1, session_id="s1"), a_span(1, project="bank", session_id="s1")])
        store.delete("bank", sessions=["s1"], traces=[A])

        assert [p.id for p in store.projects()] == ["shop"]

    def test_a_replay_can_be_deleted_too(self, store: SpanStore) -> None:
        store.append([a_span(1, origin="replay", user_text="words")])
        assert store.delete("shop", traces=[A]).spans == 1
        assert store.replay_spans([A]) == ()


class TestRetention:
    def test_everything_is_kept_until_something_else_is_said(self, store: SpanStore) -> None:
        assert store.retention("shop") is None
        assert store.retentions() == ()

    def test_what_was_said_of_a_project_holds_until_it_is_taken_back(
        self, opened: Callable[..., SpanStore]
    ) -> None:
        said = Retention(keep=timedelta(days=30), share=0.25)
        opened().set_retention("shop", said)
        again = opened()
        assert again.retention("shop") == said
        assert again.retentions() == (("shop", said),)
        assert again.projects() == (), "a project that holds nothing is not listed"
        again.set_retention("shop", None)
        assert again.retention("shop") is None


class TestFindingByLabels:
    @pytest.fixture(autouse=True)
    def sessions(self, store: SpanStore) -> None:
        store.append(
            [
                a_span(1, session_id="s1", tags=("prod",), labels=("plan=gold", "channel=web")),
                a_span(2, session_id="s1", model="gpt-4o"),
                a_span(3, trace=B, session_id="s2", tags=("test",), labels=("plan=free",)),
            ]
        )

    @pytest.mark.parametrize(
        ("filter", "found"),
        [
            (Filter(tag="prod"), ["s1"]),
            (Filter(model="gpt-4o"), ["s1"]),
            (Filter(labels=("plan=free",)), ["s2"]),
            (Filter(labels=("plan=gold", "channel=web")), ["s1"]),
            (Filter(labels=("plan=gold", "channel=app")), []),
            (Filter(tag="prod", labels=("plan=free",)), []),
        ],
    )
    def test_every_one_that_is_given_must_hold(
        self, store: SpanStore, filter: Filter, found: list[str]
    ) -> None:
        assert [s.session_id for s in store.sessions("shop", filter)] == found
