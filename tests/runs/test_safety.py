"""Nothing happens in the world by accident, and nothing passes because it was not seen."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

import reenact
from reenact.domain.expectation import Expectation, Judgement
from reenact.domain.run_view import RunView
from reenact.evaluate.expectations import judge
from reenact.runs.replayed import replayed_rows
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from reenact.tools.interceptor import ToolRefused, tool
from support.story import issue_refund, old, put, refund
from support.talks import agent, call, talk, user

NO_REFUND = Expectation(kind="must_not_call", turn=1, tool="issue_refund")


def refunded(id: str = "s1") -> Any:
    return talk(
        user("Where is A-1003?"),
        call("issue_refund", {"order_id": "A-1003", "amount": 49.9}, {"ok": True}),
        agent("I have refunded $49.90."),
        id=f"sess:{id}",
    )


def judged(workspace: Workspace, run: RunView) -> list[Judgement]:
    return [
        judgement
        for row in replayed_rows(workspace, workspace.records.run(run.id))
        for judgement in judge(
            [NO_REFUND], row.turns, ended=row.call.ended_reason, calls_known=row.calls_known
        )
    ]


def test_calls_that_nobody_can_see_do_not_count_as_not_made(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, refunded())
    run = reenact.replay(
        lambda messages, message: "I have refunded $49.90.",
        project="shop",
        sessions="s1",
        tools="own",
        allow_live_tools=True,
        settings=settings,
    )
    assert [judgement.outcome for judgement in judged(workspace, run)] == ["no_evidence"]


def test_a_call_lost_in_a_stray_thread_fails_the_turn_though_the_agent_hides_it(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, refunded("s1"), refunded("s2"))
    both = threading.Barrier(2, timeout=5)

    def hiding(messages: list[dict[str, Any]], message: str) -> str:
        both.wait()
        with ThreadPoolExecutor(1) as pool, suppress(Exception):
            pool.submit(issue_refund, "A-1003", 49.9).result()
        both.wait()
        return "I have refunded $49.90."

    run = reenact.replay(
        hiding, project="shop", sessions=["s1", "s2"], concurrency=2, settings=settings
    )
    assert run.summary.failed == 2
    assert {judgement.outcome for judgement in judged(workspace, run)} == {"no_evidence"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_tool_called_after_its_talk_is_over_does_not_run(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, talk(user("a"), call("notify", {"x": "u"}, "sent"), agent("ok")))
    ran: list[str] = []
    timers: list[threading.Timer] = []

    @tool(name="notify", effect="write")
    def notify(x: str) -> None:
        ran.append(x)

    def forgetful(messages: list[dict[str, Any]], message: str) -> str:
        timers.append(threading.Timer(0.1, notify, ["u"]))
        timers[-1].start()
        return "ok"

    reenact.replay(forgetful, project="shop", sessions="s1", settings=settings)
    for timer in timers:
        timer.join()
    assert ran == []


def test_an_agent_that_changes_what_it_was_given_changes_nothing_else(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, talk(user("a"), call("cart", {}, {"items": ["tea"]}), agent("x")))

    @tool(name="cart", effect="read")
    def cart() -> Any:
        raise AssertionError("a tool ran for real")

    def emptying(messages: list[dict[str, Any]], message: str) -> str:
        found = cart()["items"]
        said = ", ".join(found)
        found.clear()
        return said

    run = reenact.replay(
        emptying, project="shop", sessions="s1", repeats=2, concurrency=1, settings=settings
    )
    assert [turn.assistant for one in run.calls for turn in one.turns] == ["tea", "tea"]
    kept = [asked.result for one in run.calls for turn in one.turns for asked in turn.tool_calls]
    assert kept == [{"items": ["tea"]}] * 2


def test_a_write_told_as_history_is_not_served_again(
    workspace: Workspace, settings: Settings
) -> None:
    paid = talk(
        user("a"), call("pay", {"id": 1}, "ok", effect="write"), agent("x"), user("b"), agent("y")
    )
    put(workspace, paid)
    seen: list[str] = []

    @tool(name="pay", effect="write")
    def pay(id: int) -> str:
        raise AssertionError("a tool ran for real")

    def paying(messages: list[dict[str, Any]], message: str) -> str:
        try:
            seen.append(f"{message}: {pay(1)}")
        except ToolRefused:
            seen.append(f"{message}: refused")
        return "y"

    (trace,) = workspace.spans.traces("shop")
    reenact.replay(paying, project="shop", traces=trace.trace_ids, settings=settings)
    assert sorted(seen) == ["a: ok", "b: refused"]


def test_one_agent_answer_that_no_journal_can_hold_ends_only_its_own_talk(
    workspace: Workspace, settings: Settings
) -> None:
    put(workspace, *(refund(f"s{number}") for number in range(3)))

    def half(messages: list[dict[str, Any]], message: str) -> str:
        return "half \ud83d" if not messages and len(told) == 1 else old(messages, message)

    told: list[int] = []

    def once(messages: list[dict[str, Any]], message: str) -> str:
        told.append(1)
        return half(messages, message)

    run = reenact.replay(once, project="shop", all=True, concurrency=1, settings=settings)
    assert [call.status for call in run.calls].count("failed") == 1
    assert run.summary.completed == 2
    (failed,) = [one for one in run.calls if one.status == "failed"]
    assert "cannot be kept as JSON" in (failed.error or "")


def test_class_and_static_methods_can_be_tools_and_generators_cannot() -> None:
    class Shop:
        @tool(name="one")
        @classmethod
        def one(cls, order_id: str) -> str:
            return f"{cls.__name__} {order_id}"

        @tool(name="two")
        @staticmethod
        def two(order_id: str) -> str:
            return order_id

    assert (Shop.one("A"), Shop.two("B")) == ("Shop A", "B")
    with pytest.raises(reenact.ReenactError, match="yields its results"):

        @tool
        def rows() -> Any:
            yield 1
