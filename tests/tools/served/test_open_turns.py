"""Which turn a call belongs to: by its headers, by its address, and never by a guess."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from reenact.tools.desk import ToolDesk
from reenact.tools.recorded import RecordedTools
from reenact.tools.served.caller import Caller, caller_of
from reenact.tools.served.open_turns import OpenTurn, OpenTurns
from support.talks import REFUND

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def a_turn(session: str, turn: int, trace: str | None = None) -> OpenTurn:
    desk = ToolDesk(RecordedTools(REFUND), turn=turn, trace_id=trace)
    return OpenTurn(desk=desk, session_id=session, turn=turn, trace_id=trace)


def asked_of(caller: Caller, *turns: OpenTurn) -> tuple[list[bool], str | None]:
    """Ask once; say of each turn whether its desk was asked, and what was refused."""
    with ExitStack() as stack:
        served = OpenTurns(lambda: ())
        for turn in turns:
            stack.enter_context(served.open(turn))
        answer = served.ask("check_status", {"order_id": "A-1001"}, caller=caller)
        return [bool(turn.desk.close()) for turn in turns], answer.error


def test_headers_are_read_as_w3c_writes_them() -> None:
    caller = caller_of(
        {"traceparent": PARENT, "baggage": "a=1, session.id=replay-1;p=2 ,reenact.turn=3"}
    )
    assert (caller.trace_id, caller.session_id, caller.turn) == (TRACE, "replay-1", 3)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"traceparent": "nonsense", "baggage": ",,=,;;"},
        {"traceparent": PARENT.upper(), "baggage": "reenact.turn=-1,session.id"},
        {"baggage": "x" * 9000 + ",session.id=late"},
    ],
)
def test_headers_that_say_nothing_give_nothing(headers: dict[str, str]) -> None:
    caller = caller_of(headers)
    assert (caller.trace_id, caller.session_id, caller.turn) == (None, None, None)


def test_the_meta_of_an_mcp_message_counts_where_there_is_no_header() -> None:
    meta = {"traceparent": PARENT, "baggage": 7, "progressToken": 1}
    assert caller_of({}, meta=meta).trace_id == TRACE


def test_the_trace_decides_before_anything_else() -> None:
    turns = a_turn("s", 1), a_turn("s", 2, TRACE)
    assert asked_of(Caller(trace_id=TRACE, session_id="s", turn=1), *turns)[0] == [False, True]


def test_baggage_names_the_turn_also_where_several_of_one_session_are_open() -> None:
    turns = a_turn("s", 1), a_turn("s", 2), a_turn("t", 2)
    assert asked_of(Caller(session_id="s", turn=2), *turns)[0] == [False, True, False]


def test_an_address_kept_from_an_earlier_turn_still_finds_its_conversation() -> None:
    caller = caller_of({}, place="s.1")
    assert asked_of(caller, a_turn("s", 3), a_turn("t", 1))[0] == [True, False]


def test_a_call_that_names_a_turn_which_is_over_is_refused() -> None:
    asked, error = asked_of(Caller(session_id="s", turn=1), a_turn("s", 2))
    assert asked == [False]
    assert "a turn that is over" in (error or "")


def test_an_address_alone_cannot_tell_turns_that_run_at_once() -> None:
    asked, error = asked_of(Caller(session_id="s", turn_of_address=9), *map(a_turn, "ss", (1, 2)))
    assert asked == [False, False]
    assert "2 turns of a conversation" in (error or "")


def test_a_call_that_says_nothing_goes_to_the_only_open_turn() -> None:
    assert asked_of(Caller(trace_id="0" * 32), a_turn("s", 1))[0] == [True]
    assert "no turn is being replayed" in (asked_of(Caller())[1] or "")


def test_a_call_that_could_be_anybodys_is_refused_and_all_hear_of_it() -> None:
    turns = a_turn("s", 1), a_turn("t", 1)
    asked, error = asked_of(Caller(), *turns)
    assert asked == [False, False]
    assert "nobody knows which of the 2 talks" in (error or "")
    assert [turn.desk.lost for turn in turns] == [["check_status"], ["check_status"]]
