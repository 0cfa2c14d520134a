"""What the engineer picked: filters over sessions and traces, and the replay session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

ReplayType = Literal["session", "trace"]
ReplayStep = Literal["init", "generating", "completed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which sessions or traces; every field that is given must hold."""

    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    """Words that the user or the agent said (case does not matter)."""
    tool: str | None = None
    user: str | None = None
    error: bool | None = None
    agent: str | None = None
    agent_version: str | None = None
    model: str | None = None
    tag: str | None = None
    labels: tuple[str, ...] = ()
    """Metadata that must be there, each as `key=value`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is kept of a project's production data; the rest is deleted, whole sessions at a time.

    A session is touched only once nothing has come for `quiet`, so that none is cut in half.
    """

    keep: timedelta | None = None
    """How long a session is kept after its last span; None for ever."""
    share: float = 1.0
    """The share of sessions that is kept, drawn by session id; those with errors always are."""
    quiet: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSummary:
    """A project with how much it holds; production spans only."""

    id: str
    sessions: int
    traces: int
    spans: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """A row in a list of sessions (or of traces: then `session_id` may be None)."""

    id: str
    """`sess:<session id>` or `trace:<trace id>`."""
    project: str
    session_id: str | None
    trace_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    agent_name: str | None
    agent_version: str | None
    started_at: datetime
    ended_at: datetime
    spans: int
    tools: tuple[str, ...]
    errors: int
    first_user_text: str | None
    last_assistant_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySession:
    """A selection on its way to a scenario. Frozen to recording hashes when made."""

    id: str
    project_id: str
    replay_type: ReplayType
    ids: tuple[str, ...]
    """Session ids or trace ids as selected; with `select_all` those that matched."""
    select_all: bool = False
    filter: Filter | None = None
    exclude_ids: tuple[str, ...] = ()
    step: ReplayStep = "init"
    reason: str | None = None
    """Why it failed; None otherwise."""
    recordings: tuple[str, ...] = ()
    """The recordings' hashes, in the order of `ids`."""
    agent_id: str | None = None
    agent_version: int | None = None
    scenario_id: str | None = None
    run_test_id: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSummary:
    """A user of the agent, as production traces name them."""

    user_id: str
    sessions: int
    traces: int
    errors: int
    """Spans that failed."""
    first_at: datetime
    """When the first of their traces began."""
    last_at: datetime
    """When the last span of their traces ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What filters can choose from in a project: values by name, a bounded number of each."""

    tools: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    agent_versions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
