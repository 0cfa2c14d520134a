"""Frameworks are heavy and warn about themselves; what we warn of stays an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import reenact
from support.chat_server import ChatServer, chat_server, shop_model


@pytest.fixture(autouse=True)
def hooked() -> None:
    reenact.instrument()


@pytest.fixture
def model() -> Iterator[ChatServer]:
    """A stub of a model's endpoint that plays the shop's agent."""
    with chat_server(shop_model) as server:
        yield server
