"""What goes to the helper and comes back: msgpack behind its length."""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

from reenact.capture.captured import Post
from reenact.capture.ingest import readied
from reenact.capture.limits import Limits
from reenact.capture.otlp import decode
from reenact.domain.span import LogRecord, StoredSpan
from reenact.errors import DecodeError

_LENGTH = struct.Struct(">Q")


class Order(msgspec.Struct, frozen=True, array_like=True):
    """Told first: how posts are to be read."""

    project: str | None
    limits: Limits


class PostRead(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What a post held, ready to be stored."""

    spans: list[StoredSpan] = []
    logs: list[LogRecord] = []
    ignored: int = 0
    """Log records and points of metrics that say nothing of a model call: well, not kept."""
    rejected: int = 0
    reasons: tuple[str, ...] = ()
    """The first reasons; equal ones once."""
    refused: str | None = None
    """Why the post as a whole could not be read."""
    size: int = 0
    """Bytes of the body, inflated."""
    project: str | None = None
    """The project that all of it goes to; None where its resource says."""


def read_post(post: Post, order: Order) -> PostRead:
    """As `decoded_post`, but with what is wrong with the post as a whole in `refused`."""
    try:
        return decoded_post(post, order)
    except DecodeError as error:
        return PostRead(refused=error.what)


def decoded_post(post: Post, order: Order) -> PostRead:
    """Decode `post` and find the facts of its spans.

    Raises:
        DecodeError: nothing of it can be read, or it is beyond the limits.
    """
    project = post.project or order.project
    decoded = decode(
        post.body,
        content_type=post.content_type,
        content_encoding=post.content_encoding,
        signal=post.signal,
        limits=order.limits,
        where=post.where,
    )
    return PostRead(
        spans=list(readied(decoded.spans, project)),
        logs=list(decoded.logs),
        ignored=decoded.ignored,
        rejected=decoded.rejected,
        reasons=decoded.reasons,
        size=decoded.size,
        project=project,
    )


def write_frame(to: BinaryIO, content: bytes) -> None:
    """Write `content` behind its length."""
    to.write(_LENGTH.pack(len(content)))
    to.write(content)
    to.flush()


def read_frame(source: BinaryIO) -> bytes | None:
    """Return the next frame; None where the other side has ended, in the middle of one or not."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = source.read(length)
    return content if len(content) == length else None
