"""The shipped capture is what the script makes, tells the story, and holds nothing private."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import reenact.demo
from reenact.capture.conversations import Conversations
from reenact.capture.importing import import_paths
from reenact.demo.capture import capture
from reenact.demo.talks import PROJECT, TALKS, TUESDAY, WORDS
from reenact.domain.recording import Recording
from reenact.domain.selection import Filter
from reenact.domain.turn import turns_of
from reenact.store.spans import open_span_store

SHIPPED = Path(reenact.demo.__file__).parent / "captured"


def recordings_in(folder: Path, home: Path) -> dict[str | None, Recording]:
    store = open_span_store(f"sqlite:///{home / 'spans.db'}")
    try:
        report = import_paths([folder], store=store)
        assert (report.rejected, report.skipped, report.projects) == (0, (), (PROJECT,))
        found = Conversations(store).list(PROJECT)
        return {recording.conversation.session_id: recording for recording in found}
    finally:
        store.close()


def test_the_shipped_capture_holds_the_four_talks_word_for_word(tmp_path: Path) -> None:
    recordings = recordings_in(SHIPPED, tmp_path)

    assert list(recordings) == [talk.session_id for talk in reversed(TALKS)]
    for talk in TALKS:
        turns = turns_of(recordings[talk.session_id].conversation)
        assert tuple(turn.user for turn in turns) == talk.lines
        assert all(turn.assistant for turn in turns)
        assert {turn.user_id for turn in turns} == {talk.user_id}


def test_the_agent_refunds_on_turn_four_where_it_was_asked_to_look(tmp_path: Path) -> None:
    turns = turns_of(recordings_in(SHIPPED, tmp_path)[TUESDAY].conversation)

    assert [[call.name for call in turn.tool_calls] for turn in turns] == [
        [],
        ["find_order"],
        ["check_status"],
        ["issue_refund"],
        [],
    ]


def test_the_words_of_the_complaint_find_one_session(tmp_path: Path) -> None:
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    import_paths([SHIPPED], store=store)

    found = store.sessions(PROJECT, Filter(text=WORDS))
    store.close()

    assert [session.session_id for session in found] == [TUESDAY]
    assert found[0].started_at.strftime("%A") == "Tuesday"


def test_the_script_still_makes_the_shipped_capture(tmp_path: Path) -> None:
    pytest.importorskip("openinference.instrumentation.openai", reason="a development dependency")
    posts = capture(tmp_path / "made")

    made = recordings_in(tmp_path / "made", tmp_path)
    (tmp_path / "shipped").mkdir()
    shipped = recordings_in(SHIPPED, tmp_path / "shipped")
    assert posts == sum(len(talk.lines) for talk in TALKS)
    assert {id: r.conversation for id, r in made.items()} == {
        id: r.conversation for id, r in shipped.items()
    }


def test_the_capture_names_no_machine_and_no_person() -> None:
    files = sorted(SHIPPED.rglob("*"))
    assert sum(file.stat().st_size for file in files if file.is_file()) < 300_000
    for file in files:
        if file.is_file():
            text = file.read_bytes().decode("utf-8", "replace")
            private = r"127\.0\.0\.1|localhost|/home/|process\.|host\.|\w@\w+\.\w"
            assert not re.search(private, text), file
