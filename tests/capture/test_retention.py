"""Retention: whole conversations go, never a part of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reenact.capture.retention import is_drawn, sweep
from reenact.domain.selection import Retention
from reenact.domain.span import LogRecord, SpanEvent, StoredLog
from reenact.store.spans import SpanStore, open_span_store
from support.spans import TUESDAY, a_span, a_trace

TUESDAY_AT = datetime.fromtimestamp(TUESDAY // 1_000_000_000, UTC)
DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SpanStore]:
    opened = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    yield opened
    opened.close()


def on_day(days: float) -> datetime:
    return TUESDAY_AT + timedelta(days=days)


def left(store: SpanStore) -> list[str | None]:
    return sorted(str(s.session_id) for s in store.sessions("shop"))


def test_without_a_word_everything_is_kept(store: SpanStore) -> None:
    store.append([a_span(1, session_id="s1")])

    assert sweep(store, now=on_day(10_000)) == ()
    assert left(store) == ["s1"]


def test_a_session_goes_when_its_last_span_is_too_old(store: SpanStore) -> None:
    store.append([a_span(1, session_id="over")])
    store.append([a_span(2, trace=a_trace("b"), session_id="goes-on")])
    store.append([a_span(3, trace=a_trace("c"), at=8 * DAY, session_id="goes-on")])
    store.append([a_span(4, project="bank", session_id="theirs")])
    store.set_retention("shop", Retention(keep=timedelta(days=7)))
    [swept] = sweep(store, now=on_day(10))

    assert (swept.project, swept.expired, swept.sampled_out, swept.spans) == ("shop", 1, 0, 1)
    assert left(store) == ["goes-on"]
    assert store.sessions("shop")[0].spans == 2, "its old trace stays with it"
    assert store.count_sessions("bank") == 1


def test_traces_that_continue_one_another_go_together(store: SpanStore) -> None:
    store.append([a_span(1, kind="model", result_hash="h1")])
    store.append([a_span(2, trace=a_trace("b"), at=8 * DAY, kind="model", prefix_hash="h1")])
    store.append([a_span(3, trace=a_trace("c"), kind="model", result_hash="other")])
    store.set_retention("shop", Retention(keep=timedelta(days=7)))

    [swept] = sweep(store, now=on_day(10))
    assert swept.expired == 1
    assert [t.trace_ids[0][0] for t in store.traces("shop")] == ["b", "a"]
    [swept] = sweep(store, now=on_day(20))
    assert swept.expired == 1
    assert store.traces("shop") == ()


def test_a_share_is_drawn_by_session_and_failures_are_kept(store: SpanStore) -> None:
    names = [f"s{n}" for n in range(60)]
    for n, name in enumerate(names):
        failed = "boom" if n % 10 == 0 else None
        store.append([a_span(n, trace=f"{n:032x}", session_id=name, error=failed)])
    store.set_retention("shop", Retention(share=0.3))
    [swept] = sweep(store, now=on_day(1))

    drawn = {f"sess:{name}": is_drawn(f"sess:{name}", 0.3) for name in names}
    expected = [n for k, n in enumerate(names) if drawn[f"sess:{n}"] or k % 10 == 0]
    assert left(store) == sorted(expected)
    assert swept.sampled_out == 60 - len(expected)
    assert 5 < sum(drawn.values()) < 35
    assert sweep(store, now=on_day(1))[0].sampled_out == 0


def test_a_session_that_may_go_on_is_not_judged_yet(store: SpanStore) -> None:
    store.append([a_span(1, session_id="s1")])
    store.set_retention("shop", Retention(share=0, quiet=timedelta(hours=2)))

    assert sweep(store, now=TUESDAY_AT + timedelta(hours=1))[0].sampled_out == 0
    assert sweep(store, now=TUESDAY_AT + timedelta(hours=3))[0].sampled_out == 1


def test_spans_that_come_late_share_the_fate_of_their_session(store: SpanStore) -> None:
    store.append([a_span(1, session_id="s1")])
    store.set_retention("shop", Retention(share=0))
    sweep(store, now=on_day(1))
    store.append([a_span(2, trace=a_trace("b"), session_id="s1")])
    sweep(store, now=on_day(1))

    assert left(store) == []


def test_sessions_that_the_last_sweep_judged_are_not_looked_at_again(store: SpanStore) -> None:
    for day in (0, 9):
        store.append([a_span(day, trace=f"{day + 1:032x}", at=day * DAY, session_id=f"d{day}")])
    store.set_retention("shop", Retention(share=1 - 1e-9))

    assert sweep(store, now=on_day(10))[0].looked_at == 2
    assert sweep(store, now=on_day(10), last=on_day(9))[0].looked_at == 1


def test_old_log_records_without_a_span_go_too(store: SpanStore) -> None:
    event = SpanEvent(name="gen_ai.choice", time_ns=TUESDAY, body="x")
    for trace in (a_trace("a"), a_trace("b")):
        record = LogRecord(trace_id=trace, span_id="1" * 16, event=event)
        store.append_logs([StoredLog(project="shop", record=record)])
    store.append([a_span(1, at=9 * DAY)])
    store.set_retention("shop", Retention(keep=timedelta(days=7)))

    assert sweep(store, now=on_day(10))[0].logs == 1
    assert sweep(store, now=on_day(10))[0].logs == 0
