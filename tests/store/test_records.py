"""What the records promise: things come back as they were; what is immutable stays so."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from reenact import codec
from reenact.domain.agent import HttpTarget
from reenact.domain.conversation import Conversation, Message, ToolCall, words
from reenact.domain.expectation import Expectation
from reenact.domain.fidelity import Axis, Fidelity
from reenact.domain.recording import Recording
from reenact.domain.scenario import (
    DeclaredResult,
    Graph,
    GraphEdge,
    GraphNode,
    Row,
    Scenario,
)
from reenact.domain.selection import Filter, ReplaySession
from reenact.errors import StoreError, UnknownId, UsageError
from reenact.store import database, migrations
from reenact.store.database import HEAD, VERSION_TABLE, Database
from reenact.store.record_tables import METADATA
from reenact.store.records import Records, open_records
from reenact.store.spans import open_span_store
from support.records import NOON, a_call, a_run, a_run_test, an_agent


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'home' / 'reenact.db'}"


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    opened = open_records(url)
    yield opened
    opened.close()


def a_recording(answer: str = "sure") -> Recording:
    conversation = Conversation(
        id="sess:s1",
        project="shop",
        kind="session",
        session_id="s1",
        items=(
            Message(role="user", parts=words("grüße 退款 \x00"), started_at=NOON),
            ToolCall(name="find", arguments={"b": 1, "a": [None, 1.0, 2**60]}, result=False),
            Message(role="assistant", parts=words(answer)),
        ),
        metadata={"z": 1, "a": {"deep": [True]}},
        started_at=NOON,
    )
    axis = Axis(name="tool_calls", status="present", score=100, detail="1 of 1")
    return codec.record(conversation, Fidelity(score=100, axes=(axis,)))


def a_scenario(id: str = "scenario-1", name: str = "refunds", *, minutes: int = 0) -> Scenario:
    row = Row(
        id="row-1",
        recording_hash="sha256:1",
        declared=(DeclaredResult(tool="find", arguments={"id": 1}, result={"state": "sent"}),),
        expectations=(Expectation(kind="must_call", turn=4, tool="find", arguments={"id": 1}),),
    )
    graph = Graph(
        nodes=(GraphNode(id="start", label="start", kind="start", count=1),),
        edges=(GraphEdge(source="start", target="start", label="hello", count=1),),
        paths={"sess:s1": ("start",)},
    )
    return Scenario(
        id=id,
        project_id="shop",
        name=name,
        source="replay",
        rows=(row,),
        graph=graph,
        asked=20,
        created_at=NOON + timedelta(minutes=minutes),
    )


def a_replay_session(id: str = "replay-1", *, minutes: int = 0) -> ReplaySession:
    return ReplaySession(
        id=id,
        project_id="shop",
        replay_type="session",
        ids=("s1",),
        select_all=True,
        filter=Filter(since=NOON, tool="find"),
        exclude_ids=("s2",),
        created_at=NOON + timedelta(minutes=minutes),
    )


class TestRecordings:
    def test_a_recording_comes_back_exactly_and_with_its_hash(self, records: Records) -> None:
        recording = a_recording()
        records.save_recording(recording)
        found = records.recording(recording.hash)
        assert found == recording
        assert codec.verified(found, where="here") == recording

    def test_it_may_be_saved_again_but_not_with_other_content(self, records: Records) -> None:
        recording = a_recording()
        records.save_recording(recording)
        records.save_recording(recording)
        forged = replace(a_recording("other"), hash=recording.hash)
        with pytest.raises(UsageError, match="other content"):
            records.save_recording(forged)
        assert records.recording(recording.hash) == recording

    def test_one_that_an_older_version_kept_with_fewer_fields_is_the_same(
        self, records: Records, url: str
    ) -> None:
        recording = a_recording()
        records.save_recording(recording)
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            file.execute(
                "UPDATE recordings SET document = "
                "json_remove(document, '$.conversation.gaps', '$.conversation.user_ids')"
            )
        file.close()
        records.save_recording(recording)
        assert records.recording(recording.hash) == recording

    def test_several_come_in_the_order_asked_for(self, records: Records) -> None:
        kept = [a_recording(f"answer {n}") for n in range(600)]
        for recording in kept[:5]:
            records.save_recording(recording)
        asked = [recording.hash for recording in (kept[3], kept[0], kept[3])]
        assert records.recordings(asked) == (kept[3], kept[0], kept[3])
        assert records.recordings([]) == ()

    def test_unknown_ones_are_all_named(self, records: Records) -> None:
        recording = a_recording()
        records.save_recording(recording)
        with pytest.raises(UnknownId) as raised:
            records.recordings(["sha256:x", recording.hash, "sha256:y"])
        assert raised.value.ids == ("sha256:x", "sha256:y")


class TestAgents:
    def test_an_agent_comes_back_with_its_versions(self, records: Records) -> None:
        agent = an_agent("be kind", "be brief")
        records.save_agent(agent)
        assert records.agent("agent-1") == agent
        assert records.agent_named("shop", "support") == agent
        assert records.agents("shop") == records.agents() == (agent,)

    def test_a_version_is_added_and_none_is_changed(self, records: Records) -> None:
        records.save_agent(an_agent("be kind"))
        records.save_agent(an_agent("be kind", "be brief"))
        with pytest.raises(UsageError, match="version 1"):
            records.save_agent(an_agent("be rude", "be brief", "third"))
        assert records.agent("agent-1") == an_agent("be kind", "be brief")

    def test_a_name_belongs_to_one_agent_of_a_project(self, records: Records) -> None:
        records.save_agent(an_agent("be kind"))
        with pytest.raises(UsageError, match="already"):
            records.save_agent(an_agent("be kind", id="agent-2"))

    def test_agents_are_listed_by_name(self, records: Records) -> None:
        for id, name in (("1", "zoe"), ("2", "adam")):
            records.save_agent(an_agent("x", id=id, name=name))
        assert [agent.name for agent in records.agents("shop")] == ["adam", "zoe"]
        assert records.agents("bank") == ()

    def test_an_unknown_agent_is_an_error_by_id_and_none_by_name(self, records: Records) -> None:
        with pytest.raises(UnknownId, match="agent"):
            records.agent("nobody")
        assert records.agent_named("shop", "nobody") is None


class TestSelections:
    def test_a_replay_session_changes_as_it_goes(self, records: Records) -> None:
        session = a_replay_session()
        records.save_replay_session(session)
        done = replace(session, step="completed", recordings=("sha256:1",), scenario_id="x")
        records.save_replay_session(done)
        assert records.replay_session("replay-1") == done

    def test_replay_sessions_come_newest_first(self, records: Records) -> None:
        for n in (1, 3, 2):
            records.save_replay_session(a_replay_session(f"replay-{n}", minutes=n))
        assert [s.id for s in records.replay_sessions("shop")] == [
            "replay-3",
            "replay-2",
            "replay-1",
        ]
        assert records.replay_sessions("bank") == ()

    def test_a_deleted_replay_session_is_gone(self, records: Records) -> None:
        records.save_replay_session(a_replay_session())
        records.delete_replay_session("replay-1")
        with pytest.raises(UnknownId, match="replay session"):
            records.replay_session("replay-1")
        with pytest.raises(UnknownId, match="replay-1"):
            records.delete_replay_session("replay-1")

    def test_a_scenario_comes_back_exactly_and_never_changes(self, records: Records) -> None:
        scenario = a_scenario()
        records.save_scenario(scenario)
        records.save_scenario(scenario)
        assert records.scenario("scenario-1") == scenario
        with pytest.raises(UsageError, match="cannot change"):
            records.save_scenario(replace(scenario, description="edited"))

    def test_a_name_gives_the_newest_scenario(self, records: Records) -> None:
        for n in (1, 3, 2):
            records.save_scenario(a_scenario(f"scenario-{n}", minutes=n))
        named = records.scenario_named("shop", "refunds")
        assert named is not None
        assert named.id == "scenario-3"
        assert records.scenario_named("shop", "other") is None
        assert records.scenarios("shop")[0].id == "scenario-3"


class TestRuns:
    @pytest.fixture
    def started(self, records: Records) -> Records:
        records.save_run_test(a_run_test())
        records.save_run(a_run())
        return records

    def test_a_run_test_comes_back_with_its_target(self, records: Records) -> None:
        target = HttpTarget(url="http://localhost/chat", headers={"Authorization": "${KEY}"})
        test = replace(a_run_test(), target=target)
        records.save_run_test(test)
        assert records.run_test("test-1") == test
        assert records.run_tests("shop") == (test,)

    def test_a_run_changes_as_it_goes(self, started: Records) -> None:
        ended = replace(a_run(), status="completed", ended_at=NOON)
        started.save_run(ended)
        assert started.run("run-1") == ended

    def test_the_latest_run_is_the_newest(self, started: Records) -> None:
        later = replace(a_run("run-0"), created_at=NOON + timedelta(microseconds=1))
        started.save_run(later)
        assert started.latest_run() == started.latest_run("shop") == later
        assert started.latest_run("bank") is None
        assert [run.id for run in started.runs()] == ["run-0", "run-1"]

    def test_a_run_without_its_run_test_is_refused(self, records: Records) -> None:
        with pytest.raises(StoreError, match="does not fit"):
            records.save_run(a_run())

    def test_calls_keep_the_order_in_which_they_were_added(self, started: Records) -> None:
        started.add_calls(a_call(n) for n in (5, 1, 9))
        started.add_calls([a_call(2)])
        started.add_calls([])
        assert [call.row_id for call in started.calls("run-1")] == [
            "row-5",
            "row-1",
            "row-9",
            "row-2",
        ]
        assert started.call(a_call(9).id) == a_call(9)
        assert started.calls("run-2") == ()

    def test_calls_of_an_unknown_run_are_refused_as_a_whole(self, started: Records) -> None:
        with pytest.raises(StoreError, match="does not fit"):
            started.add_calls([a_call(1, run="run-9")])
        started.add_calls([a_call(1)])
        with pytest.raises(StoreError, match="does not fit"):
            started.add_calls([a_call(2), a_call(1)])
        assert started.calls("run-1") == (a_call(1),)

    def test_calls_are_saved_as_they_are_now(self, started: Records) -> None:
        started.add_calls([a_call(1), a_call(2)])
        ended = replace(a_call(1, attempt=1), status="completed", ended_reason="finished")
        started.save_calls([ended])
        assert started.calls("run-1") == (ended, a_call(2))
        with pytest.raises(UnknownId, match="row-7"):
            started.save_calls([a_call(7)])

    @pytest.mark.parametrize("noun", ["scenario", "run_test", "run", "call", "replay_session"])
    def test_an_unknown_id_is_an_error(self, records: Records, noun: str) -> None:
        with pytest.raises(UnknownId) as raised:
            getattr(records, noun)("nothing")
        assert raised.value.ids == ("nothing",)


class TestTheDatabase:
    def test_records_are_there_when_opened_again(self, url: str) -> None:
        first = open_records(url)
        first.save_scenario(a_scenario())
        first.close()
        second = open_records(url)
        assert second.scenario("scenario-1") == a_scenario()
        second.close()

    def test_the_migrations_make_what_the_tables_say(self, url: str) -> None:
        opened = Database(url)
        with opened.reading() as connection:
            options: dict[str, Any] = {"version_table": VERSION_TABLE, "compare_type": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, METADATA) == []
            assert context.get_current_revision() == HEAD
        opened.close()

    def test_the_newest_migration_is_the_one_that_opening_looks_for(self) -> None:
        folder = Path(migrations.__file__).parent
        assert ScriptDirectory(str(folder)).get_current_head() == HEAD

    def test_the_tables_are_valid_for_postgresql(self) -> None:
        for table in METADATA.sorted_tables:
            assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))

    def test_opening_what_is_up_to_date_imports_no_alembic(self, url: str) -> None:
        open_records(url).close()
        code = (
            "import sys; from reenact.store.records import open_records; "
            "open_records(sys.argv[1]).close(); print('alembic' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, url], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "False"

    def test_a_newer_database_is_refused(self, url: str) -> None:
        open_records(url).close()
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        connection.commit()
        connection.close()
        with pytest.raises(StoreError, match="version 9999"):
            open_records(url)

    def test_a_step_that_fails_leaves_nothing_behind(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def half(connection: Any) -> None:
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
            raise OSError("the power went")

        monkeypatch.setattr(database, "_upgrade", half)
        with pytest.raises(OSError, match="power"):
            open_records(url)
        monkeypatch.undo()
        open_records(url).close()

    def test_another_database_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'spans.db'}"
        open_span_store(url).close()
        with pytest.raises(StoreError, match="not of Reenact's records"):
            open_records(url)
        open_span_store(url).close()

    @pytest.mark.parametrize(
        "url",
        [
            "nonsense",
            "sqlite://",
            "sqlite:///:memory:",
            "oracle9://x/y",
            "postgresql+nodriver://u:p@h/d",
        ],
    )
    def test_a_url_of_an_unknown_kind_says_what_to_use(self, url: str) -> None:
        with pytest.raises(StoreError) as raised:
            open_records(url)
        assert "sqlite:///" in str(raised.value)
        assert ":p@" not in str(raised.value)

    def test_a_file_that_is_no_database_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "notes.db").write_text("my notes\n" * 100)
        with pytest.raises(StoreError, match=r"notes\.db"):
            open_records(f"sqlite:///{tmp_path / 'notes.db'}")

    def test_a_lock_held_too_long_is_an_error_with_a_next_step(self, url: str) -> None:
        opened = Records(Database(url, busy_seconds=0.05))
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            opened.save_scenario(a_scenario())
        assert opened.scenarios() == ()
        other.execute("ROLLBACK")
        opened.save_scenario(a_scenario())
        other.close()
        opened.close()

    def test_every_commit_waits_for_the_disk(self, url: str) -> None:
        opened = Database(url)
        with opened.writing() as connection:
            for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1)):
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
        opened.close()

    def test_processes_that_open_new_records_at_once_all_succeed(self, url: str) -> None:
        code = (
            "import sys; from reenact.store.records import open_records; open_records(sys.argv[1])"
        )
        started = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(4)]
        assert [process.wait(timeout=50) for process in started] == [0, 0, 0, 0]
