r"""What reaches the terminal: data on stdout, notes on stderr, and nothing that a capture made up.

Texts of a capture come from strangers. A control character in one could rewrite the screen, a
bidirectional mark could make a line read backwards: both are shown as escapes such as `\x1b`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # invisible and bidi marks
    "\ud800-\udfff]"  # halves of characters, which no stream can encode
)
_STDOUT, _STDERR = 1, 2
_PIPE_WIDTH = 400
"""Columns where there is no terminal: what is piped on must not lose its ends."""


def printable(text: str) -> str:
    """Return `text` with control characters and invisible marks written as escapes."""
    return _UNSAFE.sub(_escaped, text)


def shown(text: str) -> str:
    """Return `text` of a capture, fit to stand inside rich markup."""
    return escape(printable(text))


def one_line(text: str, width: int = 100) -> str:
    """Return `text` on one line of at most `width` characters, fit to print."""
    flat = printable(" ".join(text.split()))
    return flat if len(flat) <= width else flat[: width - 1] + "…"


class TerminalConsole(Console):
    """A rich console that lets no control character out but those it makes itself."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of `renderable`, their texts made printable."""
        for segment in super().render(renderable, options):
            if segment.control or not _UNSAFE.search(segment.text):
                yield segment
            else:
                yield Segment(printable(segment.text), segment.style)


def data() -> Console:
    """Return the console for what a command answers (stdout)."""
    return _console(sys.stdout)


def notes() -> Console:
    """Return the console for progress, hints and errors (stderr)."""
    return _console(sys.stderr)


@contextmanager
def agents_words_apart() -> Iterator[None]:
    """Send what the agent prints to stderr, its own libraries and processes included.

    What a command answers on stdout must have nothing in front of it.
    """
    sys.stdout.flush()
    try:
        kept = os.dup(_STDOUT)
    except OSError:  # there is no stdout: nothing to keep apart
        yield
        return
    try:
        os.dup2(_STDERR, _STDOUT)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)


def print_json(value: Any, *, kind: Any = None) -> None:
    """Print `value` as indented JSON; with the `kind` of a domain type through the codec."""
    from reenact import codec

    text = codec.to_json(value, kind=kind or type(value), indent=2).decode()
    sys.stdout.write(json_text(text) + "\n")


def json_text(text: str) -> str:
    """Return JSON text with unsafe characters as JSON escapes: the same data, harmless to show."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _console(stream: IO[str]) -> Console:
    width = None if stream.isatty() else _PIPE_WIDTH
    # No emoji codes: `shop:x:` in a text or a target is not a picture.
    return TerminalConsole(file=stream, width=width, highlight=False, soft_wrap=False, emoji=False)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
