"""What every span store promises of the users of an agent."""

from __future__ import annotations

from reenact.store.spans import SpanStore
from reenact.store.sqlite.rollup import moment
from support.spans import TUESDAY, a_span, a_trace

A, B, C, D = (a_trace(letter) for letter in "abcd")
SECOND = 1_000_000_000


def names(store: SpanStore, **asked: object) -> list[str]:
    return [user.user_id for user in store.users("shop", limit=9, **asked)]  # type: ignore[arg-type]


def test_a_user_sums_up_their_traces(store: SpanStore) -> None:
    store.append(
        [
            a_span(1, trace=A, session_id="s1", user_id="ana"),
            a_span(2, trace=A, error="boom"),
            a_span(3, trace=B, session_id="s1", user_id="ana"),
            a_span(4, trace=C, session_id="s2", user_id="ana", end_ns=TUESDAY + 60 * SECOND),
        ]
    )
    (ana,) = store.users("shop", limit=9)
    assert (ana.sessions, ana.traces, ana.errors) == (2, 3, 1)
    assert ana.first_at == moment(TUESDAY + SECOND)
    assert ana.last_at == moment(TUESDAY + 60 * SECOND)


def test_who_was_seen_last_comes_first_and_equal_moments_by_id(store: SpanStore) -> None:
    store.append(
        [
            a_span(1, trace=A, user_id="cleo"),
            a_span(2, trace=B, at=5, user_id="bob"),
            a_span(3, trace=C, at=5, user_id="ana"),
        ]
    )
    assert names(store) == ["ana", "bob", "cleo"]
    store.append([a_span(4, trace=A, at=9)])
    assert names(store) == ["cleo", "ana", "bob"]


def test_pages_go_on_behind_the_last_one_listed(store: SpanStore) -> None:
    users = [f"user-{number}" for number in range(7)]
    store.append(
        a_span(number, trace=f"{number:032x}", at=number // 2, user_id=user)
        for number, user in enumerate(users)
    )
    seen: list[str] = []
    after = None
    while found := store.users("shop", limit=2, after=after):
        seen += [user.user_id for user in found]
        last_us = round(found[-1].last_at.timestamp() * 1_000_000)
        after = (last_us, found[-1].user_id)
    assert seen == ["user-6", "user-4", "user-5", "user-2", "user-3", "user-0", "user-1"]


def test_words_choose_users_in_any_case(store: SpanStore) -> None:
    store.append(
        [
            a_span(1, trace=A, user_id="Ana"),
            a_span(2, trace=B, user_id="banana"),
            a_span(3, trace=C, user_id="bob"),
        ]
    )
    assert names(store, text="ANA") == ["banana", "Ana"]
    assert names(store, text="%") == []


def test_a_trace_without_production_or_another_project_counts_for_nobody(store: SpanStore) -> None:
    store.append(
        [
            a_span(1, trace=A, user_id="ana"),
            a_span(2, trace=B, user_id="ana", origin="replay"),
            a_span(3, trace=C, user_id="bob", origin="replay"),
            a_span(4, trace=D, user_id="ana", project="bank"),
        ]
    )
    (ana,) = store.users("shop", limit=9)
    assert (ana.user_id, ana.traces) == ("ana", 1)


def test_a_user_is_as_if_a_deleted_trace_had_never_come(store: SpanStore) -> None:
    store.append(
        [
            a_span(1, trace=A, user_id="ana", error="boom"),
            a_span(2, trace=B, user_id="ana"),
            a_span(3, trace=C, user_id="ana"),
            a_span(4, trace=D, user_id="bob"),
        ]
    )
    store.delete("shop", traces=[A, C, D])
    (ana,) = store.users("shop", limit=9)
    assert (ana.user_id, ana.traces, ana.errors) == ("ana", 1, 0)
    assert ana.first_at == moment(TUESDAY + 2 * SECOND)
    assert ana.last_at == moment(TUESDAY + 2 * SECOND + SECOND // 2)
