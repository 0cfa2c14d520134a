"""LangSmith's API: runs of a project by cursor, of version 2 where it is there, else of 1."""

from __future__ import annotations

from typing import Any

from reenact.capture.fetching.client import Client, Refused
from reenact.capture.fetching.pages import Page, Window, listed, page_of, text_at
from reenact.capture.importers.foreign_spans import nanoseconds_of
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.langsmith_runs import is_unfinished, span_of
from reenact.errors import UsageError

_FIELDS = (
    "id", "name", "run_type", "status", "start_time", "end_time", "first_token_time", "error",
    "extra", "inputs", "outputs", "trace_id", "dotted_order", "tags", "prompt_tokens",
    "completion_tokens", "total_cost",
)  # fmt: skip
_NEW_FIELDS = (
    "metadata", "parent_run_ids", "thread_id", "prompt_token_details", "completion_token_details",
)  # fmt: skip
_OLD_FIELDS = ("parent_run_id", "parent_run_ids")
_NEW, _OLD = "2:", "1:"
_LARGEST = 100
"""Records that version 1 gives on a page at most."""


class LangSmith:
    """Reads the runs of one project, found by its name."""

    def __init__(self, client: Client, project: str, *, name: str) -> None:
        self._client = client
        self._project = project
        self._name = name
        self._id: str | None = None

    def page(self, window: Window, cursor: str | None, size: int) -> Page:
        """Return a page of runs."""
        project = self._project_id()
        if cursor is None:
            try:
                return self._new(window, project, None, size)
            except Refused as refused:
                if refused.status not in (404, 405, 501):
                    raise
            return self._old(window, project, None, size)
        kind, rest = cursor[:2], cursor[2:]
        ask = self._new if kind == _NEW else self._old
        return ask(window, project, rest, size)

    def _project_id(self) -> str:
        if self._id is None:
            found = self._client.get("/api/v1/sessions", [("name", self._name), ("limit", "1")])
            first = found[0] if isinstance(found, list) and found else None
            self._id = text_at(first, "id")
        if self._id is None:
            raise UsageError(
                f"LangSmith has no project {self._name!r}",
                where="--from-project",
                next_step="give its name as LangSmith shows it, and a key of its workspace",
            )
        return self._id

    def _new(self, window: Window, project: str, cursor: str | None, size: int) -> Page:
        path = "/api/v2/runs/query"
        asked: dict[str, Any] = {
            "project_ids": [project],
            "min_start_time": window.since_iso,
            "max_start_time": window.until_iso,
            "page_size": size,
            "selects": [name.upper() for name in (*_FIELDS, *_NEW_FIELDS)],
        }
        answer = self._client.post(path, asked | ({"cursor": cursor} if cursor else {}))
        following = text_at(answer, "next_cursor")
        runs = listed(answer, "items", where=path)
        return self._page(window, runs, f"{_NEW}{following}" if following else None)

    def _old(self, window: Window, project: str, cursor: str | None, size: int) -> Page:
        path = "/api/v1/runs/query"
        asked: dict[str, Any] = {
            "session": [project],
            "start_time": window.since_iso,
            "filter": f'lt(start_time, "{window.until_iso}")',
            "limit": min(size, _LARGEST),
            "select": [*_FIELDS, *_OLD_FIELDS],
        }
        answer = self._client.post(path, asked | ({"cursor": cursor} if cursor else {}))
        following = text_at(answer, "cursors", "next")
        runs = listed(answer, "runs", where=path)
        return self._page(window, runs, f"{_OLD}{following}" if following and runs else None)

    def _page(self, window: Window, runs: list[Any], cursor: str | None) -> Page:
        return page_of(
            runs,
            lambda run: (span_of(run, project=self._project),),
            cursor=cursor,
            left=lambda run: is_unfinished(run) and window.is_young(_began(run)),
        )


def _began(run: Any) -> int | None:
    try:
        return nanoseconds_of(run.get("start_time"), "start")
    except Unusable:
        return None
