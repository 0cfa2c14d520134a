"""Histories of model calls, compared by hash: does one call go on where another ended?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

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


def chain(keys: Iterable[str]) -> list[str]:
    """Return one hash per message, each over the keys of all messages up to it."""
    links: list[str] = []
    last = b""
    for one in keys:
        digest = hashlib.blake2b(last + one.encode(), digest_size=16)
        last = digest.digest()
        links.append(digest.hexdigest())
    return links


def prefix_hash(told: Sequence[WireMessage]) -> str | None:
    """Return the hash of a history up to its last assistant message, None where it has none."""
    last = max((n for n, m in enumerate(told, 1) if m.role == "assistant"), default=0)
    return _hash(told[:last]) if last else None


def result_hash(told: Sequence[WireMessage], answer: Sequence[WireMessage]) -> str | None:
    """Return the hash of a history and what the model answered to it, None without either."""
    return _hash([*told, *answer]) if told and answer else None


def _hash(messages: Sequence[WireMessage]) -> str | None:
    """Return the hash of a history that ends in an assistant message.

    Within a tool loop all counts. Of a history that ends in an answer only what was said does:
    many programs keep nothing else of their earlier turns.
    """
    if not messages[-1].calls:
        messages = [m for m in messages if m.text and not m.calls]
    links = chain(map(key, messages))
    return links[-1] if links else None
