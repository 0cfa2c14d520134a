"""From ids or a filter to recordings. An unknown id is an error, never skipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from reenact.domain.recording import Recording
from reenact.domain.selection import Filter, ReplayType, SessionSummary
from reenact.errors import UnknownId, UsageError


class Library(Protocol):
    """Where conversations are found."""

    def sessions(self, project: str, filter: Filter) -> Sequence[SessionSummary]:
        """Return the sessions of `project` that match, newest first."""

    def traces(self, project: str, filter: Filter) -> Sequence[SessionSummary]:
        """Return the traces of `project` that match, newest first."""

    def get(self, project: str, id: str) -> Recording | None:
        """Return the conversation `sess:<session id>` or `trace:<trace id>`, if it is there."""

    def trace(self, project: str, trace_id: str) -> Recording | None:
        """Return one trace alone as a conversation, if it is there."""


def select(
    library: Library,
    *,
    project: str,
    replay_type: ReplayType,
    ids: Sequence[str] = (),
    select_all: bool = False,
    filter: Filter | None = None,
    exclude_ids: Iterable[str] = (),
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
    if select_all:
        ids = _all_ids(library, project, replay_type, filter or Filter(), frozenset(exclude_ids))
    unique = tuple(dict.fromkeys(ids))
    found = {id: _find(library, project, replay_type, id) for id in unique}
    unknown = [id for id, recording in found.items() if recording is None]
    if unknown:
        noun = f"{replay_type} in project {project}"
        raise UnknownId(noun, unknown, next_step=f"reenact {replay_type}s --project {project}")
    return tuple(recording for recording in found.values() if recording is not None)


def _all_ids(
    library: Library,
    project: str,
    replay_type: ReplayType,
    filter: Filter,
    excluded: frozenset[str],
) -> tuple[str, ...]:
    listed = library.sessions if replay_type == "session" else library.traces
    matching = listed(project, filter)
    chosen = tuple(s.id for s in matching if not {s.id, s.id.partition(":")[2]} & excluded)
    if not chosen:
        raise UsageError(
            f"no {replay_type} of project {project} matches",
            next_step=f"reenact {replay_type}s --project {project} lists what is there",
        )
    return chosen


def _find(library: Library, project: str, replay_type: ReplayType, id: str) -> Recording | None:
    if replay_type == "trace":
        return library.trace(project, id.removeprefix("trace:"))
    if id.startswith("trace:"):
        return library.get(project, id)
    return library.get(project, id if id.startswith("sess:") else f"sess:{id}")
