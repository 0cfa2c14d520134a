"""Captures to a server: every request body goes there as its exporter would have sent it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reenact.capture.captured import (
    Captured,
    NotTraces,
    Post,
    captured_files,
    format_of,
    posts_in,
)
from reenact.capture.importing import FILE_LIMITS, ImportFormat, Skipped
from reenact.capture.otlp import JSON_TYPES, PATHS
from reenact.errors import DecodeError, ServerFailed, UsageError
from reenact.remote.client import Server

_AGAIN = (429, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """What was sent, and what of it the server would not have."""

    files: int
    posts: int
    """Request bodies that are durable there now."""
    rejected: int
    """Spans and log records that the server could not read."""
    reasons: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def send_paths(server: Server, paths: Sequence[Path], *, format: ImportFormat) -> SendReport:
    """Send the captures of files and folders; what the server has already is not doubled.

    Raises:
        UsageError: a path that is not there, or a format that only `import` beside the store reads.
        ServerFailed: the server is not there, or takes no more for now.
    """
    sending = _Sending(server)
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path))
        kind = format_of(path) if format == "auto" else format
        if kind not in ("otlp", None):
            raise UsageError(
                f"{kind} is read where the store is: a server takes OpenTelemetry request bodies",
                where=str(path),
                next_step="run reenact import on the server's machine",
            )
        for file in captured_files(path):
            sending.file(file, lone=path.is_file())
    return sending.report()


class _Sending:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._files = self._posts = self._rejected = 0
        self._reasons: dict[str, None] = {}
        self._skipped: list[Skipped] = []

    def file(self, captured: Captured, *, lone: bool) -> None:
        """Send what one file holds."""
        try:
            posts = list(posts_in(captured, lone=lone, limits=FILE_LIMITS))
        except (NotTraces, DecodeError, OSError) as error:
            self._skipped.append(Skipped(path=str(captured.file), reason=str(error)))
            return
        self._files += 1
        for post in posts:
            self._post(post)

    def report(self) -> SendReport:
        """Return what became of all of it."""
        return SendReport(
            files=self._files,
            posts=self._posts,
            rejected=self._rejected,
            reasons=tuple(self._reasons),
            skipped=tuple(self._skipped),
        )

    def _post(self, post: Post) -> None:
        headers = {"content-type": post.content_type, "content-encoding": post.content_encoding}
        status, body = self._server.post(PATHS[post.signal], post.body, headers)
        if status in _AGAIN:
            raise ServerFailed(
                "the server takes no more for now",
                where=post.where,
                next_step="send the same again later: what it has is not doubled",
            )
        if status != 200:
            self._skipped.append(Skipped(path=post.where, reason=_said(body, post)))
            return
        self._posts += 1
        for count, reason in _partial(body, post):
            self._rejected += count
            self._reasons[reason] = None


def _partial(body: bytes, post: Post) -> Iterator[tuple[int, str]]:
    """Yield how much of a post the server rejected, and why."""
    if post.content_type.partition(";")[0] in JSON_TYPES:
        told = json.loads(body or b"{}").get("partialSuccess") or {}
        count = next((int(v) for k, v in told.items() if k.startswith("rejected")), 0)
        reason = str(told.get("errorMessage", ""))
    else:
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

        # The answers of all signals have the same fields under the same numbers.
        answer = trace_service_pb2.ExportTraceServiceResponse.FromString(body)
        count = answer.partial_success.rejected_spans
        reason = answer.partial_success.error_message
    if count:
        yield count, reason


def _said(body: bytes, post: Post) -> str:
    if post.content_type.partition(";")[0] in JSON_TYPES:
        try:
            return str(json.loads(body)["message"])
        except (ValueError, KeyError, TypeError):
            return "the server refused it"
    from google.protobuf.message import DecodeError as ProtobufError
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

    try:
        # A google.rpc.Status has its message where this one has it: in field 2.
        return str(trace_service_pb2.ExportTracePartialSuccess.FromString(body).error_message)
    except ProtobufError:
        return "the server refused it"
