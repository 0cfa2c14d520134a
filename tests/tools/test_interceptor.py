from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from reenact.tools.desk import NoDesk, ToolDesk, at_desk
from reenact.tools.interceptor import ToolFailed, ToolRefused, tool
from reenact.tools.recorded import RecordedTools
from support.talks import REFUND, agent, call, talk, user

RUN: list[str] = []


@tool
def check_status(order_id: str) -> dict[str, str]:
    RUN.append(order_id)
    return {"status": "from the world"}


@tool(effect="write")
async def issue_refund(order_id: str, amount: float) -> dict[str, bool]:
    RUN.append(order_id)
    return {"ok": False}


@pytest.fixture(autouse=True)
def nothing_has_run() -> None:
    RUN.clear()


def desk(turn: int = 1) -> ToolDesk:
    return ToolDesk(RecordedTools(REFUND), turn=turn)


def test_outside_a_replay_the_tool_just_runs() -> None:
    assert check_status("A-1001") == {"status": "from the world"}
    assert RUN == ["A-1001"]


def test_inside_a_replay_the_recording_answers_and_nothing_runs() -> None:
    with at_desk(desk()) as open_desk:
        assert check_status(order_id="A-1001") == {"status": "shipped"}
    (asked,) = open_desk.close()
    assert (asked.name, asked.arguments, asked.provenance) == (
        "check_status",
        {"order_id": "A-1001"},
        "recorded",
    )
    assert RUN == []


def test_an_async_tool_is_answered_too() -> None:
    async def replay() -> object:
        with at_desk(desk(2)):
            return await issue_refund("A-1003", 49.9)

    assert asyncio.run(replay()) == {"ok": True}
    assert RUN == []


def test_a_call_that_nothing_answers_is_refused_and_does_not_run() -> None:
    with at_desk(desk()), pytest.raises(ToolRefused, match="whose effect is unknown"):
        check_status("A-9999")
    assert RUN == []


def test_a_recorded_failure_is_raised_as_the_exception_the_agent_expects() -> None:
    class OrderNotFound(Exception):
        pass

    @tool(raises=OrderNotFound)
    def find(id: int) -> str:
        raise AssertionError("a recorded tool was run")

    failed = talk(user("a"), call("find", {"id": 9}, error="no order 9"), agent("x"))
    failing = ToolDesk(RecordedTools(failed), turn=1)
    with at_desk(failing), pytest.raises(OrderNotFound, match="no order 9"):
        find(9)
    assert issubclass(ToolFailed, Exception)


def test_a_tool_that_returns_text_gets_the_recorded_json_as_text() -> None:
    @tool(name="check_status")
    def as_text(order_id: str) -> str:
        raise AssertionError("a recorded tool was run")

    with at_desk(desk()):
        assert as_text("A-1001") == '{"status": "shipped"}'


def test_a_tool_that_returns_a_class_gets_an_instance_of_it() -> None:
    @dataclass
    class Status:
        status: str

    @tool(name="check_status")
    def typed(order_id: str) -> Status:
        raise AssertionError("a recorded tool was run")

    typed_returns = typed.__wrapped__.__annotations__  # type: ignore[attr-defined]
    typed_returns["return"] = Status
    again = tool(name="check_status")(typed.__wrapped__)  # type: ignore[attr-defined]
    with at_desk(desk()):
        assert again("A-1001") == Status("shipped")


def test_methods_and_contexts_are_not_arguments_of_the_model() -> None:
    class Shop:
        @tool(name="check_status", ignore=("ctx",))
        def look_up(self, ctx: object, order_id: str) -> dict[str, str]:
            raise AssertionError("a recorded tool was run")

    with at_desk(desk()):
        assert Shop().look_up(object(), "A-1001") == {"status": "shipped"}


def test_conversations_that_run_at_once_keep_their_own_recordings() -> None:
    async def one(number: int) -> object:
        recorded = talk(user("a"), call("check_status", {"order_id": "X"}, {"n": number}))
        with at_desk(ToolDesk(RecordedTools(recorded), turn=1)):
            await asyncio.sleep(0)
            return await asyncio.to_thread(check_status, "X")

    async def all_at_once() -> list[object]:
        return await asyncio.gather(*(one(number) for number in range(50)))

    assert asyncio.run(all_at_once()) == [{"n": number} for number in range(50)]


def test_a_thread_without_the_context_goes_to_the_only_talk_there_is() -> None:
    with at_desk(desk()), ThreadPoolExecutor(1) as pool:
        assert pool.submit(check_status, "A-1001").result() == {"status": "shipped"}
    assert RUN == []


def test_a_thread_without_the_context_is_refused_where_several_talks_run() -> None:
    def other_talk(started: threading.Event, done: threading.Event) -> None:
        with at_desk(desk()):
            started.set()
            done.wait(5)

    started, done = threading.Event(), threading.Event()
    other = threading.Thread(
        target=contextvars.copy_context().run, args=(other_talk, started, done)
    )
    other.start()
    started.wait(5)
    try:
        refused = pytest.raises(NoDesk, match="belongs to none of the 2 talks")
        with at_desk(desk()), ThreadPoolExecutor(1) as pool, refused:
            pool.submit(check_status, "A-1001").result()
    finally:
        done.set()
        other.join()
    assert RUN == []


def test_a_call_that_comes_after_its_turn_is_refused() -> None:
    late = desk()
    with at_desk(late):
        context = contextvars.copy_context()
    late.close()
    with pytest.raises(ToolRefused, match="turn 1 is over"):
        context.run(check_status, "A-1001")


def test_an_allowed_live_call_is_noted_before_it_runs_and_never_run_twice() -> None:
    noted: list[tuple[int, str]] = []

    def note(place: int, name: str, arguments: object) -> bool:
        known = (place, name) in noted
        assert known or RUN == []
        noted.append((place, name))
        return not known

    def turn() -> ToolDesk:
        tools = RecordedTools(REFUND, live=frozenset({"check_status"}))
        return ToolDesk(tools, turn=1, journal_live=note)

    with at_desk(turn()) as first:
        assert check_status("new") == {"status": "from the world"}
    (asked,) = first.close()
    assert (asked.provenance, asked.result) == ("live", {"status": "from the world"})
    with at_desk(turn()), pytest.raises(ToolRefused, match="not run twice"):
        check_status("new")
    assert RUN == ["new"]
