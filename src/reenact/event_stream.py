"""Server-sent events and lines, put together from the chunks of a body as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator

Chunks = AsyncIterator[bytes]


async def lines_of(chunks: Chunks) -> AsyncIterator[bytes]:
    """Yield the lines of `chunks` without their ends; the last needs none."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")
    if rest:
        yield rest.removesuffix(b"\r")


async def events_of(chunks: Chunks) -> AsyncIterator[tuple[bytes, bytes]]:
    """Yield the name and the data of each server-sent event that has data.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    An event that the end of the stream cuts off is yielded too: many servers leave out the
    last empty line.
    """
    name, data = b"", list[bytes]()
    async for line in lines_of(chunks):
        key, _, value = line.partition(b":")
        if not line:
            if data:
                yield name, b"\n".join(data)
            name, data = b"", []
        elif key == b"data":
            data.append(value.removeprefix(b" "))
        elif key == b"event":
            name = value.strip()
    if data:
        yield name, b"\n".join(data)
