"""Dialects: one reader a semantic convention, tried in order, the generic one last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from msgspec import structs

from reenact.capture.reading import Dialect, Reading
from reenact.domain.fidelity import AxisName
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
        mlflow,
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
        mlflow.DIALECT,
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
            found = dialect.read(span, brief)
        except UsageError:
            # It says that it is an imported item and is none: it is read as any other span.
            continue
        return found if brief or dialect.content is None else _explained(found, dialect.content)
    raise AssertionError("the generic dialect claims every span")


def _explained(reading: Reading, content: str) -> Reading:
    """Return a model call that holds no words with what to do about it, by axis of fidelity."""
    silent = reading.kind == "model" and not (reading.messages_in or reading.messages_out)
    if not silent or reading.phantom or reading.error is not None or reading.gaps:
        return reading
    return structs.replace(
        reading, gaps=dict.fromkeys(_OF_CONTENT, f"not in the telemetry: {content}")
    )


_OF_CONTENT: tuple[AxisName, ...] = (
    "user_turns", "assistant_text", "tool_calls", "tool_results", "system_prompt",
)  # fmt: skip
