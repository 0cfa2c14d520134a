"""Volatile fields are learnt where recordings prove it, and only there."""

from __future__ import annotations

from typing import Any

from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.tool_rules import ToolRules
from reenact.tools.learning import learnt_rules
from support.talks import agent, call, talk, user

IDS = [f"0a1b2c3d-0000-4000-8000-00000000000{n}" for n in range(10)]
FOUND = {"order_id": "A1", "status": "open", "total": 10}


def get(id: str, *, order: str = "A1", result: Any = FOUND, **more: Any) -> ToolCall:
    return call("get", {"order_id": order, "request_id": id, **more}, result)


def talks(*calls: ToolCall, said: str = "hi") -> list[Conversation]:
    return [talk(user(said), one, agent("x"), id=f"sess:{n}") for n, one in enumerate(calls)]


def test_a_request_id_is_learnt_where_the_same_call_gave_the_same_result() -> None:
    same = talks(get(IDS[0]), get(IDS[1]), get(IDS[2]))
    assert learnt_rules(same) == (ToolRules(tool="get", learnt=("request_id",)),)


def test_it_is_learnt_within_one_talk_and_together_with_a_time_of_sending() -> None:
    one = talk(
        user("hi"),
        *(get(IDS[n], sent_at=f"2026-11-24T18:30:0{n}Z") for n in range(3)),
        agent("x"),
    )
    (rules,) = learnt_rules([one])
    assert rules.learnt == ("request_id", "sent_at")


def test_two_calls_prove_too_little() -> None:
    assert learnt_rules(talks(get(IDS[0]), get(IDS[1]))) == ()


def test_one_other_result_disproves_it() -> None:
    other = {**FOUND, "status": "late"}
    calls = [*(get(id) for id in IDS[:4]), get(IDS[4], result=other)]
    assert learnt_rules(talks(*calls)) == ()


def test_a_value_that_comes_twice_is_no_request_id() -> None:
    assert learnt_rules(talks(get(IDS[0]), get(IDS[0]), get(IDS[1]), get(IDS[2]))) == ()


def test_a_value_that_was_said_or_stands_in_a_result_may_name_a_thing() -> None:
    calls = [get(id) for id in IDS[:3]]
    assert learnt_rules([*talks(*calls[:2]), *talks(calls[2], said=f"my id is {IDS[2]}")[:1]]) == ()
    shown = talk(
        user("hi"), call("list", {}, [{"ref": IDS[5]}]), get(IDS[5]), get(IDS[6]), get(IDS[7])
    )
    assert learnt_rules([shown]) == ()


def test_an_only_argument_is_never_volatile() -> None:
    bare = [call("ship", {"order": id}, {"ok": True, "by": "truck"}) for id in IDS[:4]]
    assert learnt_rules(talks(*bare)) == ()


def test_results_that_say_nothing_prove_nothing() -> None:
    done = [call("set", {"order": id, "status": "late"}, {"ok": True}) for id in IDS[:5]]
    assert learnt_rules(talks(*done)) == ()


def test_what_people_or_systems_number_is_not_machine_made() -> None:
    plain = [call("get", {"order_id": f"A-{n}", "customer": "ana"}, FOUND) for n in range(5)]
    assert learnt_rules(talks(*plain)) == ()
