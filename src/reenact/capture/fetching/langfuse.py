"""Langfuse's public API: observations by cursor (version 2), else traces and observations.

Version 2 is there in Langfuse 4; an older server answers 404 for it. Its observations say
nothing of session and user, so its traces are read first.
"""

from __future__ import annotations

from typing import Any

from reenact.capture.fetching.client import Client, Refused
from reenact.capture.fetching.pages import Page, Window, listed, page_of, text_at
from reenact.capture.importers.langfuse_rows import began_at, is_unfinished, spans_of

_FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"
_NEW, _OLD_TRACES, _OLD_OBSERVATIONS = "2:", "t:", "o:"
_CUT_AT = 200
"""Characters after which version 2 cuts values of metadata, unless their keys are named."""


class Langfuse:
    """Reads the project that the keys belong to."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._project = project

    def page(self, window: Window, cursor: str | None, size: int) -> Page:
        """Return a page of observations, or of traces."""
        if cursor is None:
            try:
                return self._new(window, None, size)
            except Refused as refused:
                if refused.status != 404:
                    raise
            return self._old(window, _OLD_TRACES, 0, size)
        kind, rest = cursor[:2], cursor[2:]
        if kind == _NEW:
            return self._new(window, rest, size)
        return self._old(window, kind, int(rest), size)

    def _new(self, window: Window, cursor: str | None, size: int) -> Page:
        path = "/api/public/v2/observations"
        params = [
            ("fields", _FIELDS),
            ("limit", str(size)),
            ("fromStartTime", window.since_iso),
            ("toStartTime", window.until_iso),
            *([("cursor", cursor)] if cursor else []),
        ]
        answer = self._client.get(path, params)
        rows = listed(answer, "data", where=path)
        if keys := _cut_keys(rows):
            answer = self._client.get(path, [*params, ("expandMetadata", ",".join(keys))])
            rows = listed(answer, "data", where=path)
        following = text_at(answer, "meta", "cursor")
        return self._page(window, rows, f"{_NEW}{following}" if following else None)

    def _old(self, window: Window, kind: str, offset: int, size: int) -> Page:
        while offset % size:
            size //= 2  # Pages are counted in pages: a size that has changed must still fit.
        traces = kind == _OLD_TRACES
        path = f"/api/public/{'traces' if traces else 'observations'}"
        bounds = ("fromTimestamp", "toTimestamp") if traces else ("fromStartTime", "toStartTime")
        params = [
            ("page", str(offset // size + 1)),
            ("limit", str(size)),
            (bounds[0], window.since_iso),
            (bounds[1], window.until_iso),
        ]
        if traces:
            params += [("fields", "core,io"), ("orderBy", "timestamp.asc")]
        rows = listed(self._client.get(path, params), "data", where=path)
        following = f"{kind}{offset + size}" if len(rows) >= size else None
        if following is None and traces:
            following = f"{_OLD_OBSERVATIONS}0"
        return self._page(window, rows, following)

    def _page(self, window: Window, rows: list[Any], cursor: str | None) -> Page:
        return page_of(
            rows,
            lambda row: spans_of(row, project=self._project),
            cursor=cursor,
            left=lambda row: is_unfinished(row) and window.is_young(began_at(row)),
        )


def _cut_keys(rows: list[Any]) -> list[str]:
    """Return the keys of metadata whose values may have been cut."""
    found: dict[str, None] = {}
    for row in rows:
        metadata = row.get("metadata") if isinstance(row, dict) else None
        for key, value in metadata.items() if isinstance(metadata, dict) else ():
            if isinstance(value, str) and len(value) >= _CUT_AT and "," not in key:
                found[key] = None
    return sorted(found)[:50]
