"""`reenact fetch`: traces out of another tool's API into the store."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from reenact.cli import console, times
from reenact.cli.taken import counted, print_next, print_taken
from reenact.errors import SourceFailed, UsageError
from reenact.runs.workspace import Workspace

if TYPE_CHECKING:
    from rich.status import Status

    from reenact.capture.fetching.fetch import Far, FetchReport


def fetch(
    source: Annotated[
        Literal["langfuse", "langsmith", "phoenix", "mlflow", "vapi", "retell"],
        Parameter(name="SOURCE"),
    ],
    *,
    project: str,
    url: str | None = None,
    from_project: str | None = None,
    since: str | None = None,
    limit: int | None = None,
    restart: bool = False,
    insecure: bool = False,
    verbose: bool = False,
    json: bool = False,
) -> int:
    """Fetch traces from another tool's API. Running it again goes on and doubles nothing.

    Keys are read from the environment, under the names that the tool's own library reads.

    Args:
        source: Where the traces are.
        project: The project to put them in.
        url: The tool's address; what its library's variable says by default, the service's own
            for Vapi and Retell.
        from_project: What to fetch from: the project; the experiment of MLflow; the id of the
            assistant of Vapi or the agent of Retell, all of them by default.
        since: How far back the first fetch reaches: 7d, 2026-11-24; everything by default.
        limit: Stop after the page with which so many spans have come; the next fetch goes on.
        restart: Forget how far earlier fetches came, and read everything again.
        insecure: Allow http to another machine.
        verbose: List everything that was rejected.
        json: Print JSON.
    """
    from reenact.capture.fetching.access import access_to
    from reenact.capture.fetching.client import Client
    from reenact.capture.fetching.fetch import fetch as fetch_all
    from reenact.capture.fetching.httpx_transport import HttpxTransport
    from reenact.capture.fetching.progress import FileMemory
    from reenact.capture.fetching.sources import source_of

    if limit is not None and limit < 1:
        raise UsageError(f"{limit} is no number of spans", where="--limit", next_step="1 or more")
    first = None if since is None else _nanoseconds(times.since(since, now=_now()))
    access = access_to(source, os.environ, url=url, insecure=insecure)
    told = _Told(source)
    try:
        with (
            Workspace() as workspace,
            HttpxTransport(loopback=access.loopback) as transport,
            told.shown(),
        ):
            client = Client(transport, access, sleep=time.sleep, now=_now, on_wait=told.waiting)
            settings = workspace.settings
            where = (source, access.url, from_project or "", project, settings.spans_url)
            report = fetch_all(
                source_of(source, client, project=project, from_project=from_project),
                store=workspace.spans,
                project=project,
                memory=FileMemory(settings.home / "fetch", *where),
                now=time.time_ns,
                since=first,
                limit=limit,
                restart=restart,
                replays_among=workspace.journal.replays_among,
                on_page=told.page,
            )
    except (SourceFailed, KeyboardInterrupt):
        told.stopped()
        raise
    if json:
        console.print_json(report)
    else:
        _print(report, verbose=verbose)
    return 0


class _Told:
    """The line that says how far a fetch is."""

    def __init__(self, source: str) -> None:
        self._head = f"fetching from {source}"
        self._far = ""
        self._status: Status | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the line, where there is a terminal."""
        with console.notes().status(self._head) as self._status:
            yield

    def page(self, far: Far) -> None:
        """Show how many pages and spans have come."""
        self._far = f"{counted(far.pages, 'page')}, {counted(far.spans, 'span')}, {far.new:,} new"
        self._update("")

    def waiting(self, seconds: float, why: str) -> None:
        """Show for what and how long it waits."""
        self._update(console.shown(f"; waiting {seconds:,.0f} s: {why}"))

    def stopped(self) -> None:
        """Say what came before it had to stop: it is stored."""
        if self._far:
            console.notes().print(f"stored so far: {self._far}", style="dim")

    def _update(self, more: str) -> None:
        if self._status is not None:
            far = f": {self._far}" if self._far else ""
            self._status.update(f"{self._head}{far}{more}")


def _print(report: FetchReport, *, verbose: bool) -> None:
    out = console.data()
    out.print(f"{counted(report.pages, 'page')} read")
    if not report.taken and not report.duplicates:
        out.print("nothing new")
    print_taken(report, verbose=verbose)
    if report.left:
        out.print(f"{counted(report.left, 'record')} not complete yet, left for a later fetch")
    if not report.complete:
        out.print("stopped at --limit: the same command goes on there", style="yellow")
    print_next(report)


def _now() -> datetime:
    return datetime.now(UTC)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9
