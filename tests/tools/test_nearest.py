"""Rung 4: one clearly nearest read, never across a differing identifier."""

from __future__ import annotations

from typing import Any

import pytest

from reenact.domain.conversation import Effect
from reenact.tools.answer import ToolAnswer
from reenact.tools.recorded import RecordedTools
from support.talks import agent, call, talk, user

POLICY = talk(
    user("May I return shoes?"),
    call("search", {"query": "return policy for shoes", "limit": 5}, ["30 days"]),
    call("search", {"query": "opening hours of the shop in Utrecht", "limit": 5}, ["9 to 5"]),
    call("orders", {"customer": "ana", "open_only": False}, [{"city": "paris"}]),
    agent("Yes."),
)


def ask(name: str, arguments: Any, *, effect: Effect = "read") -> ToolAnswer:
    effects: dict[str, Effect] = {"search": effect, "orders": effect}
    return RecordedTools(POLICY, effects=effects).answer(name, arguments, turn=1)


def test_a_text_with_one_word_more_is_answered_with_its_score() -> None:
    answer = ask("search", {"query": "what is the return policy for shoes", "limit": 5})
    assert (answer.result, answer.served.rung) == (["30 days"], 4)
    assert 0.75 <= (answer.served.score or 0) < 1


def test_a_size_limit_and_an_absent_default_may_differ() -> None:
    assert ask("search", {"query": "return policy for shoes", "limit": 50}).served.rung == 4
    assert ask("search", {"query": "return policy for shoes"}).served.rung == 4
    assert ask("orders", {"customer": "ana"}).served.rung == 4
    assert ask("orders", {"customer": "ana", "open_only": False, "note": ""}).served.rung == 4


def test_a_key_in_another_style_is_the_same_key() -> None:
    answer = ask("orders", {"customer": "ana", "openOnly": False})
    assert (answer.served.rung, answer.served.score) == (4, 0.95)


@pytest.mark.parametrize(
    "arguments",
    [
        {"customer": "bob", "open_only": False},
        {"customer": "ana", "open_only": True},
        {"customer": "ana", "open_only": False, "page": 2},
        {"customer": "ana", "open_only": False, "status": "late"},
        {"client": "ana", "open_only": False},
        {"open_only": False},
    ],
    ids=["name", "flag", "page", "filter", "renamed", "dropped"],
)
def test_anything_else_is_an_identifier_and_must_be_the_same(arguments: dict[str, Any]) -> None:
    answer = ask("orders", arguments)
    assert answer.provenance == "refused"
    assert "the nearest recorded call is orders(customer='ana'" in (answer.served.miss or "")


@pytest.mark.parametrize(
    "query",
    [
        "return policy for boots",
        "return policy for shoes in paris",
        "return policy for shoes of Ana",
        "return policy for shoes no 42",
        "shoes policy for return",
        "no return policy for shoes",
        "opening hours of the shop in Delft",
        "hours",
    ],
    ids=["word", "place", "person", "number", "order", "negation", "town", "short"],
)
def test_a_text_that_may_be_about_something_else_is_not_the_same(query: str) -> None:
    assert ask("search", {"query": query, "limit": 5}).provenance == "refused"


@pytest.mark.parametrize("effect", ["write", "unknown"])
def test_only_reads_are_answered_by_likeness(effect: Effect) -> None:
    asked = {"query": "what is the return policy for shoes", "limit": 5}
    assert ask("search", asked, effect=effect).provenance == "refused"


def test_two_calls_that_are_near_and_gave_other_results_answer_nothing() -> None:
    twins = talk(
        user("a"),
        call("search", {"query": "what is the return policy for shoes"}, ["30 days"]),
        call("search", {"query": "the return policy for shoes please"}, ["60 days"]),
        agent("x"),
    )
    asked = {"query": "return policy for shoes"}
    tools = RecordedTools(twins, effects={"search": "read"})
    assert tools.answer("search", asked, turn=1).provenance == "refused"


def test_two_calls_that_are_near_and_gave_the_same_answer_it() -> None:
    twins = talk(
        user("a"),
        call("search", {"query": "what is the return policy for shoes"}, ["30 days"]),
        call("search", {"query": "the return policy for shoes please"}, ["30 days"]),
        agent("x"),
    )
    tools = RecordedTools(twins, effects={"search": "read"})
    assert tools.answer("search", {"query": "return policy for shoes"}, turn=1).served.rung == 4


def test_a_stale_call_is_not_near_enough() -> None:
    stale = talk(
        user("a"),
        call("search", {"query": "orders that are open for ana", "customer_id": "C1"}, ["A1"]),
        call("close", {"order_id": "A1", "customer_id": "C1"}, {"ok": True}),
        agent("x"),
    )
    tools = RecordedTools(stale, effects={"search": "read", "close": "write"})
    tools.answer("close", {"order_id": "A1", "customer_id": "C1"}, turn=1)
    asked = {"query": "the orders that are open for ana", "customer_id": "C1"}
    assert tools.answer("search", asked, turn=1).provenance == "refused"
