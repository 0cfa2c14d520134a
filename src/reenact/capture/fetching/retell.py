"""Retell's API: calls by cursor, oldest first, then each call: the list holds no transcripts.

Recordings are never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from reenact.capture.fetching.calls import is_incomplete, moment_at
from reenact.capture.fetching.client import Client, Refused
from reenact.capture.fetching.pages import Page, Window, listed, page_of, text_at
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.retell import conversation_of
from reenact.capture.items import spans_of
from reenact.domain.span import Span
from reenact.errors import SourceFailed

_LIST = "/v3/list-calls"
_CALL = "/v2/get-call"
_RUNNING = ("registered", "ongoing")
_SILENT = "not_connected"


class Retell:
    """Reads the calls that a key may see: all, or those of one agent."""

    def __init__(self, client: Client, project: str, *, agent: str | None) -> None:
        self._client = client
        self._project = project
        self._agent = agent

    def page(self, window: Window, cursor: str | None, size: int) -> Page:
        """Return a page of calls."""
        bounds = [window.since_ms, window.until_ms]
        wanted: dict[str, Any] = {"start_timestamp": {"type": "range", "op": "bt", "value": bounds}}
        if self._agent:
            wanted["agent"] = [{"agent_id": self._agent}]
        asked = {"sort_order": "ascending", "limit": size, "filter_criteria": wanted}
        answer = self._client.post(_LIST, asked | ({"pagination_key": cursor} if cursor else {}))
        return page_of(
            listed(answer, "items", where=_LIST),
            self._spans,
            cursor=_following(answer, cursor),
            left=lambda call: _is_left(call, window),
        )

    def _spans(self, call: dict[str, Any]) -> Iterable[Span]:
        name = text_at(call, "call_id")
        # Nobody was reached: there is no more to ask for, and dialers have many of these.
        whole = name is None or call.get("call_status") == _SILENT
        try:
            told = call if whole or name is None else self._whole(name)
            return spans_of(conversation_of(told, project=self._project))
        except Unusable as why:
            raise Unusable(f"{name}: {why}" if name else str(why)) from None

    def _whole(self, name: str) -> Any:
        try:
            return self._client.get(f"{_CALL}/{quote(name, safe='')}")
        except Refused as refused:
            if refused.status != 404:
                raise
            raise Unusable("is listed, and is not there any more") from None


def _is_left(call: Any, window: Window) -> bool:
    """Tell whether a later fetch takes a call: it looks back six hours, by the start of calls."""
    began = moment_at(call, "start_timestamp")
    return (began is None or window.is_young(began)) and is_incomplete(
        call, window, status="call_status", running=_RUNNING, ended="end_timestamp"
    )


def _following(answer: Any, cursor: str | None) -> str | None:
    if not answer.get("has_more"):
        return None
    found = text_at(answer, "pagination_key")
    if found is None or found == cursor:
        raise SourceFailed(
            "there are more calls, but the answer does not say where they begin",
            where=_LIST,
            next_step="check --url: it must be the address of the API",
        )
    return found
