"""`POST /v1/traces`: OTLP over HTTP. 200 is said only of spans that are durable."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from reenact.capture.limits import Limits
from reenact.capture.otlp import JSON_TYPES, PROTOBUF_TYPES, Decoded, decode
from reenact.errors import BodyTooLarge, DecodeError, StoreError
from reenact.server import answers
from reenact.server.bodies import read_body
from reenact.server.inbox import Inbox

PATHS = ("/v1/traces", "/{prefix:path}/v1/traces")
"""Some exporters put the path of their own product before it."""
ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip"})
_DECODED_AT_ONCE = 4
"""An inflated body may be large: few are held in memory at the same time."""


def router(inbox: Inbox, *, limits: Limits) -> APIRouter:
    """Return the routes that take traces into `inbox`."""
    routes = APIRouter()
    decoding = asyncio.Semaphore(_DECODED_AT_ONCE)

    async def export(request: Request) -> Response:
        return await _answered(request, inbox, limits=limits, decoding=decoding)

    for path in PATHS:
        # A plain route: the body is read by hand, bounded, before anything looks at it.
        routes.add_route(path, export, methods=["POST"])
    return routes


async def _answered(
    request: Request, inbox: Inbox, *, limits: Limits, decoding: asyncio.Semaphore
) -> Response:
    try:
        decoded = await _taken(request, inbox, limits=limits, decoding=decoding)
    except _WrongType as error:
        return answers.failure(request, 415, error.render())
    except BodyTooLarge as error:
        # The rest of the body is not read, so the connection cannot be used again.
        return answers.failure(request, 413, error.render(), headers={"connection": "close"})
    except DecodeError as error:
        return answers.failure(request, 400, error.render())
    except StoreError as error:
        later = {"retry-after": str(answers.RETRY_AFTER_S)}
        return answers.failure(request, 503, error.render(), headers=later)
    except ClientDisconnect:
        return answers.failure(request, 400, "the client left before the body had come")
    return answers.success(request, decoded)


async def _taken(
    request: Request, inbox: Inbox, *, limits: Limits, decoding: asyncio.Semaphore
) -> Decoded:
    kind, encoding = _form(request)
    async with decoding:
        body = await read_body(request, limit=limits.body_bytes)
        decoded = await asyncio.to_thread(
            decode, body, content_type=kind, content_encoding=encoding, limits=limits
        )
    await inbox.put(decoded.spans)
    return decoded


def _form(request: Request) -> tuple[str, str]:
    """Return content type and encoding, before a byte of the body is read."""
    kind = answers.media_type(request)
    if kind not in PROTOBUF_TYPES | JSON_TYPES:
        raise _WrongType(
            f"content type {kind[:80]!r} is not OTLP" if kind else "no content type is named",
            where="content-type",
            next_step=f"send {answers.PROTOBUF} or {answers.JSON}",
        )
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise _WrongType(
            f"content encoding {encoding[:40]!r} is not supported",
            where="content-encoding",
            next_step="send gzip, or no content encoding",
        )
    return kind, encoding or "identity"


class _WrongType(DecodeError):
    """Raised for a content type or encoding that is none of OTLP's."""
