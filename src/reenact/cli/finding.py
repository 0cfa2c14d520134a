"""From what a person types to a project and a conversation; near matches where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from reenact.cli.console import printable
from reenact.cli.desk import Desk, Spans, Talks
from reenact.domain.recording import Recording
from reenact.errors import UnknownId, UsageError

_LOOKED_THROUGH = 5_000
"""How many newest sessions and traces near matches are sought among."""
_NOTHING_YET = "reenact import FOLDER --project NAME, or: reenact serve"


def known_project(store: Spans, project: str | None) -> str:
    """Return `project` if it is there; the only one there is where none is named.

    Raises:
        UsageError: when it is unknown, or has to be named.
    """
    projects = [summary.id for summary in store.projects()]
    if project in projects:
        return project
    if not projects:
        raise UsageError("nothing has been captured yet", next_step=_NOTHING_YET)
    if project is not None:
        raise UnknownId("project", [project], next_step=_near(project, projects, "projects"))
    if len(projects) > 1:
        names = ", ".join(printable(name) for name in projects[:20])
        raise UsageError(f"there are {len(projects)} projects: {names}", next_step="--project NAME")
    return projects[0]


def find_conversation(desk: Desk, id: str, *, project: str | None) -> Recording:
    """Return the conversation that `id` names: a session or trace id, bare or with its prefix.

    Where no project is named, all are looked through.

    Raises:
        UsageError: when it is in several projects.
        UnknownId: when it is in none, with near matches.
    """
    store = desk.spans
    if project is not None:
        candidates = [known_project(store, project)]
    else:
        candidates = [summary.id for summary in store.projects()]
    if not candidates:
        raise UsageError("nothing has been captured yet", next_step=_NOTHING_YET)
    found = [(name, _in_project(desk.conversations, name, id)) for name in candidates]
    held = [(name, recording) for name, recording in found if recording is not None]
    if len(held) > 1:
        names = ", ".join(printable(name) for name, _ in held)
        raise UsageError(
            f"{printable(id)} is in {len(held)} projects: {names}", next_step="--project NAME"
        )
    if not held:
        raise _unknown(store, id, candidates)
    recording = held[0][1]
    assert recording is not None  # noqa: S101 (filtered above)
    return recording


def _in_project(conversations: Talks, project: str, id: str) -> Recording | None:
    kind, separator, _ = id.partition(":")
    named = separator and kind in ("sess", "trace")
    for full in (id,) if named else (f"sess:{id}", f"trace:{id}"):
        try:
            return conversations.get(project, full)
        except UnknownId:
            continue
    return None


def _unknown(store: Spans, id: str, projects: Sequence[str]) -> UnknownId:
    known: list[str] = []
    for project in projects:
        known += [s.id for s in store.sessions(project, limit=_LOOKED_THROUGH)]
        known += [s.id for s in store.traces(project, limit=_LOOKED_THROUGH)]
    noun = "session or trace"
    where = f" --project {projects[0]}" if len(projects) == 1 else ""
    bare = {name.partition(":")[2]: name for name in reversed(known)}
    wanted = id.partition(":")[2] if id.startswith(("sess:", "trace:")) else id
    return UnknownId(
        noun, [printable(id)], next_step=_near(wanted, bare, f"sessions{where}", shown=bare)
    )


def _near(
    wanted: str, known: Iterable[str], verb: str, *, shown: dict[str, str] | None = None
) -> str:
    names = list(known)
    near = [name for name in names if wanted and name.startswith(wanted)][:3]
    near = near or get_close_matches(wanted, names, n=3, cutoff=0.6)
    listed = ", ".join(printable((shown or {}).get(name, name)) for name in near)
    return f"did you mean {listed}?" if listed else f"reenact {verb} lists what is there"
