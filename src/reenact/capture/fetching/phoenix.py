"""Phoenix's API: the spans of a project by cursor, latest stored first."""

from __future__ import annotations

from urllib.parse import quote

from reenact.capture.fetching.client import Client, Refused
from reenact.capture.fetching.pages import Page, Window, listed, page_of, text_at
from reenact.capture.importers.phoenix_spans import span_of
from reenact.errors import UsageError

_MAX_PROJECT_PAGES = 100


class Phoenix:
    """Reads the spans of one project, found by its name."""

    def __init__(self, client: Client, project: str, *, name: str) -> None:
        self._client = client
        self._project = project
        self._name = name
        self._place: str | None = None

    def page(self, window: Window, cursor: str | None, size: int) -> Page:
        """Return a page of spans; Phoenix stores a span when it has ended."""
        path = f"/v1/projects/{self._identifier()}/spans"
        params = [
            ("limit", str(size)),
            ("start_time", window.since_iso),
            ("end_time", window.until_iso),
            *([("cursor", cursor)] if cursor else []),
        ]
        try:
            answer = self._client.get(path, params)
        except Refused as refused:
            if refused.status != 404:
                raise
            raise UsageError(
                f"Phoenix has no project {self._name!r}, or is older than version 8",
                where="--from-project",
                next_step="give the project's name as Phoenix shows it",
            ) from None
        return page_of(
            listed(answer, "data", where=path),
            lambda record: (span_of(record, project=self._project),),
            cursor=text_at(answer, "next_cursor"),
        )

    def _identifier(self) -> str:
        """Return the project's name as it stands in a path; its id where it cannot."""
        if self._place is None:
            needs_id = any(mark in self._name for mark in "/?#")
            self._place = self._id() if needs_id else quote(self._name, safe="")
        return self._place

    def _id(self) -> str:
        cursor: str | None = None
        for _ in range(_MAX_PROJECT_PAGES):
            params = [("limit", "100"), *([("cursor", cursor)] if cursor else [])]
            answer = self._client.get("/v1/projects", params)
            for found in listed(answer, "data", where="/v1/projects"):
                if text_at(found, "name") == self._name:
                    return quote(text_at(found, "id") or "", safe="")
            cursor = text_at(answer, "next_cursor")
            if cursor is None:
                break
        raise UsageError(
            f"Phoenix has no project {self._name!r}",
            where="--from-project",
            next_step="give the project's name as Phoenix shows it",
        )
