"""Checkpoints of LangGraph: a file that LangGraph made, and files with every oddity."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from reenact.capture.fidelity import judge
from reenact.capture.importers.langgraph import conversations_in
from reenact.capture.importing import import_paths
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import Conversation, Failure
from reenact.domain.turn import turns_of
from reenact.errors import DecodeError, UsageError
from reenact.store.spans import open_span_store

MADE = Path(__file__).parent / "langgraph" / "checkpoints.sqlite"
"""Made by langgraph/make_checkpoints.py with the real library."""

SCHEMA = """
CREATE TABLE checkpoints (
  thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', checkpoint_id TEXT NOT NULL,
  parent_checkpoint_id TEXT, type TEXT, checkpoint BLOB, metadata BLOB,
  PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id));
CREATE TABLE writes (
  thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT '', checkpoint_id TEXT NOT NULL,
  task_id TEXT NOT NULL, idx INTEGER NOT NULL, channel TEXT NOT NULL, type TEXT, value BLOB,
  PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx));
"""

pack = msgspec.msgpack.encode


def an_object(name: str, content: Any, code: int = 5) -> msgspec.msgpack.Ext:
    """An object of a class that is not there: importing it would fail."""
    return msgspec.msgpack.Ext(code, pack(["nowhere.at_all", name, content, "model_validate"]))


def human(text: Any, id: str | None = None) -> msgspec.msgpack.Ext:
    return an_object("HumanMessage", {"type": "human", "content": text, "id": id})


def ai(text: Any, id: str | None = None, **more: Any) -> msgspec.msgpack.Ext:
    return an_object("AIMessage", {"type": "ai", "content": text, "id": id, **more})


class Made:
    """A checkpoint file in the making; each checkpoint follows the one before it."""

    def __init__(self, path: Path):
        self.path = path
        self._connection = sqlite3.connect(path)
        self._connection.executescript(SCHEMA)
        self._last: str | None = None
        self._number = 0

    def checkpoint(self, values: Any, *, type: str = "msgpack", thread: str = "t1", **row: Any):
        self._number += 1
        id = f"{self._number:04}"
        state = {
            "v": 4,
            "ts": f"2026-11-24T12:00:{self._number:02}+00:00",
            "channel_values": values,
        }
        content = values if isinstance(values, bytes) else pack(state)
        self._insert(
            "checkpoints",
            thread_id=thread,
            checkpoint_id=id,
            parent_checkpoint_id=row.get("parent", self._last),
            type=type,
            checkpoint=content,
            metadata=json.dumps(row.get("metadata", {})),
            checkpoint_ns=row.get("ns", ""),
        )
        self._last = id

    def write(self, channel: str, value: Any, *, task: str = "a", idx: int = 0):
        row = {"thread_id": "t1", "checkpoint_id": self._last, "task_id": task, "idx": idx}
        self._insert("writes", **row, channel=channel, type="msgpack", value=pack(value))

    def _insert(self, table: str, **row: Any):
        marks = ", ".join("?" * len(row))
        self._connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
        self._connection.commit()

    def taken(self) -> tuple[dict[str, Conversation], list[str]]:
        self._connection.close()
        return taken(self.path)


def taken(path: Path) -> tuple[dict[str, Conversation], list[str]]:
    rejected: list[str] = []
    found = tuple(conversations_in(path, project="p", on_reject=rejected.append))
    for talk in found:
        assert conversation_from(spans_of(talk)) == talk
    return {talk.session_id or "": talk for talk in found}, rejected


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "made.sqlite")


@pytest.fixture(scope="module")
def real() -> dict[str, Conversation]:
    found, rejected = taken(MADE)
    assert rejected == []
    return found


def said(talk: Conversation) -> list[tuple[str | None, str | None]]:
    return [(turn.user, turn.assistant) for turn in turns_of(talk)]


def test_every_thread_is_a_session(real: dict[str, Conversation]):
    assert sorted(real) == ["failing", "forked", "summed-up", "tuesday", "waiting"]
    talk = real["tuesday"]
    assert (talk.id, talk.kind, talk.agent_name) == ("sess:tuesday", "session", "desk")
    assert {turn.user_id for turn in turns_of(talk)} == {"user-tuesday"}
    assert talk.system_prompt == "You help the customers of Kettle & Co."


def test_a_real_thread_tells_its_turns_tools_and_tokens(real: dict[str, Conversation]):
    first, second = turns_of(real["tuesday"])
    assert (first.user, first.assistant) == ("Where is A-1001?", "A-1001 has shipped.")
    (call,) = first.tool_calls
    assert (call.id, call.name, call.arguments) == (
        "call_1", "check_status", {"order_id": "A-1001"},
    )  # fmt: skip
    assert call.result == {"order_id": "A-1001", "status": "shipped", "total": 34.5}
    assert [c.id for c in second.tool_calls] == ["call_2", "call_3"]
    assert len({c.group for c in second.tool_calls}) == 1
    usage = second.model_calls[0].usage
    assert (usage.input_tokens, usage.output_tokens, usage.cached_input_tokens) == (40, 8, 16)
    assert second.model_calls[0].model == "gpt-4o-mini-2024-07-18"
    assert second.cost is not None
    assert second.cost.source == "computed"


def test_times_are_those_of_the_checkpoints(real: dict[str, Conversation]):
    talk = real["tuesday"]
    times = [item.started_at for item in talk.items if item.started_at]
    assert not talk.time_synthetic
    assert times == sorted(times)
    assert all(turn.latency_ms and turn.latency_ms > 0 for turn in turns_of(talk))
    assert all(call.ended_at > call.started_at for call in talk.tool_calls)


def test_a_failed_tool_and_a_failed_run_are_errors(real: dict[str, Conversation]):
    first, second = turns_of(real["failing"])
    assert (
        first.tool_calls[0].error == "Error: ValueError('no order Z-9')\n Please fix your mistakes."
    )
    assert first.tool_calls[0].result is None
    assert (first.assistant, first.error) == ("There is no order Z-9.", None)
    assert (second.user, second.assistant) == ("Try again.", None)
    assert second.error == "RuntimeError('the model is overloaded')"


def test_a_run_that_waits_for_a_person_says_for_what(real: dict[str, Conversation]):
    talk = real["waiting"]
    (waits,) = talk.metadata["waits_for"]
    assert waits["value"] == {"ask": "refund 9.5 for A-1?"}
    assert [call.answered for call in talk.tool_calls] == [False]


def test_an_abandoned_branch_does_not_count(real: dict[str, Conversation]):
    talk = real["forked"]
    assert said(talk) == [("Which one?", "Right answer.")]
    assert talk.metadata == {"abandoned_checkpoints": 1}


def test_words_that_were_trimmed_from_the_state_stay_and_a_summary_is_no_turn(
    real: dict[str, Conversation],
):
    talk = real["summed-up"]
    assert said(talk) == [
        ("First question.", "First answer."),
        ("Second question.", "Second answer."),
    ]
    (note,) = talk.metadata["left_out"]
    assert note.startswith("user: Here is a summary")


def test_a_prompt_outside_of_the_state_is_missing_with_reason_and_fix(
    real: dict[str, Conversation],
):
    axis = judge(real["forked"]).axis("system_prompt")
    assert axis is not None
    assert axis.status == "missing"
    assert "openinference-instrumentation-langchain" in axis.detail
    assert judge(real["tuesday"]).axis("system_prompt").status == "present"


def test_the_file_is_told_by_its_looks_and_importing_twice_doubles_nothing(tmp_path: Path):
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    first = import_paths([MADE], store=store, project="p")
    again = import_paths([MADE], store=store, project="p")
    store.close()
    assert (first.files, first.conversations, first.skipped) == (1, {"p": 5}, ())
    assert (again.taken, again.duplicates) == (0, first.taken)


def test_reading_changes_and_adds_no_file(tmp_path: Path):
    copy = tmp_path / "copy.sqlite"
    shutil.copy(MADE, copy)
    before = copy.read_bytes()
    copy.chmod(0o444)
    for _ in conversations_in(copy, project="p", on_reject=str):
        assert [path.name for path in tmp_path.iterdir()] == ["copy.sqlite"]
    assert [path.name for path in tmp_path.iterdir()] == ["copy.sqlite"]
    assert copy.read_bytes() == before


def test_what_waits_in_the_write_ahead_log_is_read(tmp_path: Path):
    live = tmp_path / "live.sqlite"
    with closing(sqlite3.connect(live)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        state = {"ts": "2026-11-24T12:00:00+00:00", "channel_values": {"messages": [human("Hi")]}}
        connection.execute(
            "INSERT INTO checkpoints VALUES ('t1', '', '1', NULL, 'msgpack', ?, '{}')",
            (pack(state),),
        )
        connection.commit()
        assert list(taken(live)[0]) == ["t1"]


def test_objects_are_read_as_data_and_no_class_is_imported(made: Made):
    order = an_object("Order", {"id": 7, "tags": an_object("set", ["a"], code=0)}, code=2)
    told = an_object("HumanMessage", {"type": "human", "content": "Hi", "order": order})
    made.checkpoint({"messages": [told]})
    found, rejected = made.taken()
    assert (said(found["t1"]), rejected) == ([("Hi", None)], [])


def test_a_pickle_is_left_unread(made: Made):
    class Trap:
        def __reduce__(self):
            return (open, (str(made.path.with_name("ran")), "w"))

    made.checkpoint(pickle.dumps(Trap()), type="pickle")
    found, rejected = made.taken()
    assert (found, not made.path.with_name("ran").exists()) == ({}, True)
    assert rejected == [
        "thread t1: checkpoint 0001 is pickled, which runs code when it is read: it is left unread"
    ]


@pytest.mark.parametrize(
    ("type", "content", "reason"),
    [
        ("msgpack+aes", b"x", "checkpoint 0001 is encrypted (aes)"),
        ("bytes", b"x", "checkpoint 0001 is of the type 'bytes', not msgpack or json"),
        ("msgpack", b"\xc1", "checkpoint 0001 does not read as msgpack"),
        ("json", b"{", "checkpoint 0001 does not read as json: not JSON"),
        ("msgpack", pack([]), "checkpoint 0001 holds no channel_values"),
        ("msgpack", pack({"channel_values": {}, "ts": "soon"}), "checkpoint 0001.ts is no time"),
        (
            "msgpack",
            pack({"channel_values": {"count": 5}}),
            "no channel holds messages; it has count",
        ),
    ],
)
def test_a_thread_that_cannot_be_read_is_named_and_the_others_are_taken(
    type: str, content: bytes, reason: str, made: Made
):
    made.checkpoint(content, type=type)
    made.checkpoint({"messages": [human("Hi")]}, thread="t2", parent=None)
    found, (rejected,) = made.taken()
    assert list(found) == ["t2"]
    assert rejected.startswith(f"thread t1: {reason}")


def test_objects_inside_objects_without_end_are_refused(made: Made):
    value: Any = "Hi"
    for _ in range(80):
        value = an_object("Deep", value)
    made.checkpoint({"messages": [value]})
    found, (rejected,) = made.taken()
    assert found == {}
    assert rejected == "thread t1: checkpoint 0001: nested deeper than 64 objects"


def test_the_json_of_older_versions_is_read(made: Made):
    message = {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", "HumanMessage"],
        "kwargs": {"content": "Hi", "type": "human", "id": "m1"},
    }
    state = {"ts": "2026-11-24T12:00:00+00:00", "channel_values": {"messages": [message]}}
    made.checkpoint(json.dumps(state).encode(), type="json")
    assert said(made.taken()[0]["t1"]) == [("Hi", None)]


def test_a_channel_that_keeps_only_changes_is_told_by_what_was_written(made: Made):
    made.checkpoint({})
    made.write("messages", [human("Hi")])
    made.checkpoint({})
    made.write("messages", ai("Hello"))
    snapshot = msgspec.msgpack.Ext(7, pack([human("Hi", "m1"), ai("Hello", "m2")]))
    made.checkpoint({"messages": snapshot})
    made.checkpoint({})
    made.write("messages", [human("Bye")])
    talk = made.taken()[0]["t1"]
    assert said(talk) == [("Hi", "Hello"), ("Bye", None)]
    assert talk.started_at == datetime(2026, 11, 24, 12, 0, 2, tzinfo=UTC)


def test_the_same_words_twice_without_ids_are_two_turns(made: Made):
    yes, no = {"role": "user", "content": "Yes."}, {"role": "assistant", "content": "Really?"}
    made.checkpoint({"talk": [yes]})
    made.checkpoint({"talk": [yes, no]})
    made.checkpoint({"talk": [yes, no, yes]})
    assert said(made.taken()[0]["t1"]) == [("Yes.", "Really?"), ("Yes.", None)]


def test_messages_that_share_a_checkpoint_have_no_times_that_are_not_known(made: Made):
    made.checkpoint({"messages": [human("Hi"), ai("Hello"), human("Bye"), ai("See you")]})
    talk = made.taken()[0]["t1"]
    assert said(talk) == [("Hi", "Hello"), ("Bye", "See you")]
    assert [turn.latency_ms for turn in turns_of(talk)] == [None, None]
    axis = judge(talk).axis("timing")
    assert axis is not None
    assert "durability" in axis.detail


def test_steps_that_share_the_time_of_one_checkpoint_have_none_either(made: Made):
    made.checkpoint({})
    made.write("messages", [human("Hi")], task="a")
    made.write("messages", ai("Hello"), task="b")
    made.checkpoint({})
    (turn,) = turns_of(made.taken()[0]["t1"])
    assert (turn.user, turn.assistant, turn.latency_ms) == ("Hi", "Hello", None)


def test_a_message_that_was_edited_says_what_it_came_to_say(made: Made):
    made.checkpoint({"messages": [human("Hi", "m1")]})
    made.checkpoint({"messages": [human("Hi", "m1"), ai("Helo", "m2")]})
    made.checkpoint({"messages": [human("Hi", "m1"), ai("Hello", "m2")]})
    assert said(made.taken()[0]["t1"]) == [("Hi", "Hello")]


def test_arguments_that_are_no_json_are_kept_as_they_were(made: Made):
    broken = [{"name": "look", "args": '{"at": ', "id": "c1", "error": "cut"}]
    made.checkpoint({"messages": [human("Hi"), ai("", invalid_tool_calls=broken)]})
    (call,) = made.taken()[0]["t1"].tool_calls
    assert (call.name, call.arguments, call.arguments_raw) == ("look", None, '{"at": ')


def test_an_inner_graphs_state_alone_is_no_talk(made: Made):
    made.checkpoint({"messages": [human("Hi")]}, ns="inner:1")
    assert made.taken() == ({}, ["thread t1: holds only the state of inner graphs"])


def test_checkpoints_that_follow_each_other_in_a_circle_end(made: Made):
    made.checkpoint({"messages": [human("Hi")]}, parent="0002")
    made.checkpoint({"messages": [human("Hi")]}, parent="0001")
    assert list(made.taken()[0]) == ["t1"]


def test_a_failure_is_the_last_item(made: Made):
    made.checkpoint({"messages": [human("Hi")]})
    made.write("__error__", "TimeoutError()")
    talk = made.taken()[0]["t1"]
    assert isinstance(talk.items[-1], Failure)
    assert turns_of(talk)[0].error == "TimeoutError()"


def test_a_file_of_something_else_is_an_error_that_says_what_to_give(tmp_path: Path):
    path = tmp_path / "x.sqlite"
    with pytest.raises(UsageError, match="no such file"):
        taken(path)
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(DecodeError, match="not readable as a SQLite database"):
        taken(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE checkpoints (thread_id TEXT)")
        connection.commit()
    with pytest.raises(DecodeError, match="has no table `checkpoints` as LangGraph's"):
        taken(path)
