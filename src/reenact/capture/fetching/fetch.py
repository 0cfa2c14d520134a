"""The fetch itself: page after page into the store, each remembered once it is on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from reenact.capture.fetching.client import AnswerTooLarge, Refused
from reenact.capture.fetching.pages import Page, Source
from reenact.capture.fetching.progress import Clock, Memory, Open, Progress
from reenact.capture.ingest import ReplaysAmong, no_replays
from reenact.capture.taking import Taken, Taking
from reenact.errors import SourceFailed
from reenact.store.spans import SpanStore

PAGE_SIZE = 64
"""Records on a page; a power of two, so that halves of it still fit its multiples."""
_STALE = (400, 404, 410, 422)
"""Statuses with which sources refuse a cursor that they no longer know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport(Taken):
    """What a fetch took, and how far it came."""

    pages: int = 0
    left: int = 0
    """Records that were still running; a later fetch takes them."""
    complete: bool = True
    """False where `limit` stopped it; the next fetch goes on there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """How far a fetch is."""

    pages: int
    spans: int
    new: int


def fetch(
    source: Source,
    *,
    store: SpanStore,
    project: str,
    memory: Memory,
    now: Clock,
    since: int | None = None,
    limit: int | None = None,
    restart: bool = False,
    replays_among: ReplaysAmong = no_replays,
    on_page: Callable[[Far], None] = lambda far: None,
) -> FetchReport:
    """Read a source into `project`, and tell what became of it.

    It goes on where the last one stopped; after one that ended it reads what is new, and again
    what began in the six hours before it. `since` reaches further back where an earlier fetch
    did not; `restart` forgets earlier fetches. `limit` stops after the page with which so many
    spans were read. Nothing is stored twice.

    Raises:
        SourceFailed: where the source refuses or fails; what was stored stays, and is remembered.
        UsageError: where it has no such project.
    """
    known = any(summary.id == project for summary in store.projects())
    progress = memory.load() if known and not restart else Progress()
    run = _Run(source, Taking(store, project=project, replays_among=replays_among), memory, on_page)
    until = now()
    while (opened := progress.next_window(since, until)) is not None:
        progress = run.window(opened, limit)
        if progress.open is not None:
            break
    return run.report(complete=progress.open is None)


class _Run:
    """One fetch: what was read so far."""

    def __init__(
        self, source: Source, taking: Taking, memory: Memory, on_page: Callable[[Far], None]
    ) -> None:
        self._source = source
        self._taking = taking
        self._memory = memory
        self._on_page = on_page
        self._size = PAGE_SIZE
        self._pages = self._left = 0
        self._asked = False

    def window(self, progress: Progress, limit: int | None) -> Progress:
        """Read the open window to its end, or to `limit`; return the progress."""
        while (opened := progress.open) is not None:
            page = self._page(opened)
            if page is None:
                progress = replace(progress, open=replace(opened, cursor=None))
                continue
            self._take(page)
            progress = progress.at(page.cursor)
            self._memory.save(progress)
            if limit is not None and self._taking.stored >= limit:
                break
        return progress

    def report(self, *, complete: bool) -> FetchReport:
        """Return the counts of the whole fetch."""
        found = self._taking.account()
        return FetchReport(
            pages=self._pages,
            left=self._left,
            complete=complete,
            **{field.name: getattr(found, field.name) for field in fields(found)},
        )

    def _page(self, opened: Open) -> Page | None:
        """Return the next page; None where a remembered cursor is no longer known."""
        while True:
            try:
                page = self._source.page(opened.window, opened.cursor, self._size)
            except AnswerTooLarge as error:
                if self._size == 1:
                    raise SourceFailed(
                        f"one record alone makes an answer of {error}",
                        where=f"page {self._pages + 1}",
                        next_step="look at it in the tool itself, or fetch with a later --since",
                    ) from None
                self._size //= 2
            except Refused as refused:
                stale = not self._asked and opened.cursor is not None and refused.status in _STALE
                if not stale:
                    raise
                self._asked = True
                return None
            else:
                self._asked = True
                return page

    def _take(self, page: Page) -> None:
        self._taking.add(page.spans)
        self._taking.flush()
        self._taking.reject(*page.rejected, count=len(page.rejected))
        self._pages += 1
        self._left += page.left
        self._on_page(Far(pages=self._pages, spans=self._taking.stored, new=self._taking.new))
