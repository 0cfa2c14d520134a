"""From ids or a filter to recordings. An unknown id is an error, never skipped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from reenact.domain.recording import Recording
from reenact.domain.selection import Filter, ReplayType, SessionSummary
from reenact.errors import UnknownId, UsageError


class Listing(Protocol):
    """Where sessions and traces are listed."""

    def sessions(self, project: str, filter: Filter) -> Sequence[SessionSummary]:
        """Return the sessions of `project` that match, newest first."""

    def traces(self, project: str, filter: Filter) -> Sequence[SessionSummary]:
        """Return the traces of `project` that match, newest first."""


class Library(Protocol):
    """Where conversations are found by id."""

    def get(self, project: str, id: str) -> Recording:
        """Return the conversation `sess:<session id>` or `trace:<trace id>`, or UnknownId."""

    def trace(self, project: str, trace_id: str) -> Recording:
        """Return one trace alone as a conversation, or UnknownId."""


def select(
    library: Library,
    *,
    listing: Listing,
    project: str,
    replay_type: ReplayType,
    ids: Sequence[str] = (),
    select_all: bool = False,
    filter: Filter | None = None,
    exclude_ids: Collection[str] = (),
) -> tuple[Recording, ...]:
    """Return the recordings of the chosen sessions or traces, in the order chosen.

    Ids are session or trace ids, with or without their `sess:` or `trace:`. With `select_all`
    everything that matches `filter` is taken, newest first, but for `exclude_ids`.

    Raises:
        UsageError: when nothing is named, both are, or nothing matches.
        UnknownId: naming every id that is not in the project.
    """
    if bool(ids) == select_all:
        raise UsageError(
            "name ids or take all, one of the two",
            next_step="--session ID (or --trace ID) as often as needed, or --all with filters",
        )
    if ids and (exclude_ids or filter not in (None, Filter())):
        raise UsageError(
            "filters and exclusions narrow --all, but ids were named",
            next_step="leave them out, or take all",
        )
    if select_all:
        ids = _all_ids(listing, project, replay_type, filter or Filter(), frozenset(exclude_ids))
    found: dict[str, Recording] = {}
    unknown: list[str] = []
    one_name = {_full(id, replay_type): id for id in reversed(ids)}
    for id in reversed(one_name.values()):
        try:
            found[id] = _find(library, project, replay_type, id)
        except UnknownId:
            unknown.append(id)  # all of them are named together
    if unknown:
        noun = f"{replay_type} in project {project}"
        raise UnknownId(noun, unknown, next_step=f"reenact {replay_type}s --project {project}")
    return tuple(found.values())


def _all_ids(
    listing: Listing,
    project: str,
    replay_type: ReplayType,
    filter: Filter,
    excluded: frozenset[str],
) -> tuple[str, ...]:
    listed = listing.sessions if replay_type == "session" else listing.traces
    if excluded:
        known = {name for s in listed(project, Filter()) for name in (s.id, s.id.partition(":")[2])}
        if unknown := sorted(excluded - known):
            raise UnknownId(f"{replay_type} to exclude in project {project}", unknown)
    matching = listed(project, filter)
    chosen = tuple(s.id for s in matching if not {s.id, s.id.partition(":")[2]} & excluded)
    if not chosen:
        raise UsageError(
            f"no {replay_type} of project {project} matches",
            next_step=f"reenact {replay_type}s --project {project} lists what is there",
        )
    return chosen


def _full(id: str, replay_type: ReplayType) -> str:
    """Return `id` with its kind before it, so that one conversation has one name."""
    if id.startswith(("trace:", "sess:")):
        return id
    return f"trace:{id}" if replay_type == "trace" else f"sess:{id}"


def _find(library: Library, project: str, replay_type: ReplayType, id: str) -> Recording:
    if replay_type == "trace":
        return library.trace(project, id.removeprefix("trace:"))
    if id.startswith("trace:"):
        return library.get(project, id)
    return library.get(project, id if id.startswith("sess:") else f"sess:{id}")
