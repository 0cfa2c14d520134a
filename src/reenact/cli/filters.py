"""The flags by which sessions and traces are found, the same for every verb that lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from reenact.cli import times
from reenact.domain.selection import Filter
from reenact.errors import UsageError


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class TalkFlags:
    """What must hold of a session or trace; all that are given together."""

    since: str | None = None
    """Started at or after: 2h, 3d, yesterday, tuesday, 2026-11-24, 2026-11-24T18:30Z (UTC)."""
    until: str | None = None
    """Started before; a day is included as a whole."""
    text: str | None = None
    """Words that the user or the agent said; case does not matter."""
    tool: str | None = None
    """A tool that was called."""
    user: str | None = None
    """The user's id."""
    error: Annotated[bool | None, Parameter(negative="--no-error")] = None
    """Only those in which something failed (--no-error: nothing did)."""
    agent_version: str | None = None
    """The agent's version as its telemetry gives it."""
    model: str | None = None
    """A model that was asked for."""
    tag: str | None = None
    """A tag of the session."""
    where: Annotated[tuple[str, ...], Parameter(negative=())] = ()
    """Metadata, as key=value; may be given several times."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class FilterFlags(TalkFlags):
    """The same, and the agent, for verbs whose `--agent` is not the agent under test."""

    agent: str | None = None
    """The agent's name."""


def filter_of(flags: TalkFlags | None, *, now: datetime | None = None) -> Filter:
    """Return the filter that `flags` ask for.

    Raises:
        UsageError: for a time that is none, or a span of time that ends before it begins.
    """
    given = flags or TalkFlags()
    now = now or datetime.now(UTC)
    since = times.since(given.since, now=now) if given.since else None
    until = times.until(given.until, now=now) if given.until else None
    if since and until and until <= since:
        raise UsageError(
            f"nothing can start before {times.shown_time(until)} "
            f"and not before {times.shown_time(since)}",
            where="--since, --until",
            next_step="exchange the two",
        )
    return Filter(
        since=since,
        until=until,
        text=given.text,
        tool=given.tool,
        user=given.user,
        error=given.error,
        agent=given.agent if isinstance(given, FilterFlags) else None,
        agent_version=given.agent_version,
        model=given.model,
        tag=given.tag,
        labels=tuple(map(_label, given.where)),
    )


def _label(text: str) -> str:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(
            f"{text[:60]!r} is not a key and a value",
            where="--where",
            next_step="write --where plan=gold",
        )
    return f"{key.strip()}={value}"
