"""The kill table rests on this: a store that is wrong must be seen to be wrong."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from benchmarks.ingest.examining import Examined, examine
from benchmarks.ingest.load import PROJECT

from reenact.store.sqlite.store import SqliteSpanStore
from support.spans import a_span, a_trace


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with closing(SqliteSpanStore(tmp_path / "spans.db")) as store:
        store.append(
            a_span(
                number,
                project=PROJECT,
                trace=a_trace("abcd"[number // 5]),
                session_id=f"s{number // 10}",
                user_text="a refund, please" if number % 2 else None,
                assistant_text="done" * 100,
                tool_name="refund_order" if number == 13 else None,
                status="error" if number == 13 else "ok",
            )
            for number in range(20)
        )
    return tmp_path


def after(home: Path, *statements: str) -> Examined:
    """Look through the store after it was changed behind its back."""
    with closing(sqlite3.connect(home / "spans.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return examine(home)


def test_a_store_that_is_right_has_no_faults(home: Path) -> None:
    found = examine(home)
    assert (len(found.keys), found.doubled, found.faults) == (20, 0, ())


def test_a_home_without_spans_holds_nothing(tmp_path: Path) -> None:
    assert examine(tmp_path) == Examined(frozenset(), 0, ())


def test_a_span_that_is_gone_is_missed_and_contradicts_its_session(home: Path) -> None:
    found = after(home, "DELETE FROM spans WHERE span_id = '0000000000000003'")
    assert (a_trace("a"), f"{3:016x}") not in found.keys
    assert "spans is 10, by its spans 9" in "\n".join(found.faults)


def test_a_span_that_is_there_twice_is_counted_as_doubled(home: Path) -> None:
    found = after(
        home,
        "DROP INDEX spans_of_trace",
        "CREATE TABLE copy AS SELECT * FROM spans WHERE span_id = '0000000000000003'",
        "UPDATE copy SET id = 1000",
        "INSERT INTO spans SELECT * FROM copy",
    )
    assert (len(found.keys), found.doubled) == (20, 1)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE projects SET spans = spans + 1", "the project counts (2, 4, 21)"),
        ("DELETE FROM facets WHERE kind = 'tool'", "tool='refund_order'"),
        ("UPDATE sessions SET errors = 1", "error=True"),
        ("UPDATE sessions SET rollup = (SELECT rollup FROM traces LIMIT 1)", "errors is 0"),
        ("INSERT INTO words (words) VALUES ('delete-all')", "text='refund'"),
    ],
)
def test_a_list_or_filter_that_is_wrong_is_a_fault(home: Path, statement: str, fault: str) -> None:
    assert fault in "\n".join(after(home, statement).faults)
