"""What every span store promises. Run through the protocol, once per backend."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from reenact.domain.selection import Filter
from reenact.domain.span import SpanEvent, StoredSpan
from reenact.errors import StoreError, UsageError
from reenact.store.spans import SpanStore, open_span_store
from support.spans import TUESDAY, a_span, a_trace

A, B, C, D = (a_trace(letter) for letter in "abcd")
TUESDAY_AT = datetime.fromtimestamp(TUESDAY // 1_000_000_000, UTC)


def ids(summaries: object) -> list[str]:
    return [summary.id for summary in summaries]  # type: ignore[attr-defined]


class TestKeeping:
    def test_a_span_comes_back_as_it_was(self, store: SpanStore) -> None:
        span = a_span(
            1,
            parent_span_id="f" * 16,
            name="ChatCompletion",
            status="error",
            status_message="boom",
            otel_kind=3,
            attributes={
                "text": "grüße 退款 😀",
                "flag": True,
                "big": 2**62,
                "share": 0.5,
                "list": ["a", 1, None, {"deep": [1.0]}],
                "raw": b"\x00\xff",
                "nothing": None,
            },
            events=(SpanEvent(name="exception", time_ns=TUESDAY, attributes={"type": "X"}),),
            scope_name="openinference",
            scope_version="1.2",
            resource={"service.name": "support", "pid": 7},
            reader="openinference",
            kind="model",
            session_id="s1",
            user_id="ana",
            agent_name="support",
            agent_version="3",
            user_text="where is my order",
            assistant_text="on its way",
            tool_name="find",
            model="gpt",
            input_tokens=0,
            output_tokens=7,
            error="boom",
            prefix_hash="p",
            result_hash="r",
        )
        store.append([span])
        assert store.spans_of_session("shop", "s1") == (span,)
        assert store.spans_of_traces("shop", [A]) == (span,)

    def test_spans_are_there_when_the_store_is_opened_again(
        self, opened: Callable[[], SpanStore]
    ) -> None:
        first = opened()
        first.append([a_span(1, session_id="s1")])
        first.close()
        assert ids(opened().sessions("shop")) == ["sess:s1"]

    def test_a_span_sent_twice_is_kept_once(self, store: SpanStore) -> None:
        spans = [a_span(n, session_id="s1") for n in range(3)]
        first = store.append([*spans, spans[0]])
        again = store.append(spans)
        assert (first.taken, first.duplicates) == (3, 1)
        assert (again.taken, again.duplicates) == (0, 3)
        assert len(store.spans_of_session("shop", "s1")) == 3
        assert store.sessions("shop")[0].spans == 3

    def test_the_same_ids_in_two_projects_are_two_spans(self, store: SpanStore) -> None:
        store.append([a_span(1, project="shop"), a_span(1, project="bank")])
        assert [(p.id, p.spans) for p in store.projects()] == [("bank", 1), ("shop", 1)]

    def test_the_first_of_two_spans_with_one_id_stays(self, store: SpanStore) -> None:
        store.append([a_span(1, name="first")])
        store.append([a_span(1, name="second")])
        assert [s.span.name for s in store.spans_of_traces("shop", [A])] == ["first"]

    def test_nothing_is_a_valid_append(self, store: SpanStore) -> None:
        assert store.append([]).taken == 0
        assert store.projects() == ()

    def test_a_span_that_cannot_be_kept_is_named_and_nothing_is_stored(
        self, store: SpanStore
    ) -> None:
        bad = a_span(7, attributes={"text": "\ud800"})
        with pytest.raises(StoreError, match="0000000000000007"):
            store.append([a_span(1), bad])
        assert store.projects() == ()
        assert store.append([a_span(1)]).taken == 1

    def test_a_time_beyond_64_bits_is_named(self, store: SpanStore) -> None:
        with pytest.raises(StoreError, match="64 bits"):
            store.append([a_span(1, start_ns=2**63, end_ns=2**63)])

    def test_more_spans_than_one_transaction_takes_are_all_kept(self, store: SpanStore) -> None:
        spans = [a_span(n, trace=f"{n // 10:032x}", session_id=f"s{n // 100}") for n in range(6000)]
        assert store.append(iter(spans)).taken == 6000
        assert store.count_sessions("shop") == 60
        assert store.count_traces("shop") == 600

    def test_threads_append_and_read_at_once(self, store: SpanStore) -> None:
        failures: list[BaseException] = []

        def work(thread: int) -> None:
            try:
                for n in range(10):
                    number = thread * 100 + n
                    store.append([a_span(number, trace=f"{number:032x}", session_id=f"s{n}")])
                    store.sessions("shop")
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert [s.spans for s in store.sessions("shop")] == [6] * 10

    def test_two_openings_see_each_other(self, opened: Callable[[], SpanStore]) -> None:
        one, other = opened(), opened()
        one.append([a_span(1, session_id="s1")])
        other.append([a_span(2, session_id="s1"), a_span(1, session_id="s1")])
        assert one.sessions("shop") == other.sessions("shop")
        assert one.sessions("shop")[0].spans == 2

    def test_a_closed_store_says_so(self, store: SpanStore) -> None:
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.append([a_span(1)])
        with pytest.raises(StoreError, match="closed"):
            store.projects()


class TestSessions:
    def test_a_session_sums_up_its_traces(self, store: SpanStore) -> None:
        store.append(
            [
                a_span(1, trace=A, session_id="s1", user_id="bob", user_text="hello"),
                a_span(2, trace=A, tool_name="refund", error="no", agent_name="desk"),
                a_span(3, trace=B, session_id="s1", user_id="ana", agent_version="2"),
                a_span(4, trace=B, tool_name="find", user_text="later", assistant_text="done"),
            ]
        )
        (session,) = store.sessions("shop")
        assert session.id == "sess:s1"
        assert session.session_id == "s1"
        assert session.trace_ids == (A, B)
        assert session.user_ids == ("ana", "bob")
        assert session.tools == ("find", "refund")
        assert (session.agent_name, session.agent_version) == ("desk", "2")
        assert (session.spans, session.errors) == (4, 1)
        assert session.started_at == TUESDAY_AT + timedelta(seconds=1)
        assert session.ended_at == TUESDAY_AT + timedelta(seconds=4.5)
        assert (session.first_user_text, session.last_assistant_text) == ("hello", "done")

    def test_a_failed_status_counts_as_an_error(self, store: SpanStore) -> None:
        store.append([a_span(1, session_id="s1", status="error")])
        assert store.sessions("shop")[0].errors == 1

    def test_what_is_unknown_is_none(self, store: SpanStore) -> None:
        store.append([a_span(1, session_id="s1")])
        (session,) = store.sessions("shop")
        assert session.agent_name is None
        assert session.first_user_text is None
        assert session.user_ids == ()

    def test_the_latest_start_comes_first_and_equal_starts_by_id(self, store: SpanStore) -> None:
        starts = {"s-b": 5, "s-a": 5, "s-old": 1, "s-new": 9}
        for n, (name, at) in enumerate(starts.items()):
            store.append([a_span(n, trace=f"{n:032x}", at=at, session_id=name)])
        listed = ["sess:s-new", "sess:s-a", "sess:s-b", "sess:s-old"]
        assert ids(store.sessions("shop")) == listed
        assert ids(store.sessions("shop", limit=2)) == listed[:2]
        assert ids(store.sessions("shop", limit=2, offset=1)) == listed[1:3]
        assert store.sessions("shop", limit=0) == ()

    def test_a_negative_limit_is_refused(self, store: SpanStore) -> None:
        with pytest.raises(UsageError, match="limit"):
            store.sessions("shop", limit=-1)

    def test_a_session_id_that_comes_late_takes_the_whole_trace(self, store: SpanStore) -> None:
        store.append([a_span(2, trace=A, tool_name="find")])
        assert [t.trace_id for t in store.loose_traces("shop")] == [A]
        store.append([a_span(1, trace=A, session_id="s1")])
        assert store.loose_traces("shop") == ()
        assert len(store.spans_of_session("shop", "s1")) == 2
        assert ids(store.sessions("shop", Filter(tool="find"))) == ["sess:s1"]

    def test_the_earliest_span_that_names_a_session_decides(self, store: SpanStore) -> None:
        store.append([a_span(5, trace=A, session_id="inner", user_id="ana")])
        assert ids(store.sessions("shop")) == ["sess:inner"]
        store.append([a_span(1, trace=A, session_id="outer")])
        assert ids(store.sessions("shop")) == ["sess:outer"]
        assert ids(store.sessions("shop", Filter(user="ana"))) == ["sess:outer"]
        assert store.spans_of_session("shop", "inner") == ()
        assert store.projects()[0].sessions == 1

    def test_a_session_that_loses_a_trace_keeps_the_sum_of_the_others(
        self, store: SpanStore
    ) -> None:
        store.append(
            [
                a_span(1, trace=A, session_id="s1", tool_name="find"),
                a_span(5, trace=B, session_id="s1", tool_name="refund", error="no"),
            ]
        )
        store.append([a_span(4, trace=B, session_id="s2"), a_span(6, trace=A)])
        by_id = {session.id: session for session in store.sessions("shop")}
        assert by_id["sess:s1"].trace_ids == (A,)
        assert by_id["sess:s1"].tools == ("find",)
        assert (by_id["sess:s1"].spans, by_id["sess:s1"].errors) == (2, 0)
        assert (by_id["sess:s2"].spans, by_id["sess:s2"].errors) == (2, 1)

    def test_spans_of_a_session_come_by_start(self, store: SpanStore) -> None:
        store.append([a_span(n, trace=t, session_id="s1") for n, t in [(3, A), (1, B), (2, A)]])
        starts = [s.span.start_ns for s in store.spans_of_session("shop", "s1")]
        assert starts == sorted(starts)

    def test_a_long_text_is_cut_in_the_list_only(self, store: SpanStore) -> None:
        store.append([a_span(1, session_id="s1", user_text="x" * 5000)])
        shown = store.sessions("shop")[0].first_user_text
        assert shown is not None
        assert (len(shown), shown[-1]) == (300, "…")
        assert len(store.spans_of_session("shop", "s1")[0].facts.user_text or "") == 5000

    def test_an_unknown_session_or_project_has_nothing(self, store: SpanStore) -> None:
        store.append([a_span(1, session_id="s1")])
        assert store.spans_of_session("shop", "other") == ()
        assert store.sessions("bank") == ()
        assert store.traces("bank") == ()
        assert store.count_sessions("bank") == 0
        assert store.loose_traces("bank") == ()


class TestTraces:
    def test_every_trace_is_listed_with_and_without_a_session(self, store: SpanStore) -> None:
        store.append([a_span(1, trace=A, session_id="s1"), a_span(2, trace=B)])
        loose, member = store.traces("shop")
        assert (loose.id, loose.session_id, loose.trace_ids) == (f"trace:{B}", None, (B,))
        assert (member.id, member.session_id) == (f"trace:{A}", "s1")
        assert store.count_traces("shop") == 2
        assert store.count_sessions("shop") == 1

    def test_spans_of_traces_leaves_unknown_ids_out(self, store: SpanStore) -> None:
        store.append([a_span(1, trace=A), a_span(2, trace=B), a_span(3, trace=C)])
        found = store.spans_of_traces("shop", [A, C, D])
        assert [s.span.trace_id for s in found] == [A, C]

    def test_a_loose_trace_carries_what_may_link_it(self, store: SpanStore) -> None:
        store.append(
            [
                a_span(3, trace=A, prefix_hash="p2", result_hash="r2"),
                a_span(1, trace=A, prefix_hash="p1", result_hash="r1", user_id="ana"),
                a_span(2, trace=A, result_hash="r-only"),
                a_span(0, trace=B),
                a_span(9, trace=C, session_id="s1", prefix_hash="no"),
            ]
        )
        first, second = store.loose_traces("shop")
        assert first.trace_id == B
        assert (first.user_id, first.prefix_hashes, first.result_hashes) == (None, (), ())
        assert second.trace_id == A
        assert second.started_at == TUESDAY + 1_000_000_000
        assert (second.user_id, second.service) == ("ana", "support")
        assert second.prefix_hashes == ("p1", "p2")
        assert second.result_hashes == ("r1", "r-only", "r2")


class TestFilters:
    @pytest.fixture
    def shop(self, store: SpanStore) -> SpanStore:
        store.append(
            [
                a_span(1, trace=A, session_id="refund", user_id="ana", agent_name="desk"),
                a_span(2, trace=A, user_text="Please refund order A-1003, it is 50€"),
                a_span(3, trace=A, tool_name="issue_refund", agent_version="1"),
                a_span(11, trace=B, session_id="status", user_id="bob", agent_name="desk"),
                a_span(12, trace=B, user_text="Where is my ORDER? 退款 Grüße"),
                a_span(13, trace=B, assistant_text="100% sure: it is on_its way", error="late"),
                a_span(14, trace=B, tool_name="check_status", agent_version="2"),
                a_span(21, trace=C, user_id="bob", user_text="loose order"),
            ]
        )
        return store

    @pytest.mark.parametrize(
        ("filter", "found"),
        [
            (Filter(tool="issue_refund"), ["refund"]),
            (Filter(tool="issue"), []),
            (Filter(user="bob"), ["status"]),
            (Filter(agent="desk"), ["status", "refund"]),
            (Filter(agent_version="2"), ["status"]),
            (Filter(agent="desk", agent_version="1", user="ana"), ["refund"]),
            (Filter(user="ana", tool="check_status"), []),
            (Filter(error=True), ["status"]),
            (Filter(error=False), ["refund"]),
            (Filter(since=TUESDAY_AT + timedelta(seconds=11)), ["status"]),
            (Filter(until=TUESDAY_AT + timedelta(seconds=11)), ["refund"]),
            (Filter(text="order"), ["status", "refund"]),
            (Filter(text="ORDER refund"), ["refund"]),
            (Filter(text="grüße"), ["status"]),
            (Filter(text="GRÜSSE"), []),
            (Filter(text="a-1003"), ["refund"]),
            (Filter(text="a-1004"), []),
            (Filter(text="orde"), []),
            (Filter(text="order way"), []),
            (Filter(text="on_its"), ["status"]),
            (Filter(text="退款"), ["status"]),
            (Filter(text="order 退款"), ["status"]),
            (Filter(text="refund 退款"), []),
            (Filter(text="50€"), ["refund"]),
            (Filter(text="40€"), []),
            (Filter(text="?"), ["status"]),
            (Filter(text="%"), ["status"]),
            (Filter(text='"'), []),
            (Filter(text='order" OR "zzz'), []),
            (Filter(text="NOT order"), []),
            (Filter(text="  "), ["status", "refund"]),
            (Filter(text="issue_refund"), ["refund"]),
            (Filter(text="order", error=True), ["status"]),
        ],
    )
    def test_a_filter_lets_through_what_it_says(
        self, shop: SpanStore, filter: Filter, found: list[str]
    ) -> None:
        assert ids(shop.sessions("shop", filter)) == [f"sess:{name}" for name in found]
        assert shop.count_sessions("shop", filter) == len(found)

    def test_traces_are_filtered_like_sessions(self, shop: SpanStore) -> None:
        assert ids(shop.traces("shop", Filter(text="order"))) == [
            f"trace:{trace}" for trace in (C, B, A)
        ]
        assert ids(shop.traces("shop", Filter(user="bob"))) == [f"trace:{C}", f"trace:{B}"]
        assert shop.count_traces("shop", Filter(user="bob", error=False)) == 1

    def test_what_holds_in_two_traces_of_a_session_holds_in_the_session(
        self, store: SpanStore
    ) -> None:
        store.append(
            [
                a_span(1, trace=A, session_id="s1", tool_name="find"),
                a_span(2, trace=B, session_id="s1", user_id="ana"),
            ]
        )
        assert ids(store.sessions("shop", Filter(tool="find", user="ana"))) == ["sess:s1"]
        assert store.traces("shop", Filter(tool="find", user="ana")) == ()

    def test_another_projects_words_do_not_count(self, shop: SpanStore) -> None:
        shop.append([a_span(1, project="bank", session_id="refund", user_text="mortgage")])
        assert shop.sessions("shop", Filter(text="mortgage")) == ()

    def test_a_time_without_a_zone_is_refused(self, shop: SpanStore) -> None:
        with pytest.raises(UsageError, match="time zone"):
            shop.sessions("shop", Filter(since=datetime(2025, 10, 9)))

    def test_a_text_of_endless_length_is_refused(self, shop: SpanStore) -> None:
        with pytest.raises(UsageError, match="longer"):
            shop.sessions("shop", Filter(text="x" * 1001))


class TestReplays:
    KEY = "1234567890abcdef"
    TRACE = KEY + "0" * 16

    def hidden(self, store: SpanStore) -> None:
        assert store.projects() == ()
        assert store.sessions("shop") == ()
        assert store.traces("shop") == ()
        assert store.count_sessions("shop") == store.count_traces("shop") == 0
        assert store.loose_traces("shop") == ()
        assert store.spans_of_session("shop", "s1") == ()
        assert store.spans_of_traces("shop", [self.TRACE]) == ()
        for filter in (Filter(text="order"), Filter(tool="find"), Filter(error=False)):
            assert store.sessions("shop", filter) == ()
            assert store.traces("shop", filter) == ()

    def spans(self) -> list[StoredSpan]:
        return [
            a_span(1, trace=self.TRACE, session_id="s1", user_text="order"),
            a_span(2, trace=self.TRACE, tool_name="find"),
        ]

    def test_spans_of_a_replay_show_nowhere_but_where_asked_for(self, store: SpanStore) -> None:
        replayed = [replace(span, origin="replay") for span in self.spans()]
        assert store.append(replayed).taken == 2
        self.hidden(store)
        found = store.spans_of_traces("shop", [self.TRACE], origin="replay")
        assert list(found) == replayed

    def test_replayed_spans_are_found_under_any_project(self, store: SpanStore) -> None:
        elsewhere = [replace(s, origin="replay", project="bank") for s in self.spans()]
        store.append([*elsewhere, a_span(1, trace=A, session_id="s1")])
        assert list(store.replay_spans([self.TRACE, A])) == elsewhere

    def test_a_trace_found_to_be_a_replay_is_moved(self, store: SpanStore) -> None:
        store.append(self.spans())
        assert store.mark_replay("shop", self.KEY) == 1
        self.hidden(store)
        assert len(store.spans_of_traces("shop", [self.TRACE], origin="replay")) == 2
        assert store.mark_replay("shop", self.KEY) == 0

    def test_one_span_of_a_replay_makes_its_trace_a_replay(self, store: SpanStore) -> None:
        first, second = self.spans()
        store.append([first])
        store.append([replace(second, origin="replay")])
        self.hidden(store)
        store.append([a_span(3, trace=self.TRACE, session_id="s1")])
        self.hidden(store)

    def test_a_span_sent_again_as_a_replay_moves_its_trace(self, store: SpanStore) -> None:
        spans = self.spans()
        store.append(spans)
        store.append([replace(spans[0], origin="replay")])
        self.hidden(store)

    def test_marking_touches_only_that_key_and_project(self, store: SpanStore) -> None:
        store.append([*self.spans(), a_span(1, trace=A, session_id="s1", tool_name="other")])
        store.append([a_span(1, project="bank", trace=self.TRACE, session_id="s1")])
        assert store.mark_replay("shop", self.KEY) == 1
        (session,) = store.sessions("shop")
        assert session.trace_ids == (A,)
        assert (session.spans, session.tools) == (1, ("other",))
        assert [(p.id, p.sessions, p.traces, p.spans) for p in store.projects()] == [
            ("bank", 1, 1, 1),
            ("shop", 1, 1, 1),
        ]

    def test_a_key_that_is_no_key_is_refused(self, store: SpanStore) -> None:
        for key in ("", "abc", "%" * 16, "G" * 16):
            with pytest.raises(UsageError, match="trace key"):
                store.mark_replay("shop", key)


def test_projects_say_what_they_hold(store: SpanStore) -> None:
    store.append([a_span(1, trace=A, session_id="s1"), a_span(2, trace=A), a_span(8, trace=B)])
    (project,) = store.projects()
    assert (project.id, project.sessions, project.traces, project.spans) == ("shop", 1, 2, 3)
    assert project.first_at == TUESDAY_AT + timedelta(seconds=1)
    assert project.last_at == TUESDAY_AT + timedelta(seconds=8)


@pytest.mark.parametrize(
    "url", ["spans.db", "clickhouse://localhost/x", "sqlite://", "sqlite:///", "sqlite:///:memory:"]
)
def test_a_url_that_names_no_span_store_says_what_does(url: str) -> None:
    with pytest.raises(StoreError, match="REENACT_SPANS_URL"):
        open_span_store(url)
