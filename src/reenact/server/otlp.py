"""Exports over HTTP: OTLP's signals, and the OpenAI Agents SDK's own. 200 only when durable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import ClientDisconnect

from reenact.capture.otlp import JSON_TYPES, PATHS, PROTOBUF_TYPES, Signal
from reenact.capture.parallel import PostRead
from reenact.errors import (
    BodyTooLarge,
    DecodeError,
    Forbidden,
    Overloaded,
    ReenactError,
    StoreError,
)
from reenact.listening.bodies import read_body
from reenact.server import answers
from reenact.server.api import PREFIX
from reenact.server.api.callers import caller_of
from reenact.server.receiver import Receiver
from reenact.server.refusing import refusal_of

ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip"})


class _Prefix(Convertor[str]):
    """What stands before a signal's path, but our own API: its lists are called traces too."""

    regex = f"(?!{PREFIX[1:]}/).*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("product", _Prefix())


def router(receiver: Receiver) -> APIRouter:
    """Return the routes that take exports into `receiver`.

    A signal is known by how the path ends: many products put a path of their own before it, so
    that an exporter made for one of them only changes its endpoint.
    """
    routes = APIRouter()
    for signal, end in PATHS.items():
        for path in (end, f"/{{prefix:product}}{end}"):
            # A plain route: the body is read by hand, bounded, before anything looks at it.
            routes.add_route(path, _export(receiver, signal), methods=["POST"])
    return routes


def _export(receiver: Receiver, signal: Signal) -> Callable[[Request], Awaitable[Response]]:
    async def export(request: Request) -> Response:
        try:
            post = await _taken(request, receiver, signal)
        except Forbidden as error:
            return refusal_of(request, error)
        except ClientDisconnect:
            return answers.failure(request, 400, "the client left before the body had come")
        except (DecodeError, StoreError) as error:
            receiver.meters.refused(signal, error)
            return _refusal(request, error)
        return answers.success(request, signal, post)

    return export


async def _taken(request: Request, receiver: Receiver, signal: Signal) -> PostRead:
    who = caller_of(request)
    who.must("ingest")
    kind, encoding = _form(request)
    body = await read_body(request, limit=receiver.limits.body_bytes)
    return await receiver.take(
        body,
        signal=signal,
        content_type=kind,
        content_encoding=encoding,
        project=who.project,
    )


def _refusal(request: Request, error: ReenactError) -> Response:
    said = error.render()
    if isinstance(error, _WrongType):
        return answers.failure(request, 415, said)
    if isinstance(error, BodyTooLarge):
        # The rest of the body is not read, so the connection cannot be used again.
        return answers.failure(request, 413, said, headers={"connection": "close"})
    if isinstance(error, DecodeError):
        return answers.failure(request, 400, said)
    later = {"retry-after": str(answers.RETRY_AFTER_S)}
    status = 429 if isinstance(error, Overloaded) else 503
    return answers.failure(request, status, said, headers=later)


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
