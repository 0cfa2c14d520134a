"""Asking a source: patience with passing faults, plain words for lasting ones, no secret shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from reenact.capture.fetching import client as asking
from reenact.capture.fetching.access import Access
from reenact.capture.fetching.client import AnswerTooLarge, Client, Refused
from reenact.capture.fetching.httpx_transport import HttpxTransport
from reenact.errors import SourceFailed
from support.http_source import HttpSource, Reply, serving_source

KEY = "sk-very-secret"
NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


class Asking:
    """A client of a source, with a sleep that only takes notes."""

    def __init__(self, source: HttpSource, transport: HttpxTransport) -> None:
        self.source = source
        self.slept: list[float] = []
        self.told: list[str] = []
        access = Access(
            url=source.url, loopback=True, keys="THE_KEY",
            headers={"authorization": f"Bearer {KEY}"}, secrets=(KEY,),
        )  # fmt: skip
        self.access = access
        self.client = Client(
            transport, access, sleep=self.slept.append, now=lambda: NOW,
            on_wait=lambda seconds, why: self.told.append(why),
        )  # fmt: skip

    def get(self) -> Any:
        return self.client.get("/x", [("a", "b c"), ("a", "ü")])


@pytest.fixture
def asking_source() -> Iterator[Asking]:
    with (
        serving_source(lambda asked: Reply({"ok": True})) as source,
        HttpxTransport(loopback=True) as transport,
    ):
        yield Asking(source, transport)


def test_keys_and_parameters_are_sent(asking_source: Asking):
    assert asking_source.get() == {"ok": True}
    (asked,) = asking_source.source.asked

    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["user-agent"].startswith("reenact/")
    assert asked.params == (("a", "b c"), ("a", "ü"))


def test_a_limited_rate_is_waited_for_as_long_as_the_server_asks(asking_source: Asking):
    asking_source.source.first = [
        Reply(status=429, headers={"retry-after": "7"}),
        Reply(status=429, headers={"retry-after": "Tue, 24 Nov 2026 18:00:09 GMT"}),
    ]

    assert asking_source.get() == {"ok": True}
    assert asking_source.slept == [7.0, 9.0]
    assert asking_source.told == ["status 429", "status 429"]


def test_passing_faults_are_tried_again_with_growing_pauses(asking_source: Asking):
    asking_source.source.first = [Reply(status=status) for status in (500, 502, 503, 504)]

    assert asking_source.get() == {"ok": True}
    assert asking_source.slept == [1.0, 2.0, 4.0, 8.0]


def test_after_so_many_tries_it_says_that_it_goes_on_later(asking_source: Asking):
    asking_source.source.first = [Reply(status=503)] * asking.ATTEMPTS
    with pytest.raises(SourceFailed, match=r"no answer in 6 tries: status 503") as failed:
        asking_source.get()

    assert "goes on where it stopped" in (failed.value.next_step or "")
    assert len(asking_source.source.asked) == asking.ATTEMPTS
    assert failed.value.exit_code == 5


def test_a_pause_that_is_too_long_ends_it_at_once(asking_source: Asking):
    asking_source.source.first = [Reply(status=429, headers={"retry-after": "3600"})]
    with pytest.raises(SourceFailed, match="a pause of 3,600 s"):
        asking_source.get()

    assert asking_source.slept == []


def test_all_pauses_together_are_bounded(asking_source: Asking, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asking, "ALL_WAITS", 150.0)
    asking_source.source.first = [Reply(status=429, headers={"retry-after": "100"})] * 2
    with pytest.raises(SourceFailed, match="a pause of 100 s"):
        asking_source.get()

    assert asking_source.slept == [100.0]


def test_a_server_that_is_not_there_is_tried_again(asking_source: Asking):
    with serving_source(lambda asked: Reply()) as gone:
        url = gone.url
    with HttpxTransport(loopback=True) as transport:
        slept: list[float] = []
        client = Client(
            transport, Access(url=url, loopback=True), sleep=slept.append, now=lambda: NOW
        )
        with pytest.raises(SourceFailed, match="no answer in 6 tries: ConnectError"):
            client.get("/x")

    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize(
    ("status", "words", "next_step"),
    [
        (401, "not let in: status 401", "check THE_KEY"),
        (403, "not let in: status 403", "check THE_KEY"),
        (404, "status 404", "--from-project"),
        (400, "status 400", "--url"),
    ],
)
def test_a_refusal_is_said_at_once_and_without_the_key(
    asking_source: Asking, status: int, words: str, next_step: str
):
    asking_source.source.first = [Reply({"message": f"no {KEY}!"}, status)]
    with pytest.raises(Refused, match=words) as refused:
        asking_source.get()

    assert refused.value.status == status
    assert next_step in (refused.value.next_step or "")
    assert KEY not in str(refused.value)
    assert "no …!" in refused.value.what
    assert asking_source.slept == []


def test_a_redirect_is_not_followed_with_keys(asking_source: Asking):
    asking_source.source.first = [Reply(status=302, headers={"location": "https://elsewhere.test"})]
    with pytest.raises(Refused, match=r"sends on to https://elsewhere\.test"):
        asking_source.get()

    assert len(asking_source.source.asked) == 1


def test_careless_json_is_read(asking_source: Asking):
    asking_source.source.first = [Reply(b'{"a": NaN, "b": "\\ud800"}')]

    assert asking_source.get() == {"a": "NaN", "b": "\ud800"}


def test_a_page_for_people_is_no_answer(asking_source: Asking):
    asking_source.source.first = [Reply(b"<html>", headers={"content-type": "text/html"})]
    with pytest.raises(SourceFailed, match="no JSON but text/html"):
        asking_source.get()


def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    asking_source: Asking, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(asking, "ANSWER_BYTES", 1_000)
    asking_source.source.first = [Reply(b"[" + b"1," * 600_000 + b"1]")]
    with pytest.raises(AnswerTooLarge):
        asking_source.get()


def test_the_key_shows_in_no_text_of_the_access(asking_source: Asking):
    assert KEY not in repr(asking_source.access)
