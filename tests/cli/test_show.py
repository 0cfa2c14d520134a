"""`reenact show`: a conversation as a person reads it, found by whatever id they have."""

from __future__ import annotations

import json

import pytest

from reenact import codec
from reenact.capture.fidelity import judge
from reenact.cli.transcript import Layout, transcript_lines
from reenact.domain.conversation import Failure, Handoff, Retrieval
from support.talks import agent, call, talk, user

PROJECT = ("--project", "oi_openai_rooted")


def text_of(conversation, **layout) -> str:
    recording = codec.record(conversation, judge(conversation))
    return "\n".join(str(line) for line in transcript_lines(recording, layout=Layout(**layout)))


def test_a_session_is_read_turn_by_turn(captured):
    out = captured("show", "sess-tue-4711", *PROJECT).out
    turn = out[out.index("turn 4") : out.index("turn 5")]
    assert "user        And what is happening with A-1003?" in turn
    assert "issue_refund(order_id='A-1003', amount=49.9)" in turn
    assert '-> {"refund_id": "rf_a1003"' in turn
    assert "assistant   I have refunded $49.90 for order A-1003." in turn
    assert "962 in, 35 out tokens" in turn
    assert "fidelity 9" in out


@pytest.mark.parametrize("id", ["sess-tue-4711", "sess:sess-tue-4711"])
def test_a_session_id_may_be_bare_or_full(captured, id):
    assert json.loads(captured("show", id, *PROJECT, "--json").out)["id"] == "sess:sess-tue-4711"


@pytest.mark.parametrize("prefix", ["", "trace:"])
def test_a_trace_id_may_be_bare_or_full(captured, prefix):
    listed = json.loads(captured("traces", *PROJECT, "--limit", "1", "--json").out)["traces"]
    trace_id = listed[0]["trace_ids"][0]
    told = json.loads(captured("show", prefix + trace_id, *PROJECT, "--json").out)
    assert told["trace_ids"] == [trace_id]


def test_the_project_need_not_be_named_where_one_holds_the_id(captured):
    listed = json.loads(captured("traces", *PROJECT, "--limit", "1", "--json").out)["traces"]
    assert captured("show", listed[0]["id"]).code == 0


def test_an_id_in_several_projects_names_them(captured):
    ended = captured("show", "sess-tue-4711")
    assert ended.code == 2
    assert "in 3 projects: oi_openai_bare, oi_openai_rooted, vercel_ai_json" in ended.err


@pytest.mark.parametrize("id", ["sess-tue-4712", "sess:sess-tue-47", "sess-tue"])
def test_an_unknown_id_names_a_near_one(captured, id):
    ended = captured("show", id, *PROJECT)
    assert ended.code == 2
    assert f"no such session or trace: {id}" in ended.err
    assert "sess:sess-tue-4711" in ended.err


def test_an_id_like_nothing_says_where_to_look(captured):
    assert "reenact sessions --project oi_openai_rooted" in captured("show", "q", *PROJECT).err


def test_a_failed_call_and_an_unanswered_one_are_told_apart():
    out = text_of(
        talk(user("Hi"), call("a", error="boom"), call("b", answered=False), call("c", result=None))
    )
    assert "failed: boom" in out
    assert "asked for, never answered" in out
    assert "-> null" in out


def test_every_kind_of_item_is_shown():
    items = (
        user("Hi"),
        Retrieval(query="returns", documents=("a", "b")),
        Handoff(source="front", target="billing"),
        Failure(error="out of memory"),
    )
    out = text_of(talk(*items[:2]).__class__(id="sess:s", project="p", kind="session", items=items))
    assert "returns -> 2 documents" in out
    assert "front -> billing" in out
    assert "out of memory" in out


def test_long_results_are_shortened_unless_all_is_asked_for():
    conversation = talk(user("Hi"), call("a", result="x" * 1000), agent("Yo"))
    assert "x" * 1000 not in text_of(conversation)
    assert "x" * 1000 in text_of(conversation, full=True)


def test_lines_are_folded_to_the_terminal_under_their_speaker():
    out = text_of(talk(user("word " * 60)), width=60)
    said = [line for line in out.splitlines() if "word" in line]
    assert len(said) > 3
    assert all(len(line) <= 60 for line in said)
    assert all(line.startswith(" " * 14) for line in said[1:])


def test_what_a_stranger_wrote_cannot_move_the_cursor():
    evil = "\x1b[2J\u202e"
    conversation = talk(user(evil), call(evil, {evil: evil}, evil), agent(evil), id=f"sess:{evil}")
    for full in (False, True):
        out = text_of(conversation, full=full)
        assert "\x1b" not in out
        assert "\u202e" not in out
