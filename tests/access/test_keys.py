"""API keys: shown once, good for one project, until they are revoked or expire."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reenact.access import keys as room
from reenact.access.keys import Keys
from reenact.errors import NotSignedIn, UnknownId, UsageError
from reenact.store.access import AccessRecords
from reenact.store.database import Database


@pytest.fixture
def keys(records: AccessRecords, clock) -> Keys:
    return Keys(records, clock=clock)


def a_key(keys: Keys, project: str = "shop", **more):
    return keys.make(project, **{"name": "exporter", "scopes": ["ingest"], **more})


def test_a_key_opens_its_project_and_what_it_is_for(keys) -> None:
    made = a_key(keys, scopes=["read", "ingest"])
    assert made.secret.startswith(f"rnk_{made.key.id}_")
    assert made.secret.endswith(made.key.hint)
    found = keys.check(made.secret)
    assert (found.project_id, found.scopes) == ("shop", ("ingest", "read"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda secret: "",
        lambda secret: secret[:-1],
        lambda secret: secret + "0",
        lambda secret: secret.removeprefix("rnk_"),
        lambda secret: secret.upper(),
        lambda secret: secret.rpartition("_")[0],
        lambda secret: secret.rpartition("_")[0] + "_",
        lambda secret: "rnk_ffffffffffff_" + secret.rpartition("_")[2],
    ],
)
def test_what_is_not_the_whole_key_opens_nothing(keys, spoil) -> None:
    secret = a_key(keys).secret
    with pytest.raises(NotSignedIn, match="not known"):
        keys.check(spoil(secret))


def test_a_revoked_key_opens_nothing_at_once(keys) -> None:
    made = a_key(keys)
    keys.revoke(made.key.id)
    with pytest.raises(NotSignedIn):
        keys.check(made.secret)
    with pytest.raises(UnknownId):
        keys.revoke(made.key.id)


def test_a_key_expires_and_says_so_only_to_who_has_it(keys, clock) -> None:
    made = a_key(keys, expires_at=clock.now + timedelta(hours=1))
    assert keys.check(made.secret)
    clock.forward(hours=1)
    with pytest.raises(NotSignedIn, match="expired at 2026-11-24 10:30"):
        keys.check(made.secret)
    with pytest.raises(NotSignedIn, match="not known"):
        keys.check(made.secret[:-1] + "x")


def test_its_last_use_is_known_to_the_minute(keys, clock) -> None:
    made = a_key(keys)
    assert keys.of("shop")[0].last_used_at is None
    first = clock.now
    for _ in range(3):
        keys.check(made.secret)
        clock.forward(seconds=25)
    assert keys.of("shop")[0].last_used_at == first
    keys.check(made.secret)
    assert keys.of("shop")[0].last_used_at == clock.now


def test_keys_are_listed_by_project_newest_first_and_a_page_at_a_time(keys, clock) -> None:
    made = []
    for number in range(4):
        clock.forward(minutes=1)
        made.append(a_key(keys, name=f"key {number}").key)
    a_key(keys, "other")
    assert keys.of("shop") == tuple(reversed(made))
    seen = int(made[2].created_at.timestamp() * 1_000_000), made[2].id
    assert keys.of("shop", limit=1, after=seen) == (made[1],)


def test_the_secret_stands_nowhere_in_the_file(keys, tmp_path: Path) -> None:
    secret = a_key(keys).secret.rpartition("_")[2]
    with sqlite3.connect(tmp_path / "reenact.db") as file:
        written = "\n".join(file.iterdump())
    file.close()
    assert "exporter" in written
    assert secret not in written


def test_what_cannot_be_made_is_refused_with_the_reason(keys, clock, monkeypatch) -> None:
    for wrong, says in [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"project": ""}, "project_id"),
        ({"scopes": []}, "scopes"),
        ({"expires_at": clock.now}, "expires_at"),
        ({"expires_at": datetime(2030, 1, 1)}, "zone"),
    ]:
        with pytest.raises(UsageError, match=says):
            a_key(keys, **wrong)
    monkeypatch.setattr(room, "MOST_KEYS", 1)
    a_key(keys)
    with pytest.raises(UsageError, match="has 1 keys"):
        a_key(keys)


def test_a_good_key_opens_even_while_its_use_cannot_be_written_down(tmp_path, clock) -> None:
    database = Database(f"sqlite:///{tmp_path / 'busy.db'}", busy_seconds=0.05)
    keys = Keys(AccessRecords(database), clock=clock)
    made = a_key(keys)
    lock = sqlite3.connect(tmp_path / "busy.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    assert keys.check(made.secret) == made.key
    lock.close()
    database.close()
