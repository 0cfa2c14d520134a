"""The kill table rests on this: a store that is wrong must be seen to be wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from benchmarks.ingest.examining import Examined, examine
from benchmarks.ingest.load import PROJECT

from reenact.store.sqlite.parts import Kept, part_row, parts_of, write_parts
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


def with_part(home: Path, change: Callable[[list[Kept]], list[Kept]], *, beside: bool) -> Examined:
    """Look through the store after the part of the first trace was changed, or copied so."""
    with closing(sqlite3.connect(home / "spans.db")) as connection, connection:
        (trace,) = connection.execute(
            "SELECT id FROM traces WHERE trace_id = ?", (a_trace("a"),)
        ).fetchone()
        [part] = parts_of(connection, trace)
        kept = change(part.kept)
        if not beside:
            connection.execute("DELETE FROM parts WHERE id = ?", (part.id,))
        write_parts(connection, [part_row(1000 if beside else part.id, trace, kept)])
    return examine(home)


def test_a_span_that_is_gone_is_missed_and_contradicts_its_session(home: Path) -> None:
    found = with_part(home, lambda kept: [*kept[:3], *kept[4:]], beside=False)
    assert (a_trace("a"), f"{3:016x}") not in found.keys
    assert "spans is 10, by its spans 9" in "\n".join(found.faults)


def test_a_span_that_is_there_twice_is_counted_as_doubled(home: Path) -> None:
    found = with_part(home, lambda kept: kept[3:4], beside=True)
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
