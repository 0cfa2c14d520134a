"""How often a password may be tried."""

from __future__ import annotations

import threading

import pytest

from reenact.access.attempts import CLIENTS, MOST, WINDOW_S, Attempts, network_of
from reenact.errors import TooManyAttempts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def fail(attempts: Attempts, client: str, *, times: int = 1) -> None:
    for _ in range(times):
        with attempts.one_of(client):
            pass


def test_after_a_few_wrong_ones_a_client_must_wait_and_is_told_how_long(attempts, clock) -> None:
    fail(attempts, "10.0.0.1", times=MOST)
    clock.now += 60
    with pytest.raises(TooManyAttempts) as told, attempts.one_of("10.0.0.1"):
        pytest.fail("it may not try again")
    assert told.value.wait_s == WINDOW_S - 60
    clock.now += WINDOW_S - 60
    fail(attempts, "10.0.0.1")


def test_asking_again_does_not_make_the_wait_longer(attempts, clock) -> None:
    fail(attempts, "10.0.0.1", times=MOST)
    for _ in range(20):
        clock.now += WINDOW_S / 30
        with pytest.raises(TooManyAttempts):
            fail(attempts, "10.0.0.1")
    clock.now += WINDOW_S / 3
    fail(attempts, "10.0.0.1")


def test_one_client_does_not_shut_another_out(attempts) -> None:
    fail(attempts, "10.0.0.1", times=MOST)
    fail(attempts, "10.0.0.2", times=MOST)


def test_who_knows_the_password_starts_anew(attempts) -> None:
    fail(attempts, "10.0.0.1", times=MOST - 1)
    attempts.forgive("10.0.0.1")
    fail(attempts, "10.0.0.1", times=MOST)


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("x" * 5000, "x" * 100),
    ],
)
def test_a_client_is_its_address_or_its_network_of_ipv6(client: str, network: str) -> None:
    assert network_of(client) == network


def test_memory_is_bounded_however_many_clients_try(attempts) -> None:
    for number in range(CLIENTS + 500):
        fail(attempts, f"client {number}")
    assert len(attempts._failed) == CLIENTS


def test_few_wait_for_a_check_and_the_rest_are_sent_away(attempts) -> None:
    inside, leave, outcomes = threading.Event(), threading.Event(), []

    def slow() -> None:
        with attempts.one_of("10.0.0.9"):
            inside.set()
            leave.wait(10)

    def another(number: int) -> None:
        try:
            fail(attempts, f"10.0.1.{number}")
            outcomes.append("checked")
        except TooManyAttempts:
            outcomes.append("sent away")

    threads = [threading.Thread(target=slow)]
    threads[0].start()
    assert inside.wait(10)
    threads += [threading.Thread(target=another, args=(number,)) for number in range(10)]
    for thread in threads[1:]:
        thread.start()
    while len(outcomes) < 7:  # three wait with the one that is being checked
        leave.wait(0.01)
    assert outcomes == ["sent away"] * 7
    leave.set()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["checked"] * 3 + ["sent away"] * 7
