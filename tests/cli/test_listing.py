"""`reenact projects`, `sessions`, `traces`: Tuesday's session is found."""

from __future__ import annotations

import json

import pytest

PROJECT = ("--project", "oi_openai_rooted")


def ids(ended) -> list[str]:
    return [line.split()[0] for line in ended.out.splitlines()[1:]]


def test_projects_are_listed_with_their_counts(captured):
    told = json.loads(captured("projects", "--json").out)["projects"]
    assert [(p["id"], p["sessions"], p["traces"]) for p in told] == [
        ("oi_openai_bare", 4, 23),
        ("oi_openai_rooted", 4, 13),
        ("vercel_ai_json", 4, 13),
    ]
    assert ids(captured("projects")) == [p["id"] for p in told]


def test_sessions_come_newest_first_with_what_matters(captured):
    ended = captured("sessions", *PROJECT)
    assert ids(ended) == [
        "sess:sess-shared-03", "sess:sess-stream-02", "sess:sess-err-01", "sess:sess-tue-4711",
    ]  # fmt: skip
    assert "Hi, I ordered a blue kettle last week." in ended.out
    assert "check_status, issue_refund" in ended.out
    assert "4 sessions in oi_openai_rooted" in ended.err


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        (("--text", "REFUND"), {"sess-tue-4711", "sess-shared-03"}),
        (("--text", "blue kettle"), {"sess-tue-4711"}),
        (("--tool", "issue_refund"), {"sess-tue-4711", "sess-shared-03"}),
        (("--user", "user-ana"), {"sess-tue-4711"}),
        (("--error",), {"sess-err-01"}),
        (("--no-error",), {"sess-tue-4711", "sess-shared-03", "sess-stream-02"}),
        (("--agent-version", "support-v7", "--user", "user-dora"), {"sess-stream-02"}),
        (("--since", "2026-11-23T07:32:55Z"), {"sess-shared-03", "sess-stream-02"}),
        (("--tag", "tuesday"), {"sess-tue-4711"}),
        (("--where", "plan=gold"), {"sess-tue-4711"}),
        (("--where", "plan=gold", "--where", "channel=phone"), set()),
        (("--model", "gpt-4o-mini", "--tag", "tuesday"), {"sess-tue-4711"}),
        (("--until", "2026-11-22"), set()),
        (("--since", "2026-11-23", "--until", "2026-11-23", "--user", "nobody"), set()),
    ],
)
def test_each_filter_finds_what_it_says(captured, flags, found):
    told = json.loads(captured("sessions", *PROJECT, *flags, "--json").out)
    assert {session["session_id"] for session in told["sessions"]} == found
    assert told["total"] == len(found)


def test_the_total_is_told_where_fewer_are_listed(captured):
    ended = captured("traces", *PROJECT, "--limit", "3")
    assert len(ids(ended)) == 3
    assert all(id.startswith("trace:") for id in ids(ended))
    assert "3 of 13 traces in oi_openai_rooted" in ended.err
    assert len(ids(captured("traces", *PROJECT, "--limit", "0"))) == 13


def test_one_is_told_in_the_singular(captured):
    assert "1 session matches in" in captured("sessions", *PROJECT, "--text", "blue kettle").err
    assert "2 sessions match in" in captured("sessions", *PROJECT, "--tool", "issue_refund").err


def test_no_match_is_no_error(captured):
    ended = captured("sessions", *PROJECT, "--text", "zebra")
    assert (ended.code, ended.out) == (0, "")
    assert "0 sessions match" in ended.err


def test_json_times_are_utc(captured):
    told = json.loads(captured("sessions", *PROJECT, "--json").out)["sessions"][0]
    assert told["started_at"].endswith("Z")


def test_an_unknown_project_names_a_near_one(captured):
    ended = captured("sessions", "--project", "oi_openai_root")
    assert ended.code == 2
    assert "did you mean oi_openai_rooted" in ended.err


def test_a_project_must_be_named_where_there_are_several(captured):
    ended = captured("sessions")
    assert ended.code == 2
    assert "there are 3 projects: oi_openai_bare, oi_openai_rooted, vercel_ai_json" in ended.err


@pytest.mark.parametrize("limit", ["-1", "-100"])
def test_a_negative_limit_is_wrong_use(captured, limit):
    assert captured("sessions", *PROJECT, f"--limit={limit}").code == 2


def test_nothing_captured_is_said_and_no_error(reenact):
    ended = reenact("projects")
    assert (ended.code, ended.out) == (0, "")
    assert "reenact import" in ended.err
    assert json.loads(reenact("projects", "--json").out) == {"projects": []}
