"""What an agent in this process is told: where a replay serves its tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_MCP: ContextVar[str | None] = ContextVar("reenact_mcp_url", default=None)


def mcp_url(otherwise: str) -> str:
    """Return where this talk's tools are served while it is replayed, else `otherwise`.

    Ask when a talk begins, not at import: each talk of a replay has an address of its own.
    """
    return _MCP.get() or otherwise


@contextmanager
def telling(url: str) -> Iterator[None]:
    """Let `mcp_url` return `url` in this context."""
    token = _MCP.set(url)
    try:
        yield
    finally:
        _MCP.reset(token)
