"""Dialects: one reader a semantic convention, tried in order, the generic one last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from reenact.capture.reading import Dialect, Reading
from reenact.domain.span import Span
from reenact.errors import UsageError


@cache
def dialects() -> tuple[Dialect, ...]:
    """Return all dialects in the order in which they are tried."""
    from reenact.capture import items
    from reenact.capture.dialects import (
        genai,
        generic,
        google_adk,
        langfuse,
        langsmith,
        litellm,
        livekit,
        llamaindex,
        openai_agents,
        openinference,
        pipecat,
        pydantic_ai,
        smolagents,
        strands,
        traceai,
        traceloop,
        vercel,
    )

    return (
        items.DIALECT,
        openai_agents.DIALECT,
        vercel.DIALECT,
        google_adk.DIALECT,
        livekit.DIALECT,
        pipecat.DIALECT,
        strands.DIALECT,
        langfuse.DIALECT,
        litellm.DIALECT,
        langsmith.DIALECT,
        traceloop.DIALECT,
        pydantic_ai.DIALECT,
        traceai.DIALECT,
        smolagents.DIALECT,
        llamaindex.DIALECT,
        openinference.DIALECT,
        genai.DIALECT,
        generic.DIALECT,
    )


def read(span: Span, *, brief: bool = False, among: Sequence[Dialect] | None = None) -> Reading:
    """Return the facts of `span` by the first dialect `among` all, or others, that claims it.

    `brief` leaves out what filters and lists do not need (see `Dialect`).
    """
    for dialect in dialects() if among is None else among:
        if not dialect.claims(span):
            continue
        try:
            return dialect.read(span, brief)
        except UsageError:
            # It says that it is an imported item and is none: it is read as any other span.
            continue
    raise AssertionError("the generic dialect claims every span")
