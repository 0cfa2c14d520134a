"""What is particular to the embedded span store: its file, its versions, its locks."""

from __future__ import annotations

import gzip
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reenact.domain.selection import Filter
from reenact.domain.span import Origin, SpanEvent, StoredSpan
from reenact.errors import StoreError
from reenact.store.spans import FactsReader
from reenact.store.sqlite.files import SqliteFile
from reenact.store.sqlite.rollup import merged_all, unpacked_rollup
from reenact.store.sqlite.schema import STEPS, migrate
from reenact.store.sqlite.store import SqliteSpanStore
from reenact.store.sqlite.users import fill_users
from support.spans import TUESDAY, a_span, a_trace

DATA = Path(__file__).parent / "data"

WRITER = """
import sys
sys.path[:0] = [sys.argv[3]]
from support.spans import a_span
from reenact.store.sqlite.store import SqliteSpanStore
from reenact.store.sqlite.users import fill_users

store = SqliteSpanStore(sys.argv[1])
first = int(sys.argv[2])
for post in range(first, first + 400):
    numbers = range(post * 5, post * 5 + 5)
    store.append(
        a_span(n, trace=f"{post // 2:032x}", session_id=f"s{post // 8}", user_text="an order")
        for n in numbers
    )
    print(post, flush=True)
"""


def writer(path: Path, first: int) -> subprocess.Popen[str]:
    tests = str(Path(__file__).resolve().parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first), tests],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    SqliteSpanStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE span_store SET version = 99")
    connection.close()
    with pytest.raises(StoreError, match="version 99") as raised:
        SqliteSpanStore(path)
    assert "newer Reenact" in str(raised.value)


def test_a_store_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    store = SqliteSpanStore(path)
    store.append([a_span(1, session_id="s1")])
    store.close()
    connection = sqlite3.connect(path, isolation_level=None)
    newer = (*STEPS, ["ALTER TABLE parts ADD COLUMN mark TEXT DEFAULT 'none'"])
    migrate(connection, where=str(path), steps=newer)
    migrate(connection, where=str(path), steps=newer)
    assert connection.execute("SELECT mark FROM parts").fetchall() == [("none",)]
    assert connection.execute("SELECT version FROM span_store").fetchall() == [(len(newer),)]
    connection.close()


def test_a_store_that_version_1_wrote_is_read_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    path.write_bytes(gzip.decompress((DATA / "spans_v1.db.gz").read_bytes()))
    store = SqliteSpanStore(path, facts=FactsReader(1, lambda stored: stored.facts))

    [session] = store.sessions("shop", Filter(text="order", tool="find", user="ana"))
    assert (session.session_id, session.spans, session.errors) == ("s1", 2, 1)
    assert store.stale() == 3
    assert store.reindex(everything=True).changed == 0
    assert store.stale() == 0
    assert store.sessions("shop", Filter(text="order", model="gpt"))[0].session_id == "s1"
    assert store.delete("shop", traces=[a_trace("b"), a_trace("c")]).traces == 2
    assert store.append([a_span(9, session_id="s1")]).taken == 1
    check_rollups(path)
    store.close()


def spans_of_version_2() -> tuple[list[StoredSpan], list[StoredSpan]]:
    """Return what `spans_v2.db.gz` was filled with, in two posts."""
    event = SpanEvent(name="exception", time_ns=TUESDAY, attributes={"exception.type": "Late"})
    first = [
        a_span(
            1,
            session_id="s1",
            user_text="where is my order",
            assistant_text="on its way",
            user_id="ana",
            tool_name="find",
            model="gpt",
            tags=("prod",),
            labels=("a=b",),
        ),
        a_span(
            2,
            session_id="s1",
            error="boom",
            attributes={"k": [1, 2]},
            events=(event,),
            scope_name="lib",
            scope_version="2",
            status="error",
            status_message="late",
        ),
        a_span(3, trace=a_trace("b"), prefix_hash="p1", result_hash="r1", user_text="loose"),
    ]
    second = [
        a_span(4, parent_span_id=f"{1:016x}", input_tokens=5, output_tokens=6),
        a_span(5, trace=a_trace("c"), origin="replay", user_text="an order of a replay"),
        a_span(6, trace=a_trace("d"), prefix_hash="r1", resource={"service.name": "other"}),
    ]
    return first, second


def test_a_store_of_rows_of_spans_is_put_together_and_gives_the_same(tmp_path: Path) -> None:
    path, fresh = tmp_path / "spans.db", SqliteSpanStore(tmp_path / "fresh.db")
    path.write_bytes(gzip.decompress((DATA / "spans_v2.db.gz").read_bytes()))
    store = SqliteSpanStore(path)
    for post in spans_of_version_2():
        fresh.append(post)

    everything = [f"{letter * 32}" for letter in "abcd"]
    origins: tuple[Origin, ...] = ("production", "replay")
    for origin in origins:
        assert store.spans_of_traces("shop", everything, origin=origin) == (
            fresh.spans_of_traces("shop", everything, origin=origin)
        )
    assert store.loose_traces("shop") == fresh.loose_traces("shop")
    assert store.sessions("shop") == fresh.sessions("shop")
    assert store.users("shop", limit=9) == fresh.users("shop", limit=9)
    again = [span for post in spans_of_version_2() for span in post]
    assert store.append([*again, a_span(7)]).taken == 1
    check_rollups(path)
    store.close()
    fresh.close()


def test_lists_are_made_again_from_nothing_but_spans(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    store = SqliteSpanStore(path)
    told = {
        "user_text": "my order",
        "user_id": "ana",
        "tool_name": "find",
        "tags": ("prod",),
        "labels": ("a=b",),
    }
    store.append(a_span(n, trace=a_trace("abc"[n % 3]), session_id=f"s{n % 3}", **told)
                 for n in range(9))  # fmt: skip
    store.append([a_span(20, trace=a_trace("d"), origin="replay", session_id="s1", **told)])
    filters = (Filter(), Filter(tool="find"), Filter(text="order"), Filter(labels=("a=b",)))
    before = [(store.projects(), store.sessions("shop", one), store.traces("shop", one))
              for one in filters]  # fmt: skip
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM facets")
        connection.execute("DELETE FROM sessions WHERE session_id = 's1'")
        connection.execute("DELETE FROM users")
        connection.execute("UPDATE sessions SET started_us = 1, errors = 5")
        connection.execute("UPDATE traces SET errors = 3, started_us = 0")
        connection.execute("UPDATE projects SET spans = 999")
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    connection.close()
    assert store.sessions("shop") != before[0][1]
    assert store.users("shop", limit=9) == ()
    store.reindex(everything=True)

    after = [(store.projects(), store.sessions("shop", one), store.traces("shop", one))
             for one in filters]  # fmt: skip
    assert after == before
    assert [(user.user_id, user.traces) for user in store.users("shop", limit=9)] == [("ana", 3)]
    check_rollups(path)
    store.close()


def test_a_step_that_fails_leaves_the_older_version_whole(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    SqliteSpanStore(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    steps = (*STEPS, ["CREATE TABLE half (id);\nCREATE TABLE parts (id)"])
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, where=str(path), steps=steps)
    connection.close()
    SqliteSpanStore(path).close()


def test_another_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE guests (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a span store"):
        SqliteSpanStore(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are my notes, and no database at all\n" * 50)
    with pytest.raises(StoreError, match=r"notes\.db"):
        SqliteSpanStore(path)
    assert path.read_text().startswith("these are my notes")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        SqliteSpanStore(tmp_path / "file" / "spans.db")


def test_a_lock_held_too_long_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    file = SqliteFile(path, busy_seconds=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked") as raised, file.writing():
        pass
    assert "try again" in str(raised.value)
    other.execute("ROLLBACK")
    with file.writing():
        pass
    other.close()
    file.close()


def test_readers_go_on_while_another_writes(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    store = SqliteSpanStore(path)
    store.append([a_span(1, session_id="s1")])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert store.count_sessions("shop") == 1
    other.execute("ROLLBACK")
    other.close()
    store.close()


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "spans.db")
    with file.writing() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()


def test_processes_that_open_and_fill_a_new_store_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "spans.db"
    writers = [writer(path, first) for first in (0, 400, 800)]
    for process in writers:
        out, _ = process.communicate(timeout=50)
        assert process.returncode == 0
        assert len(out.split()) == 400
    store = SqliteSpanStore(path)
    assert [(p.sessions, p.traces, p.spans) for p in store.projects()] == [(150, 600, 6000)]
    assert {s.spans for s in store.sessions("shop")} == {40}
    store.close()


def test_a_kill_at_any_moment_loses_no_acknowledged_span_and_doubles_none(tmp_path: Path) -> None:
    rng = random.Random(4)
    for attempt in range(4):
        path = tmp_path / f"{attempt}.db"
        process = writer(path, 0)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        acknowledged = 1 + len(process.stdout.read().split())
        process.stdout.close()
        process.wait()
        store = SqliteSpanStore(path)
        (project,) = store.projects()
        assert project.spans in (acknowledged * 5, acknowledged * 5 + 5)
        check_rollups(path)
        again = store.append(
            a_span(n, trace=f"{n // 10:032x}", session_id=f"s{n // 40}")
            for n in range(acknowledged * 5)
        )
        assert again.taken == 0
        store.close()


def check_rollups(path: Path) -> None:
    """Compare the sessions kept with the sum of their traces, and those with their spans."""
    connection = sqlite3.connect(path)
    sessions = connection.execute("SELECT id, rollup FROM sessions").fetchall()
    assert sessions
    for session, rollup in sessions:
        rows = connection.execute("SELECT id, rollup FROM traces WHERE session = ?", (session,))
        traces = [(trace, unpacked_rollup(content)) for trace, content in rows]
        assert unpacked_rollup(rollup) == merged_all([content for _, content in traces])
        for trace, content in traces:
            counted = connection.execute("SELECT sum(spans) FROM parts WHERE trace = ?", (trace,))
            assert counted.fetchone() == (content.spans,)
    kept = set(connection.execute("SELECT * FROM users"))
    connection.execute("DELETE FROM users")
    fill_users(connection)
    assert kept == set(connection.execute("SELECT * FROM users"))
    connection.rollback()
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    # The index must hold the texts of production traces, and no others.
    connection.execute("CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, words, instance)")
    held = {doc for (doc,) in connection.execute("SELECT DISTINCT doc FROM temp.held")}
    said = connection.execute(
        "SELECT x.id FROM texts x JOIN traces t ON t.id = x.trace WHERE t.origin = 'production'"
    )
    assert held == {id for (id,) in said}
    connection.close()
