"""Traces without a session, joined by who goes on where another ended."""

from __future__ import annotations

from reenact.capture.facts import facts_of
from reenact.capture.joining import joined
from reenact.store.spans import LooseTrace
from support.telling import agent, answered, asks, model, user


def loose(trace: str, at: int, *, after: str | None = None, ends: str, **given) -> LooseTrace:
    values = {"user_id": "ana", "service": "shop", **given}
    return LooseTrace(
        trace_id=trace,
        started_at=at,
        prefix_hashes=(after,) if after else (),
        result_hashes=(ends,),
        **values,
    )


def test_a_trace_that_goes_on_where_another_ended_is_joined_to_it():
    traces = [
        loose("c", 3, after="h2", ends="h3"),
        loose("a", 1, ends="h1"),
        loose("b", 2, after="h1", ends="h2"),
        loose("x", 2, ends="h9"),
    ]

    assert joined(traces) == (("a", "b", "c"), ("x",))


def test_traces_of_other_users_or_services_are_not_joined():
    first = loose("a", 1, ends="h1")

    assert len(joined([first, loose("b", 2, after="h1", ends="h2", user_id="ben")])) == 2
    assert len(joined([first, loose("b", 2, after="h1", ends="h2", service="other")])) == 2


def test_two_talks_that_begin_alike_are_kept_apart():
    traces = [
        loose("a1", 1, ends="hello"),
        loose("b1", 2, ends="hello"),
        loose("b2", 3, after="hello", ends="x"),
        loose("a2", 4, after="hello", ends="y"),
        loose("c", 5, after="hello", ends="z"),
    ]

    assert joined(traces) == (("a1", "a2"), ("b1", "b2"), ("c",))


def test_an_earlier_trace_never_continues_a_later_one():
    assert len(joined([loose("a", 1, after="h2", ends="h1"), loose("b", 2, ends="h2")])) == 2


def test_the_hash_of_a_history_meets_the_hash_of_what_it_continues():
    asked = agent(None, asks("check", "c1", order="A-1"))
    looked = [user("Where?"), asked, answered(("c1", {"state": "sent"}))]
    first = facts_of(model(1, looked[:1], asked, session=None))
    second = facts_of(model(2, looked, agent("Sent."), session=None))
    whole = facts_of(model(3, [*looked, agent(" Sent. "), user("Ok")], agent("Bye."), session=None))
    words = facts_of(model(4, [user("Where?"), agent("Sent."), user("Ok")], session=None))

    assert first.prefix_hash is None
    assert second.prefix_hash == first.result_hash is not None
    assert whole.prefix_hash == second.result_hash == words.prefix_hash
    assert words.result_hash is None


def test_calls_that_name_a_session_need_no_hashes():
    assert facts_of(model(1, [user("Hi")], agent("Yo"))).result_hash is None
