"""What the tests of every framework need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.chat_server import ChatServer, chat_server, shop_model


@pytest.fixture(scope="module")
def model() -> Iterator[ChatServer]:
    """A stub of a model's endpoint that plays the shop's agent."""
    with chat_server(shop_model) as server:
        yield server
