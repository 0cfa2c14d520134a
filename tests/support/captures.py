"""The shared captures, decoded post by post."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from reenact.capture.captured import NotTraces, captured_files, posts_in
from reenact.capture.importing import FILE_LIMITS
from reenact.capture.limits import Decoded
from reenact.capture.otlp import decode
from reenact.domain.span import Span, SpanEvent


def posts_of(folder: Path) -> list[Decoded]:
    """Return what each post of a capture holds, in the order in which they came."""
    posts: list[Decoded] = []
    for captured in captured_files(folder / "wire"):
        try:
            bodies = posts_in(captured, lone=False, limits=FILE_LIMITS)
        except NotTraces:
            continue
        posts.extend(
            decode(
                post.body,
                content_type=post.content_type,
                content_encoding=post.content_encoding,
                signal=post.signal,
            )
            for post in bodies
        )
    return posts


def spans_of_capture(folder: Path) -> list[Span]:
    """Return all spans of a capture, each with its log records."""
    posts = posts_of(folder)
    logs: dict[tuple[str, str], list[SpanEvent]] = {}
    for record in (record for post in posts for record in post.logs):
        logs.setdefault((record.trace_id, record.span_id), []).append(record.event)
    return [
        replace(span, logs=tuple(sorted(own, key=lambda event: event.time_ns)))
        if (own := logs.get((span.trace_id, span.span_id)))
        else span
        for post in posts
        for span in post.spans
    ]
