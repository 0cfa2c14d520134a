"""How a talk's end is kept: with its last turn, and flushed where the world was touched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from reenact.domain.conversation import ToolCall
from reenact.domain.run import CallExecution
from reenact.errors import StoreError
from reenact.store.database import Database
from reenact.store.journal import Journal
from reenact.store.records import Records
from support.records import a_turn, with_calls

_NORMAL, _FULL = 1, 2


@pytest.fixture
def call(records: Records, journal: Journal) -> CallExecution:
    (begun,) = with_calls(records, 1)
    asyncio.run(journal.begin(begun))
    return begun


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which kind of transaction was begun, in order."""
    begun: list[str] = []
    for name in ("writing", "writing_rows"):
        plain = getattr(Database, name)

        def noted(self: Database, name: str = name, plain: Any = plain) -> Any:
            begun.append(name)
            return plain(self)

        monkeypatch.setattr(Database, name, noted)
    return begun


def test_the_last_turn_and_the_end_are_one_transaction(
    records: Records, journal: Journal, call: CallExecution, written: list[str]
) -> None:
    ended = replace(call, status="completed", ended_reason="finished")
    asyncio.run(journal.finish(ended, a_turn(call, 0)))
    assert written == ["writing_rows"]
    assert journal.turns(call.id, 1) == (a_turn(call, 0),)
    assert records.call(call.id) == ended


def test_a_last_turn_that_is_there_with_other_content_leaves_the_talk_open(
    records: Records, journal: Journal, call: CallExecution
) -> None:
    asyncio.run(journal.commit(a_turn(call, 0)))
    other = replace(a_turn(call, 0), misfit="asked something else")
    with pytest.raises(StoreError, match="kept already with other content"):
        asyncio.run(journal.finish(replace(call, status="completed"), other))
    assert journal.turns(call.id, 1) == (a_turn(call, 0),)
    assert records.call(call.id).status == call.status


def test_the_same_end_again_changes_nothing(
    records: Records, journal: Journal, call: CallExecution
) -> None:
    ended = replace(call, status="completed", ended_reason="finished")
    for _ in range(2):
        asyncio.run(journal.finish(ended, a_turn(call, 0)))
    assert journal.turns(call.id, 1) == (a_turn(call, 0),)
    assert records.call(call.id) == ended


@pytest.mark.parametrize("last", [False, True])
def test_a_turn_in_which_a_tool_ran_live_is_flushed_to_the_disk(
    journal: Journal, call: CallExecution, written: list[str], last: bool
) -> None:
    refund = ToolCall(id="c", name="refund", arguments={}, result="done", provenance="live")
    turn = replace(a_turn(call, 0), items=(refund,))
    asyncio.run(journal.finish(call, turn) if last else journal.commit(turn))
    assert written[-1] == "writing"
    assert journal.turns(call.id, 1) == (turn,)


def test_only_what_may_be_asked_again_waits_for_a_later_flush(records: Records) -> None:
    with records.engine.writing_rows() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (_NORMAL,)
    with records.engine.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == _FULL
