"""The demo's agents: one bug apart, and their tools are real functions outside a replay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from reenact.demo import agents, shop
from reenact.demo.rules import CAREFUL, HASTY, Call, Say, decide
from reenact.demo.talks import TALKS, TUESDAY


@pytest.fixture(autouse=True)
def _clean_ledger() -> Iterator[None]:
    shop.LEDGER.clear()
    yield
    shop.LEDGER.clear()


def talk_through(agent: Any, lines: tuple[str, ...]) -> list[str]:
    messages: list[dict[str, Any]] = []
    for line in lines:
        answer = agent(messages, line)
        messages += [{"role": "user", "content": line}, {"role": "assistant", "content": answer}]
    return [message["content"] for message in messages[1::2]]


def test_outside_a_replay_the_old_agent_really_pays() -> None:
    tuesday = next(talk for talk in TALKS if talk.session_id == TUESDAY)

    answers = talk_through(agents.old, tuesday.lines)

    assert shop.LEDGER == ["64.00 EUR paid back for NB-5528"]
    assert answers[3] == "I have paid 64.00 EUR back to you. The reference is R-5528."


def test_the_fixed_agent_looks_and_pays_nothing() -> None:
    tuesday = next(talk for talk in TALKS if talk.session_id == TUESDAY)

    answers = talk_through(agents.fixed, tuesday.lines[:4])

    assert shop.LEDGER == []
    assert "in transit" in answers[3]


@pytest.mark.parametrize("talk", [t for t in TALKS if t.session_id != TUESDAY], ids=str)
def test_the_two_agents_differ_in_no_other_talk(talk: Any) -> None:
    assert talk_through(agents.old, talk.lines) == talk_through(agents.fixed, talk.lines)


def test_the_rules_differ_only_in_what_they_ask_first() -> None:
    messages = [
        {"role": "user", "content": "Order NB-5528, please."},
        {"role": "assistant", "content": "One pannier bag for 64.00 EUR."},
        {"role": "user", "content": "Where is it? Or give me my money back."},
    ]

    assert decide(messages, HASTY) == Call("issue_refund", {"order_id": "NB-5528", "amount": 64.0})
    assert decide(messages, CAREFUL) == Call("check_status", {"order_id": "NB-5528"})
    assert isinstance(decide([{"role": "user", "content": "Hm."}], CAREFUL), Say)
