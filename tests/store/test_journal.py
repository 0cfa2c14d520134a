"""What the journal promises: durable before it answers, each turn once, nothing swallowed."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reenact.domain.run import CallExecution, TurnRecord
from reenact.errors import StoreError, UnknownId
from reenact.store.database import Database
from reenact.store.journal import Journal, LiveCall
from reenact.store.records import Records, open_records
from support.records import a_call, a_turn, with_calls


def run(*steps: Awaitable[Any]) -> list[Any]:
    async def in_order() -> list[Any]:
        return [await step for step in steps]

    return asyncio.run(in_order())


def stored(path: Path, sql: str) -> Any:
    """Ask the file itself, as another process would."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_turn_comes_back_exactly_and_in_order(records: Records, journal: Journal) -> None:
    (call,) = with_calls(records, 1)
    turns = [
        a_turn(call, 0),
        replace(a_turn(call, 1), misfit="asked something else", after_divergence=True),
        replace(a_turn(call, 2), user_provenance="simulated", items=()),
    ]
    run(journal.begin(call), *(journal.commit(turn) for turn in (turns[2], turns[0], turns[1])))
    assert list(journal.turns(call.id, 1)) == turns
    assert journal.turns(call.id, 2) == ()
    assert journal.turns("unknown", 1) == ()


def test_a_turn_is_durable_when_commit_returns(
    records: Records, journal: Journal, path: Path
) -> None:
    (call,) = with_calls(records, 1)
    run(journal.begin(call), journal.commit(a_turn(call, 0)))
    assert stored(path, "SELECT call_id, attempt, turn FROM turns") == [(call.id, 1, 0)]


def test_beginning_and_finishing_show_in_the_call(records: Records, journal: Journal) -> None:
    (call,) = with_calls(records, 1)
    run(journal.begin(call))
    assert records.call(call.id) == call
    ended = replace(call, status="failed", ended_reason="timeout", error="120 s")
    run(journal.finish(ended))
    assert records.call(call.id) == ended


def test_the_same_turn_again_changes_nothing(
    records: Records, journal: Journal, path: Path
) -> None:
    (call,) = with_calls(records, 1)
    run(journal.begin(call), journal.commit(a_turn(call, 0)), journal.commit(a_turn(call, 0)))
    assert stored(path, "SELECT count(*) FROM turns") == [(1,)]


def test_the_same_turn_with_other_content_is_an_error(records: Records, journal: Journal) -> None:
    (call,) = with_calls(records, 1)
    run(journal.begin(call), journal.commit(a_turn(call, 0)))
    with pytest.raises(StoreError, match="turn 0 of attempt 1"):
        run(journal.commit(a_turn(call, 0, answer="No.")))
    assert journal.turns(call.id, 1) == (a_turn(call, 0),)


def test_a_turn_of_an_attempt_that_never_began_is_an_error(
    records: Records, journal: Journal
) -> None:
    (call,) = with_calls(records, 1)
    with pytest.raises(StoreError, match="does not fit"):
        run(journal.commit(a_turn(call, 0)))


def test_an_attempt_begins_once(records: Records, journal: Journal) -> None:
    (call,) = with_calls(records, 1)
    run(journal.begin(call), journal.begin(call))
    with pytest.raises(StoreError, match="has begun already"):
        run(journal.begin(replace(call, trace_key="f" * 16)))
    with pytest.raises(ValueError, match="trace key"):
        run(journal.begin(replace(call, trace_key=None)))
    with pytest.raises(StoreError, match="does not fit"):
        run(journal.begin(a_call(7, attempt=1)))
    with pytest.raises(UnknownId, match="row-7"):
        run(journal.finish(a_call(7, attempt=1)))


def test_only_the_one_at_fault_hears_of_it(records: Records, journal: Journal) -> None:
    calls = with_calls(records, 30)

    async def all_at_once() -> list[Any]:
        await asyncio.gather(*(journal.begin(call) for call in calls[:20]))
        turns = [a_turn(call, 0) for call in calls]
        return await asyncio.gather(
            *(journal.commit(turn) for turn in turns), return_exceptions=True
        )

    answers = asyncio.run(all_at_once())
    assert answers[:20] == [None] * 20
    assert all(isinstance(answer, StoreError) for answer in answers[20:])
    assert [len(journal.turns(call.id, 1)) for call in calls] == [1] * 20 + [0] * 10


def test_many_conversations_share_transactions(
    records: Records, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = with_calls(records, 40)
    transactions = 0
    plain = Database.writing_rows

    def counted(self: Database) -> Any:
        nonlocal transactions
        transactions += 1
        return plain(self)

    monkeypatch.setattr(Database, "writing_rows", counted)

    async def talk(call: CallExecution) -> None:
        await journal.begin(call)
        for index in range(5):
            await journal.commit(a_turn(call, index))
        await journal.finish(replace(call, status="completed"))

    async def all_at_once() -> None:
        await asyncio.gather(*(talk(call) for call in calls))

    asyncio.run(all_at_once())
    assert all(len(journal.turns(call.id, 1)) == 5 for call in calls)
    assert transactions < 40 * 7 / 4


def test_a_store_that_stays_locked_fails_every_waiter_and_then_goes_on(path: Path) -> None:
    records = Records(Database(f"sqlite:///{path}", busy_seconds=0.05))
    journal = Journal(records.engine)
    calls = with_calls(records, 3)
    asyncio.run(_all(journal.begin, calls))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    turns = [a_turn(call, 0) for call in calls]
    answers = asyncio.run(_all(journal.commit, turns))
    assert [type(answer) for answer in answers] == [StoreError] * 3
    assert "locked" in str(answers[0])
    other.execute("ROLLBACK")
    other.close()
    assert asyncio.run(_all(journal.commit, turns)) == [None] * 3
    journal.close()
    records.close()


async def _all(method: Callable[[Any], Awaitable[Any]], values: Any) -> list[Any]:
    return await asyncio.gather(*(method(value) for value in values), return_exceptions=True)


def test_an_unexpected_failure_reaches_the_waiter(
    records: Records, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (call,) = with_calls(records, 1)

    def broken(self: Database) -> Any:
        raise MemoryError("no more")

    for method in ("writing", "writing_rows"):
        monkeypatch.setattr(Database, method, broken)
    with pytest.raises(MemoryError):
        run(journal.begin(call))
    monkeypatch.undo()
    run(journal.begin(call))


def test_one_journal_serves_one_loop_after_the_other(records: Records, journal: Journal) -> None:
    (call,) = with_calls(records, 1)
    asyncio.run(journal.begin(call))
    asyncio.run(journal.commit(a_turn(call, 0)))
    asyncio.run(journal.commit(a_turn(call, 1)))
    assert len(journal.turns(call.id, 1)) == 2


def test_closing_writes_what_is_queued_and_then_refuses(records: Records, path: Path) -> None:
    journal = Journal(records.engine)
    calls = with_calls(records, 20)

    async def close_while_busy() -> list[Any]:
        await asyncio.gather(*(journal.begin(call) for call in calls))
        waiting = [asyncio.ensure_future(journal.commit(a_turn(call, 0))) for call in calls]
        await asyncio.sleep(0)
        await journal.aclose()
        return await asyncio.gather(*waiting)

    assert asyncio.run(close_while_busy()) == [None] * 20
    assert stored(path, "SELECT count(*) FROM turns") == [(20,)]
    with pytest.raises(StoreError, match="closed"):
        run(journal.commit(a_turn(calls[0], 1)))
    journal.close()


def test_what_a_cancelled_loop_gathered_is_written(
    records: Records, journal: Journal, path: Path
) -> None:
    calls = with_calls(records, 3)

    async def stop_while_gathering() -> None:
        await asyncio.gather(*(journal.begin(call) for call in calls))
        waiting = [asyncio.ensure_future(journal.commit(a_turn(call, 0))) for call in calls]
        await asyncio.sleep(0)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(stop_while_gathering())
    journal.note_live(calls[0], 1, 0, "refund", {})  # stands in the queue behind them
    assert stored(path, "SELECT count(*) FROM turns") == [(3,)]


@pytest.mark.timeout(20)
def test_a_live_call_does_not_wait_for_the_loop_that_it_blocks(
    records: Records, journal: Journal
) -> None:
    one, other = with_calls(records, 2)

    async def note_while_a_turn_is_queued() -> None:
        await asyncio.gather(journal.begin(one), journal.begin(other))
        await asyncio.sleep(0.05)  # nothing to write: the journal's thread sleeps
        turn = asyncio.ensure_future(journal.commit(a_turn(one, 0)))
        noting = asyncio.get_running_loop().create_task(note())
        await asyncio.gather(turn, noting)

    async def note() -> None:
        assert journal.note_live(other, 1, 0, "refund", {})  # blocks this loop until it is durable

    asyncio.run(note_while_a_turn_is_queued())
    assert len(journal.turns(one.id, 1)) == 1
    assert len(journal.live_calls(other.id, 1)) == 1


def test_what_a_loop_gathered_and_left_is_written_on_closing(records: Records, path: Path) -> None:
    journal = Journal(records.engine)
    calls = with_calls(records, 2)

    async def close_while_gathering() -> None:
        await asyncio.gather(*(journal.begin(call) for call in calls))
        waiting = [asyncio.ensure_future(journal.commit(a_turn(call, 0))) for call in calls]
        await asyncio.sleep(0)
        journal.close()
        assert stored(path, "SELECT count(*) FROM turns") == [(2,)]
        await asyncio.gather(*waiting)

    asyncio.run(close_while_gathering())


def test_a_cancelled_waiter_disturbs_nobody(records: Records, journal: Journal) -> None:
    one, other = with_calls(records, 2)

    async def cancel_one() -> None:
        await asyncio.gather(journal.begin(one), journal.begin(other))
        waiting = asyncio.ensure_future(journal.commit(a_turn(one, 0)))
        await asyncio.sleep(0)
        waiting.cancel()
        await journal.commit(a_turn(other, 0))

    asyncio.run(cancel_one())
    assert len(journal.turns(other.id, 1)) == 1


def test_the_turns_of_a_run_come_by_call_and_turn_of_the_latest_attempt(
    records: Records, journal: Journal
) -> None:
    calls = with_calls(records, 250)
    again = a_call(1, attempt=2)

    async def all_of_them() -> None:
        await asyncio.gather(*(journal.begin(call) for call in calls))
        await asyncio.gather(
            *(journal.commit(a_turn(call, n)) for n in (1, 0) for call in calls[:240])
        )
        await journal.begin(again)
        await journal.commit(a_turn(again, 0))

    asyncio.run(all_of_them())
    expected: list[tuple[str, TurnRecord]] = []
    for call in calls[:240]:
        latest = [a_turn(again, 0)] if call.id == again.id else [a_turn(call, 0), a_turn(call, 1)]
        expected.extend((call.id, turn) for turn in latest)
    assert list(journal.turns_of_run("run-1")) == expected
    assert list(journal.turns_of_run("run-9")) == []


def test_a_replays_traces_are_known_also_elsewhere(
    records: Records, journal: Journal, path: Path
) -> None:
    (call,) = with_calls(records, 1)
    elsewhere_records = open_records(f"sqlite:///{path}")
    elsewhere = Journal(elsewhere_records.engine)
    trace = f"{call.trace_key}{'0' * 16}"
    assert elsewhere.replays_among([trace]) == frozenset()
    run(journal.begin(call))
    assert journal.replays_among([trace]) == {trace}
    assert elsewhere.replays_among(["f" * 32, trace]) == {trace}
    elsewhere.close()
    elsewhere_records.close()


class TestLiveCalls:
    def test_a_live_call_is_durable_before_it_runs(
        self, records: Records, journal: Journal, path: Path
    ) -> None:
        (call,) = with_calls(records, 1)
        run(journal.begin(call))
        assert journal.note_live(call, 4, 0, "refund", {"id": 1})
        assert stored(path, "SELECT turn, place, tool FROM live_calls") == [(4, 0, "refund")]
        assert journal.live_calls(call.id, 1) == (
            LiveCall(turn=4, place=0, tool="refund", arguments={"id": 1}),
        )

    def test_the_same_call_twice_in_one_turn_is_two_calls(
        self, records: Records, journal: Journal
    ) -> None:
        (call,) = with_calls(records, 1)
        run(journal.begin(call))
        assert journal.note_live(call, 4, 0, "poll", {})
        assert journal.note_live(call, 4, 2, "poll", {})
        assert len(journal.live_calls(call.id, 1)) == 2

    @pytest.mark.parametrize("place", [0, 1])
    def test_after_an_interruption_it_is_not_let_through_again(
        self, records: Records, journal: Journal, place: int
    ) -> None:
        (call,) = with_calls(records, 1)
        run(journal.begin(call))
        assert journal.note_live(call, 4, 0, "refund", {"id": 1, "amount": 2.0})
        later = Journal(records.engine)
        assert not later.note_live(call, 4, place, "refund", {"amount": 2, "id": 1})
        assert later.note_live(call, 4, place + 1, "refund", {"amount": 3, "id": 1})
        assert later.note_live(call, 5, 0, "refund", {"amount": 2, "id": 1})
        later.close()

    @pytest.mark.parametrize("place", [0, 3])
    def test_nor_when_the_same_process_goes_on(
        self, records: Records, journal: Journal, place: int
    ) -> None:
        (call,) = with_calls(records, 1)
        run(journal.begin(call))
        assert journal.note_live(call, 4, 0, "refund", {"id": 1})
        read_again = records.call(call.id)
        assert not journal.note_live(read_again, 4, place, "refund", {"id": 1})

    def test_arguments_that_are_no_json_count_as_the_same(
        self, records: Records, journal: Journal
    ) -> None:
        (call,) = with_calls(records, 1)
        run(journal.begin(call))
        assert journal.note_live(call, 4, 0, "refund", {"order": object()})
        later = Journal(records.engine)
        assert not later.note_live(call, 4, 0, "refund", {"order": object()})
        assert later.live_calls(call.id, 1)[0].arguments is None
        later.close()

    def test_it_works_from_the_loops_own_thread_and_from_others(
        self, records: Records, journal: Journal
    ) -> None:
        calls = with_calls(records, 8)

        async def noted() -> list[bool]:
            await asyncio.gather(*(journal.begin(call) for call in calls))
            here = [journal.note_live(call, 0, 0, "refund", {}) for call in calls[:4]]
            there = await asyncio.gather(
                *(
                    asyncio.to_thread(journal.note_live, call, 0, 0, "refund", {})
                    for call in calls[4:]
                )
            )
            return [*here, *there]

        assert asyncio.run(noted()) == [True] * 8


RUNNER = """
import asyncio, sys
sys.path[:0] = [sys.argv[2]]
from support.records import a_turn
from reenact.store.journal import Journal
from reenact.store.records import open_records

records = open_records(sys.argv[1])
journal = Journal(records.engine)

async def talk(call):
    done = len(journal.turns(call.id, call.attempt))
    for index in range(done, done + 40):
        await asyncio.sleep(0.001)
        await journal.commit(a_turn(call, index))
        print(call.id, index, flush=True)

async def main():
    await asyncio.gather(*(talk(call) for call in records.calls("run-1")))

asyncio.run(main())
"""


def test_a_kill_at_any_moment_loses_no_acknowledged_turn_and_doubles_none(
    records: Records, journal: Journal, path: Path
) -> None:
    calls = with_calls(records, 16)
    asyncio.run(_all(journal.begin, calls))
    rng = random.Random(11)
    acknowledged: set[tuple[str, int]] = set()
    killed_midway = 0
    for _ in range(5):
        command = [sys.executable, "-c", RUNNER, f"sqlite:///{path}"]
        tests = str(Path(__file__).resolve().parents[1])
        process = subprocess.Popen([*command, tests], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.05))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        process.stdout.close()
        killed_midway += process.wait() == -signal.SIGKILL
        whole_lines = (first + rest).rpartition("\n")[0].splitlines()
        for line in whole_lines:
            id, index = line.split()
            assert (id, int(index)) not in acknowledged
            acknowledged.add((id, int(index)))
    assert killed_midway == 5
    kept = stored(path, "SELECT call_id, turn FROM turns")
    assert acknowledged <= set(kept)
    assert len(kept) == len(set(kept))
    assert acknowledged
    for call in calls:
        turns = journal.turns(call.id, 1)
        assert [turn.index for turn in turns] == list(range(len(turns)))
        assert list(turns) == [a_turn(call, turn.index) for turn in turns]
