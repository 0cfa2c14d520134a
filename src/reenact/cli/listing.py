"""`reenact projects`, `sessions` and `traces`: what has been captured, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.table import Table
from rich.text import Text

from reenact.cli import console
from reenact.cli.desk import opened
from reenact.cli.filters import FilterFlags, filter_of
from reenact.cli.finding import known_project
from reenact.cli.tables import clipped, table_of
from reenact.cli.times import shown_minute
from reenact.domain.selection import Filter, ProjectSummary, SessionSummary
from reenact.errors import UsageError

_SHOWN = 50


def projects(*, json: bool = False) -> None:
    """List the projects, with how much each holds.

    Args:
        json: Print JSON.
    """
    with opened() as desk:
        found = desk.spans.projects()
    if json:
        console.print_json({"projects": list(found)}, kind=dict[str, list[ProjectSummary]])
        return
    if not found:
        console.notes().print("nothing has been captured yet: reenact import FOLDER, reenact serve")
        return
    table = table_of(
        "project", "sessions", "traces", "spans", "first (UTC)", "last (UTC)", right="1 2 3"
    )
    for summary in found:
        table.add_row(
            Text(console.printable(summary.id)),
            f"{summary.sessions:,}",
            f"{summary.traces:,}",
            f"{summary.spans:,}",
            shown_minute(summary.first_at),
            shown_minute(summary.last_at),
        )
    console.data().print(table)


def sessions(
    *,
    project: str | None = None,
    filters: FilterFlags | None = None,
    limit: int = _SHOWN,
    json: bool = False,
) -> None:
    """Find sessions, newest first.

    Args:
        project: The project; not needed where there is only one.
        filters: What must hold.
        limit: How many to list; 0 for all.
        json: Print JSON.
    """
    _list("sessions", project, filter_of(filters), limit=limit, json=json)


def traces(
    *,
    project: str | None = None,
    filters: FilterFlags | None = None,
    limit: int = _SHOWN,
    json: bool = False,
) -> None:
    """Find traces, newest first, whether or not they name a session.

    Args:
        project: The project; not needed where there is only one.
        filters: What must hold.
        limit: How many to list; 0 for all.
        json: Print JSON.
    """
    _list("traces", project, filter_of(filters), limit=limit, json=json)


def _list(
    noun: Literal["sessions", "traces"],
    project: str | None,
    filter: Filter,
    *,
    limit: int,
    json: bool,
) -> None:
    if limit < 0:
        raise UsageError(f"{limit} is not a number of {noun}", where="--limit")
    with opened() as desk:
        store = desk.spans
        name = known_project(store, project)
        if noun == "sessions":
            total = store.count_sessions(name, filter)
            found = store.sessions(name, filter, limit=limit or None)
        else:
            total = store.count_traces(name, filter)
            found = store.traces(name, filter, limit=limit or None)
    if json:
        _print_json(noun, name, total, found)
        return
    if found:
        console.data().print(_summaries(found))
    _count(noun, name, total, len(found), filter)


def _print_json(noun: str, project: str, total: int, found: Sequence[SessionSummary]) -> None:
    from reenact import codec

    listed = codec.to_data(list(found), kind=list[SessionSummary])
    console.print_json({"project": project, "total": total, noun: listed})


def _summaries(found: Sequence[SessionSummary]) -> Table:
    names = ("id", "started (UTC)", "user", "tools", "errors", "first words")
    table = table_of(*names, right="4", whole=2)
    for summary in found:
        table.add_row(
            Text(console.printable(summary.id)),
            shown_minute(summary.started_at),
            clipped(", ".join(summary.user_ids) or "-", 40),
            clipped(", ".join(summary.tools) or "-", 60),
            Text(str(summary.errors), style="red") if summary.errors else "0",
            clipped(summary.first_user_text or "-", 80),
        )
    return table


def _count(noun: str, project: str, total: int, listed: int, filter: Filter) -> None:
    notes = console.notes()
    one = total == 1
    matching = (" matches" if one else " match") if filter != Filter() else ""
    shown = f"{listed:,} of {total:,}" if listed < total else f"{total:,}"
    named = noun.removesuffix("s") if one else noun
    notes.print(f"{shown} {named}{matching} in {console.shown(project)}", style="dim")
    if listed < total:
        notes.print("--limit 0 lists all", style="dim")
    elif listed and noun == "sessions":
        notes.print("read one: reenact show ID", style="dim")
    elif not total and noun == "sessions" and not matching:
        notes.print("no span names a session here: reenact traces, reenact conversations")
