"""Where the server listens: this machine only, and clear words where it cannot."""

from __future__ import annotations

import socket

import pytest

from reenact.errors import UsageError
from reenact.listening.names import host_name, is_loopback
from reenact.listening.sockets import bind, url_of


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_an_address_that_others_can_reach_is_refused(host):
    with pytest.raises(UsageError, match="other machines"):
        bind(host, 0)


def test_a_port_that_is_taken_is_named():
    first = bind("127.0.0.1", 0)
    try:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}") as error:
            bind("127.0.0.1", port)
        assert "--port 0" in str(error.value.next_step)
    finally:
        first.close()


def test_the_url_of_a_free_port_says_which_it_is():
    with bind("127.0.0.1", 0) as bound:
        assert url_of(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:4318", "localhost"),
        ("[::1]:4318", "::1"),
        ("[::1]", "::1"),
        ("LOCALHOST", "localhost"),
        ("127.0.0.1.evil.example:80", "127.0.0.1.evil.example"),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(header, name):
    assert host_name(header) == name


@pytest.mark.parametrize("host", ["localhost.evil.org", "127.0.0.1.evil.org", "1", "", "::"])
def test_what_only_looks_like_this_machine_is_not(host):
    assert not is_loopback(host)


def test_small_answers_are_sent_at_once():
    # asyncio sets TCP_NODELAY only where the protocol is named; without, a client that keeps its
    # connection waits 40 ms for each answer.
    with bind("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP
