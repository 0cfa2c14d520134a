"""`reenact fetch`: counts, what is lacking, how to go on; keys stay where they are."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.captures import spans_of_capture
from support.http_source import HttpSource, Reply, serving_source
from support.peer_exports import phoenix
from support.source_apis import phoenix_api
from support.voice_apis import retell_api, retell_calls

KEY = "phx-very-secret"


@pytest.fixture
def source(shared: Path) -> Iterator[HttpSource]:
    rows = phoenix(spans_of_capture(shared / "data" / "otlp" / "oi_openai_rooted"))
    for number, row in enumerate(rows):
        for name in ("start_time", "end_time"):
            row[name] = row[name].replace("2026-", "2025-")
        row["id"] = str(number)
    with serving_source(phoenix_api(project="default", rows=rows)) as found:
        yield found


def fetch(source: HttpSource, *more: str) -> tuple[str, ...]:
    return ("fetch", "phoenix", "--url", source.url, "--project", "shop", *more)


def test_a_fetch_says_what_came_and_what_is_lacking(reenact, source):
    ended = reenact(*fetch(source))

    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[:4] == [
        "1 page read",
        "47 spans taken, 0 duplicates",
        "project shop: 5 conversations",
        "  fidelity 88 of 100, the mean of the 5 conversations that this touched",
    ]
    assert "    session: below 100 in 1: no session id" in ended.out
    assert "next: reenact sessions --project shop" in ended.err
    assert json.loads(reenact("sessions", "--project", "shop", "--json").out)["total"] > 0


def test_a_second_fetch_says_that_nothing_is_new(reenact, source):
    reenact(*fetch(source))
    ended = reenact(*fetch(source))

    assert ended.code == 0
    assert "nothing new" in ended.out
    assert "0 spans taken, 0 duplicates" in ended.out


def test_json_is_json_alone(reenact, source):
    told = json.loads(reenact(*fetch(source, "--json")).out)

    assert (told["taken"], told["pages"], told["complete"], told["left"]) == (47, 1, True, 0)
    assert told["fidelity"]["shop"]["judged"] == 5


def test_the_limit_is_said_and_the_same_command_goes_on(reenact, source):
    first = reenact(*fetch(source, "--limit", "1"))
    assert "1 page read" in first.out
    second = reenact(*fetch(source, "--limit", "1"))

    assert second.code == 0
    assert json.loads(reenact("projects", "--json").out)["projects"][0]["spans"] == 47


def test_since_is_a_time_as_people_type_it(reenact, source):
    assert "nothing new" in reenact(*fetch(source, "--since", "1h")).out
    ended = reenact(*fetch(source, "--since", "soon"))

    assert ended.code == 2
    assert "'soon' is not a time" in ended.err


def test_keys_and_answers_with_keys_do_not_show(
    reenact, source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PHOENIX_API_KEY", KEY)
    source.first = [Reply({"detail": f"bad key {KEY}"}, 401)]
    ended = reenact(*fetch(source))

    assert ended.code == 5
    assert "not let in: status 401" in ended.err
    assert "check PHOENIX_API_KEY" in ended.err
    assert source.asked[0].headers["authorization"] == f"Bearer {KEY}"
    reenact(*fetch(source))
    kept = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert KEY not in ended.out + ended.err
    assert KEY.encode() not in kept


def test_a_server_that_answers_something_else_is_said(reenact, source):
    source.first = [Reply(b"<html>", headers={"content-type": "text/html"})]
    ended = reenact(*fetch(source))

    assert ended.code == 5
    assert "the answer is no JSON but text/html" in ended.err
    assert "->" in ended.err


def test_what_came_before_a_failure_is_said(reenact, source, monkeypatch: pytest.MonkeyPatch):
    from reenact.capture.fetching import fetch as fetching

    monkeypatch.setattr(fetching, "PAGE_SIZE", 8)
    answering = source.answering

    def failing(asked):
        return Reply({"detail": "no"}, 403) if len(source.asked) == 3 else answering(asked)

    source.answering = failing
    ended = reenact(*fetch(source))
    source.answering = answering

    assert ended.code == 5
    assert "stored so far: 2 pages, 16 spans, 16 new" in ended.err
    assert "31 spans taken, 0 duplicates" in reenact(*fetch(source)).out


def test_calls_that_are_not_complete_are_counted_and_the_key_does_not_show(
    reenact, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("RETELL_API_KEY", KEY)
    calls = retell_calls(3)
    started = time.time_ns() // 10**6 - 60_000
    calls[2] |= {"call_status": "ongoing", "start_timestamp": started, "end_timestamp": None}
    for call in calls[:2]:  # The calls are made up, and lie in the time to come.
        call |= {"start_timestamp": started - 86_400_000, "end_timestamp": started - 86_300_000}
    with serving_source(retell_api(calls)) as source:
        ended = reenact("fetch", "retell", "--url", source.url, "--project", "desk")

    assert ended.code == 0, ended.err
    assert source.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert "project desk: 2 conversations" in ended.out
    assert "  fidelity " in ended.out
    assert "1 record not complete yet, left for a later fetch" in ended.out
    kept = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert KEY.encode() not in kept


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("phoenix", "--url", "http://example.test"), "in the clear"),
        (("phoenix",), "where is phoenix?"),
        (("langsmith", "--url", "https://example.test"), "LANGSMITH_API_KEY is not set"),
        (("mlflow", "--url", "http://127.0.0.1:9"), "which experiment of mlflow?"),
        (("vapi",), "VAPI_API_KEY is not set"),
        (("retell",), "RETELL_API_KEY is not set"),
        (("phoenix", "--url", "http://127.0.0.1:9", "--limit", "0"), "0 is no number of spans"),
    ],
)
def test_wrong_use_exits_2_before_anything_is_sent(
    reenact, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], words: str
):
    for name in (
        "PHOENIX_COLLECTOR_ENDPOINT", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "VAPI_API_KEY",
        "RETELL_API_KEY",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    ended = reenact("fetch", *argv, "--project", "shop")

    assert ended.code == 2
    assert words in ended.err
    assert "->" in ended.err
