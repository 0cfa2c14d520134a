"""The password and the logins under it."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from reenact.access.attempts import MOST
from reenact.access.people import LOGIN_LASTS, People, csrf_of
from reenact.errors import NotSignedIn, TooManyAttempts, UsageError
from reenact.store import access
from reenact.store.access import AccessRecords

PASSWORD, OTHER = "correct horse battery", "another long password"
HERE = "192.0.2.1"


@pytest.fixture
def people(records: AccessRecords, clock) -> People:
    made = People(records, clock=clock)
    made.set_password(PASSWORD)
    return made


def test_nobody_needs_to_sign_in_until_a_password_is_set(records, clock) -> None:
    people = People(records, clock=clock)
    assert not people.need_login()
    people.set_password(PASSWORD)
    assert people.need_login()
    people.clear_password()
    assert not people.need_login()


def test_a_server_that_others_reach_asks_for_a_login_even_without_a_password(records) -> None:
    people = People(records, always=True)
    assert people.need_login()
    with pytest.raises(NotSignedIn):
        people.sign_in("", client=HERE)


def test_a_password_that_another_process_sets_is_seen_soon(records, monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    mine, theirs = People(records), People(records)
    assert not mine.need_login()
    theirs.set_password(PASSWORD)
    now[0] += 1.1
    assert mine.known_to_need_login is None
    assert mine.need_login()


def test_who_knows_the_password_is_signed_in_until_it_expires(people, clock) -> None:
    token = people.sign_in(PASSWORD, client=HERE)
    assert people.is_signed_in(token)
    clock.forward(seconds=LOGIN_LASTS.total_seconds() - 1)
    assert people.is_signed_in(token)
    clock.forward(seconds=1)
    assert not people.is_signed_in(token)


def test_a_wrong_password_gives_nothing_and_the_right_one_not_either_after_too_many(people) -> None:
    for _ in range(MOST):
        with pytest.raises(NotSignedIn):
            people.sign_in(OTHER, client=HERE)
    with pytest.raises(TooManyAttempts):
        people.sign_in(PASSWORD, client=HERE)
    assert people.sign_in(PASSWORD, client="192.0.2.2")


def test_signing_out_ends_one_login(people) -> None:
    first, second = (people.sign_in(PASSWORD, client=HERE) for _ in range(2))
    people.sign_out(first)
    assert not people.is_signed_in(first)
    assert people.is_signed_in(second)


@pytest.mark.parametrize("change", ["set", "clear"])
def test_another_password_ends_every_login(people, change) -> None:
    token = people.sign_in(PASSWORD, client=HERE)
    people.set_password(OTHER) if change == "set" else people.clear_password()
    assert not people.is_signed_in(token)


def test_the_password_of_the_environment_ends_logins_only_where_it_is_new(people) -> None:
    token = people.sign_in(PASSWORD, client=HERE)
    people.keep_password(PASSWORD, where="REENACT_PASSWORD")
    assert people.is_signed_in(token)
    people.keep_password(OTHER, where="REENACT_PASSWORD")
    assert not people.is_signed_in(token)
    assert people.sign_in(OTHER, client=HERE)


def test_a_short_password_is_refused_and_the_old_one_stays(people) -> None:
    with pytest.raises(UsageError, match="REENACT_PASSWORD"):
        people.keep_password("short", where="REENACT_PASSWORD")
    assert people.sign_in(PASSWORD, client=HERE)


def test_a_login_made_while_the_password_changes_is_none(people, records, clock) -> None:
    old = records.password_hash()
    people.set_password(OTHER)
    times = {"created_at": clock.now, "expires_at": clock.now + timedelta(days=1)}
    assert not records.add_login("token", under=old, **times)
    assert not records.has_login("token", now=clock.now)


def test_the_oldest_login_ends_where_there_are_too_many(records, people, clock, monkeypatch):
    monkeypatch.setattr(access, "MOST_LOGINS", 3)
    tokens = []
    for _ in range(5):
        clock.forward(seconds=1)
        tokens.append(people.sign_in(PASSWORD, client=HERE))
    assert [people.is_signed_in(token) for token in tokens] == [False, False, True, True, True]


def test_neither_the_password_nor_a_token_stands_in_the_file(people, tmp_path: Path) -> None:
    token = people.sign_in(PASSWORD, client=HERE)
    with sqlite3.connect(tmp_path / "reenact.db") as file:
        written = "\n".join(file.iterdump())
    file.close()
    assert "$argon2id$" in written
    assert PASSWORD not in written
    assert token not in written
    assert csrf_of(token) not in written


def test_each_login_has_a_token_for_changes_of_its_own() -> None:
    assert csrf_of("one") == csrf_of("one") != csrf_of("other")
    assert "one" not in csrf_of("one")
