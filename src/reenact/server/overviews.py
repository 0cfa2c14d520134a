"""Overviews of ended runs, kept in memory: what has ended does not change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from reenact.domain.run import Run
from reenact.domain.run_detail import CallRow, RunDetail
from reenact.runs.overview import Overview, bare_detail, lines_so_far, overview_of
from reenact.runs.replayed import contents_of
from reenact.runs.workspace import Workspace

MOST_CALLS = 20_000
"""Lines of calls that are kept in memory, over all runs: about 30 MB."""
_Key = tuple[str, str, datetime | None]


class Overviews:
    """Tells of runs; each ended one is computed once while it is asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: OrderedDict[_Key, Overview] = OrderedDict()
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def detail(self, run: Run) -> RunDetail:
        """Return `run` without its talks; with its totals where it has ended or was stopped."""
        if _goes_on(run):
            return bare_detail(self._workspace, contents_of(self._workspace, run))
        return self._overview(run).detail

    def calls(self, run: Run, *, first: int, limit: int) -> tuple[CallRow, ...]:
        """Return the talks of `run` from place `first` on, `limit` at most."""
        if not _goes_on(run):
            return self._overview(run).calls[first : first + limit]
        contents = contents_of(self._workspace, run)
        places = range(first, min(first + limit, len(contents.talks)))
        return lines_so_far(self._workspace, contents, places)

    def forget(self, run: Run) -> None:
        """Judge `run` again when it is next asked for."""
        with self._lock:
            self._kept.pop(_key(run), None)

    def _overview(self, run: Run) -> Overview:
        with self._lock:
            waiting = self._locks.setdefault(run.id, threading.Lock())
        with waiting:  # several pages ask for the same run at once; one computes it
            if (found := self._kept.get(_key(run))) is None:
                found = overview_of(self._workspace, run)
            with self._lock:
                self._kept[_key(run)] = found
                self._kept.move_to_end(_key(run))
                self._drop_old()
                self._locks.pop(run.id, None)
        return found

    def _drop_old(self) -> None:
        while len(self._kept) > 1 and sum(len(o.calls) for o in self._kept.values()) > MOST_CALLS:
            self._kept.popitem(last=False)


def _key(run: Run) -> _Key:
    return run.id, run.status, run.ended_at


def _goes_on(run: Run) -> bool:
    return run.status in ("pending", "running")
