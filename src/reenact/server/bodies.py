"""Request bodies, read with a bound on their size and on the time they take."""

from __future__ import annotations

import asyncio

from fastapi import Request

from reenact.errors import BodyTooLarge, DecodeError

READ_SECONDS = 30.0


async def read_body(request: Request, *, limit: int, seconds: float = READ_SECONDS) -> bytes:
    """Return the body of `request`, of at most `limit` bytes.

    Raises:
        BodyTooLarge: as soon as more is declared, or has come.
        DecodeError: when it is not there after `seconds`.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(f"a body of {int(declared):,} bytes is declared", limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(f"the body has more than {limit:,} bytes", limit)
    except TimeoutError:
        raise DecodeError(
            f"only {len(body):,} bytes of the body came within {seconds:g} s",
            where="request",
            next_step="send the whole body at once",
        ) from None
    return bytes(body)


def _too_large(what: str, limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        what,
        where="request",
        next_step=f"let the exporter send smaller batches, of at most {limit:,} bytes",
    )
