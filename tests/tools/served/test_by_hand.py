"""One recording's tools for clients that are driven by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

from reenact.domain.conversation import Conversation
from reenact.tools.recorded import RecordedTools
from reenact.tools.served import by_hand
from reenact.tools.served.by_hand import ByHand
from reenact.tools.served.caller import Caller
from support.talks import REFUND, agent, call, talk, user

MOVING = talk(
    user("a"),
    call("status", {"id": 1}, "packed", effect="read"),
    agent("x"),
    user("b"),
    call("find", {"id": 1}, "box", effect="read"),
    call("status", {"id": 1}, "sent", effect="read"),
    agent("y"),
)


def served(conversation: Conversation = REFUND, **known: Any) -> ByHand:
    return ByHand(partial(RecordedTools, conversation, **known), tools=())


def test_each_session_has_a_state_of_its_own() -> None:
    tooling = served(effects={"issue_refund": "write"})
    paid = {"order_id": "A-1003", "amount": 49.9}
    given = [
        tooling.ask("issue_refund", paid, caller=caller).provenance
        for caller in (Caller(mcp_session="a"), Caller(mcp_session="a"), Caller(session_id="b"))
    ]
    assert given == ["recorded", "refused", "recorded"]
    first, second = tooling.served()
    assert (first.name, len(first.calls), len(second.calls)) == ("a", 2, 1)
    assert [call.name for call in second.unused] == ["check_status", "check_status"]


def test_the_turn_moves_on_with_the_calls_that_are_served() -> None:
    tooling = served(MOVING)
    asked = [("status", 1), ("status", 1), ("find", 1), ("status", 1)]
    given = [tooling.ask(name, {"id": id}, caller=Caller()).result for name, id in asked]
    assert given == ["packed", "packed", "box", "sent"]


def test_a_client_may_say_which_turn_it_is() -> None:
    tooling = served(MOVING)
    assert tooling.ask("status", {"id": 1}, caller=Caller(turn=2)).result == "sent"


def test_every_answer_is_told_and_too_many_clients_are_refused(monkeypatch: Any) -> None:
    heard: list[tuple[str, str]] = []
    tooling = ByHand(
        partial(RecordedTools, REFUND),
        tools=(),
        on_call=lambda talk, call: heard.append((talk, call.name)),
    )
    monkeypatch.setattr(by_hand, "MOST_TALKS", 1)
    tooling.ask("check_status", {"order_id": "A-1001"}, caller=Caller())
    refused = tooling.ask("check_status", {}, caller=Caller(session_id="more"))
    assert heard == [("client", "check_status")]
    assert "sessions are open" in (refused.error or "")
