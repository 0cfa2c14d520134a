"""`reenact delete`, `reindex` and `retention`: what is no longer wanted goes, and only that."""

from __future__ import annotations

import json
from pathlib import Path

PROJECT = ("--project", "oi_openai_rooted")
AGENT = """
def answer(messages, message):
    return "Hello."
"""


def sessions(reenact, *flags: str) -> set[str]:
    told = json.loads(reenact("sessions", *PROJECT, *flags, "--json").out)
    return {session["session_id"] for session in told["sessions"]}


def test_nothing_is_deleted_without_a_yes(captured):
    ended = captured("delete", "sess-err-01", *PROJECT)

    assert ended.code == 0
    assert "would remove sess:sess-err-01" in ended.out
    assert "add --yes" in ended.err
    assert "sess-err-01" in sessions(captured)


def test_a_session_is_deleted_and_the_others_stay(captured):
    ended = captured("delete", "sess-err-01", *PROJECT, "--yes", "--compact")

    assert "removed sess:sess-err-01: 9 spans in 2 traces" in ended.out
    assert sessions(captured) == {"sess-tue-4711", "sess-stream-02", "sess-shared-03"}
    again = captured("delete", "sess-err-01", *PROJECT, "--yes")
    assert again.code == 2
    assert "no such session or trace" in again.err


def test_a_trace_without_a_session_is_deleted_by_its_id(captured):
    told = json.loads(captured("traces", *PROJECT, "--json").out)["traces"]
    [loose] = [trace["id"] for trace in told if trace["session_id"] is None]
    done = json.loads(captured("delete", loose, *PROJECT, "--yes", "--json").out)

    assert [(one["id"], one["traces"]) for one in done] == [(loose, 1)]
    assert sessions(captured) == {
        "sess-tue-4711", "sess-err-01", "sess-stream-02", "sess-shared-03",
    }  # fmt: skip


def test_recordings_stay_unless_asked(captured, shared: Path, tmp_path: Path, monkeypatch):
    (tmp_path / "an_agent.py").write_text(AGENT)
    monkeypatch.syspath_prepend(str(tmp_path))
    replayed = (
        "replay", *PROJECT, "--session", "sess-tue-4711", "--agent", "an_agent:answer",
        "--allow-live-tools", "--json",
    )  # fmt: skip
    run = json.loads(captured(*replayed).out)["id"]
    captured("delete", "sess-tue-4711", *PROJECT, "--yes")
    assert captured("runs", "show", run).code == 0, "its recording is still there"

    captured(
        "import",
        "--project",
        "oi_openai_rooted",
        str(shared / "data" / "otlp" / "oi_openai_rooted"),
    )
    ended = captured("delete", "sess-tue-4711", *PROJECT, "--yes", "--recordings")
    assert "1 recordings" in ended.out
    assert "can no longer be run" in ended.out
    assert captured("runs", "show", run).code == 2


def test_what_this_version_read_needs_no_reindex(captured):
    assert "nothing to read again" in captured("reindex").out
    told = json.loads(captured("reindex", "--all", "--json").out)
    assert told == {"traces": 49, "changed": 0}


def test_retention_is_said_listed_applied_and_taken_back(captured):
    assert "everything is kept" in captured("retention").err
    ended = captured("retention", "set", "oi_openai_rooted", "--keep", "12h", "--quiet", "30m")
    assert "100% of sessions, for 12h" in ended.out
    assert "oi_openai_rooted" in captured("retention").out
    assert json.loads(captured("retention", "--json").out) == {
        "oi_openai_rooted": {"keep": "PT12H", "share": 1.0, "quiet": "PT30M"}
    }
    applied = captured("retention", "apply", "--compact").out
    assert "5 conversations were too old" in applied
    left = [p["id"] for p in json.loads(captured("projects", "--json").out)["projects"]]
    assert left == ["oi_openai_bare", "vercel_ai_json"]
    captured("retention", "clear", "oi_openai_rooted")
    assert json.loads(captured("retention", "--json").out) == {}


def test_retention_that_keeps_everything_is_no_retention(reenact):
    ended = reenact("retention", "set", "shop")
    assert ended.code == 2
    assert "give --keep or --share" in ended.err


def test_a_length_of_time_that_is_none_is_named(reenact):
    ended = reenact("retention", "set", "shop", "--keep", "soon")
    assert ended.code == 2
    assert "--keep: 'soon' is not a length of time" in ended.err


def test_metadata_without_a_value_is_named(captured):
    ended = captured("sessions", *PROJECT, "--where", "plan")
    assert ended.code == 2
    assert "--where plan=gold" in ended.err
