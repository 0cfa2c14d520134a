"""Request bodies, read with a bound on their size and on the time they take."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from reenact.errors import BodyTooLarge, DecodeError

READ_SECONDS = 30.0
_SMALLER = "let the exporter send smaller batches"
_DISCARDED = 4
"""A body that is too large is read up to so many times the limit, and let go.

A client that is still sending when the connection closes sees a reset, and not why.
"""


async def read_body(
    request: Request, *, limit: int, seconds: float = READ_SECONDS, smaller: str = _SMALLER
) -> bytes:
    """Return the body of `request`, of at most `limit` bytes.

    `smaller` is the advice for a client that sends more.

    Raises:
        BodyTooLarge: when more is declared, or has come.
        DecodeError: when it is not there after `seconds`.
    """
    told = request.headers.get("content-length", "")
    declared = int(told) if told.isdecimal() else 0
    if declared > limit * _DISCARDED:
        raise _too_large(f"a body of {declared:,} bytes is declared", limit, smaller)
    body = bytearray()
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if max(size, declared) <= limit:
                    body += chunk
                elif size > limit * _DISCARDED:
                    break
    except TimeoutError:
        raise DecodeError(
            f"only {size:,} bytes of the body came within {seconds:g} s",
            where="request",
            next_step="send the whole body at once",
        ) from None
    if max(size, declared) > limit:
        raise _too_large(f"the body has more than {limit:,} bytes", limit, smaller)
    return bytes(body)


def _too_large(what: str, limit: int, smaller: str) -> BodyTooLarge:
    return BodyTooLarge(what, where="request", next_step=f"{smaller}, of at most {limit:,} bytes")
