from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reenact.event_stream import events_of, lines_of


def test_lines_and_events_are_the_same_however_they_are_cut() -> None:
    text = b"event: a\r\ndata: one\r\ndata:two\r\n\r\n: note\n\nid: 7\ndata\n\ndata:  three\n"

    async def cut(size: int) -> AsyncIterator[bytes]:
        for at in range(0, len(text), size):
            yield text[at : at + size]

    async def read(size: int) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
        lines = [line async for line in lines_of(cut(size))]
        return lines, [event async for event in events_of(cut(size))]

    lines, found = asyncio.run(read(len(text)))
    assert lines[:3] == [b"event: a", b"data: one", b"data:two"]
    assert found == [(b"a", b"one\ntwo"), (b"", b""), (b"", b" three")]
    for size in range(1, len(text)):
        assert asyncio.run(read(size)) == (lines, found)
