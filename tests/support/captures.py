"""The shared captures, decoded post by post."""

from __future__ import annotations

from pathlib import Path

from reenact.capture.captured import NotTraces, captured_files, posts_in
from reenact.capture.importing import FILE_LIMITS
from reenact.capture.otlp import decode
from reenact.domain.span import Span


def posts_of(folder: Path) -> list[tuple[Span, ...]]:
    """Return the spans of each post of a capture, in the order in which they came."""
    posts: list[tuple[Span, ...]] = []
    for captured in captured_files(folder / "wire"):
        try:
            bodies = posts_in(captured, lone=False, limits=FILE_LIMITS)
        except NotTraces:
            continue
        for post in bodies:
            decoded = decode(
                post.body,
                content_type=post.content_type,
                content_encoding=post.content_encoding,
            )
            posts.append(decoded.spans)
    return posts


def spans_of_capture(folder: Path) -> list[Span]:
    """Return all spans of a capture."""
    return [span for post in posts_of(folder) for span in post]
