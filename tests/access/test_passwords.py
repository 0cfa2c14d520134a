"""The password: how long it must be, and that only it is taken."""

from __future__ import annotations

import pytest

from reenact.access.passwords import LONGEST, checked, hash_of, is_right
from reenact.errors import UsageError

PASSWORD = "correct horse battery"


def test_only_the_password_itself_is_right() -> None:
    hash = hash_of(PASSWORD)
    assert hash.startswith("$argon2id$")
    assert PASSWORD not in hash
    assert is_right(PASSWORD, hash=hash)
    assert not is_right(PASSWORD + " ", hash=hash)
    assert not is_right("", hash=hash)


def test_the_same_password_has_another_hash_each_time() -> None:
    assert hash_of(PASSWORD) != hash_of(PASSWORD)


def test_a_hash_that_is_none_opens_nothing() -> None:
    assert not is_right(PASSWORD, hash="")
    assert not is_right(PASSWORD, hash="plain")


def test_an_accent_may_be_typed_in_either_way() -> None:
    assert is_right("cafe\u0301 au lait 1234", hash=hash_of("caf\u00e9 au lait 1234"))


@pytest.mark.parametrize("password", ["", "eleven char", "x" * (LONGEST + 1)])
def test_a_password_of_another_length_is_refused_without_being_told(password: str) -> None:
    with pytest.raises(UsageError, match=f"{len(password)} characters") as refused:
        checked(password, where="REENACT_PASSWORD")
    assert "REENACT_PASSWORD" in str(refused.value)
    assert not password or password not in str(refused.value)
