"""Histories of model calls, compared by hash: does one call go on where another ended?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from reenact.capture.reading import WireMessage
from reenact.codec import canonical


def key(message: WireMessage) -> str:
    """Return what makes a message the same one in two histories.

    Role, text, tool names, arguments and results count; ids and the white space around texts
    do not, because libraries rewrite both.
    """
    calls = [[call.name, call.arguments or call.raw] for call in message.calls]
    results = [result.content for result in message.results]
    return canonical([message.role, (message.text or "").strip(), calls, results])


def chain(messages: Iterable[WireMessage]) -> list[str]:
    """Return one hash per message, each over all messages up to it."""
    links: list[str] = []
    last = b""
    for message in messages:
        digest = hashlib.blake2b(last + key(message).encode(), digest_size=16)
        last = digest.digest()
        links.append(digest.hexdigest())
    return links
