from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from reenact.capture.importers.tau import conversations_in
from reenact.codec import record
from reenact.domain.conversation import Conversation
from reenact.domain.fidelity import Fidelity
from reenact.domain.recording import Recording
from reenact.replay.script import script_of
from reenact.scenario.rows import rows_for
from support.talks import agent, talk, user


def recorded(conversation: Conversation) -> Recording:
    return record(conversation, Fidelity(score=None, axes=()))


def session(id: str, *turns: str) -> Recording:
    items = [item for said in turns for item in (user(said), agent("Yes."))]
    return recorded(replace(talk(*items, id=f"sess:{id}"), kind="session", session_id=id))


def trace(id: str, *turns: str) -> Recording:
    items = [item for said in turns for item in (user(said), agent("Yes."))]
    return recorded(replace(talk(*items, id=f"trace:{id}"), kind="trace"))


def test_a_session_is_one_exact_row() -> None:
    recording = session("sess-tue-4711", "Hi", "Refund it")
    (row,) = rows_for([recording], replay_type="session")
    assert (row.id, row.recording_hash) == ("sess-tue-4711", recording.hash)
    assert (row.turn, row.variant) == (None, False)


def test_a_trace_with_one_user_turn_is_one_row() -> None:
    (row,) = rows_for([trace("ab12", "Hi")], replay_type="trace")
    assert (row.id, row.turn) == ("ab12", None)


def test_a_trace_with_several_user_turns_gives_a_row_for_each() -> None:
    recording = trace("ab12", "Hi", "Where is it?", "Refund it")
    rows = rows_for([recording], replay_type="trace")
    assert [(row.id, row.turn) for row in rows] == [
        ("ab12-turn-1", 1),
        ("ab12-turn-2", 2),
        ("ab12-turn-3", 3),
    ]
    script = script_of(recording.conversation, rows[1])
    assert [turn.user for turn in script.turns] == ["Where is it?"]
    assert len(script.before) == 2


def test_a_trace_in_which_no_user_speaks_is_not_dropped() -> None:
    greeting = recorded(talk(agent("Hello"), id="trace:ab12"))
    (row,) = rows_for([greeting], replay_type="trace")
    assert row.turn is None


def test_row_ids_are_fit_for_file_names_and_differ_in_more_than_case() -> None:
    odd = ["a/b", "a:b", "A-B", "../..", "[x] y", "é", "x" * 300, "x" * 301]
    rows = rows_for([session(id, "Hi") for id in odd], replay_type="session")
    ids = [row.id for row in rows]
    assert ids[:5] == ["a-b", "a-b-2", "A-B-3", "talk", "x-y"]
    assert len({id.lower() for id in ids}) == len(odd)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,110}", id) for id in ids)


def test_all_real_talks_give_readable_distinct_rows(shared: Path) -> None:
    path = shared / "data/conversations/tau2_runs/telecom_gpt-4o.json"
    talks = [recorded(t) for t in conversations_in(path, project="p", on_reject=print)]
    rows = rows_for(talks, replay_type="session")
    assert [row.recording_hash for row in rows] == [recording.hash for recording in talks]
    assert rows[2].id == (
        "tau2-telecom-telecom_gpt-4o-mobile_data_issue-user_abroad_roaming_disabled_off-PERSONA-Hard-0"
    )
    assert len({row.id for row in rows}) == 20
