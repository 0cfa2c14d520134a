"""MLflow's API: traces of an experiment, oldest first, then their spans.

Servers since 3.5 give the spans of many traces at once; for older ones, and for traces whose
spans lie in a file, each trace's data is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from reenact.capture.fetching.client import Client, Refused
from reenact.capture.fetching.pages import Page, Window, listed, page_of, text_at
from reenact.capture.importers.foreign_spans import nanoseconds_of
from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.mlflow_traces import is_trace, spans_of
from reenact.errors import UsageError

_API = "/api/3.0/mlflow/traces"
_ARTIFACT = "/ajax-api/3.0/mlflow/get-trace-artifact"
_BY_NAME = "/api/2.0/mlflow/experiments/get-by-name"
_RUNNING = "IN_PROGRESS"
_AT_ONCE = 20
"""Traces whose spans are asked for at once: their ids stand in the address."""


class MLflow:
    """Reads the traces of one experiment, found by its name or id."""

    def __init__(self, client: Client, project: str, *, name: str) -> None:
        self._client = client
        self._project = project
        self._name = name
        self._id: str | None = None
        self._by_file = False

    def page(self, window: Window, cursor: str | None, size: int) -> Page:
        """Return a page of traces with their spans."""
        path = f"{_API}/search"
        place = {"experiment_id": self._experiment()}
        asked: dict[str, Any] = {
            "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": place}],
            "filter": f"timestamp_ms >= {window.since_ms} AND timestamp_ms < {window.until_ms}",
            "order_by": ["timestamp_ms ASC"],
            "max_results": size,
        }
        answer = self._client.post(path, asked | ({"page_token": cursor} if cursor else {}))
        infos = answer.get("traces") or [] if isinstance(answer, dict) else answer
        infos = [i for i in listed({"traces": infos}, "traces", where=path) if isinstance(i, dict)]
        running = [i for i in infos if i.get("state") == _RUNNING and window.is_young(_began(i))]
        page = page_of(
            self._traces([info for info in infos if info not in running]),
            self._spans,
            cursor=text_at(answer, "next_page_token"),
        )
        return replace(page, left=len(running))

    def _spans(self, trace: dict[str, Any]) -> Any:
        if not is_trace(trace):
            raise Unusable(f"trace {text_at(trace, 'trace_id')}: its spans are not stored")
        return spans_of(trace, project=self._project)

    def _experiment(self) -> str:
        if self._id is None:
            try:
                answer = self._client.get(_BY_NAME, [("experiment_name", self._name)])
                self._id = text_at(answer, "experiment", "experiment_id")
            except Refused as refused:
                if refused.status != 404:
                    raise
        if self._id is None and self._name.isdecimal():
            self._id = self._name
        if self._id is None:
            raise UsageError(
                f"MLflow has no experiment {self._name!r}",
                where="--from-project",
                next_step="give the experiment's name or its number",
            )
        return self._id

    def _traces(self, infos: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the traces with their spans, in order; those without any as they are listed."""
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(infos), _AT_ONCE):
            ids = [str(info.get("trace_id")) for info in infos[start : start + _AT_ONCE]]
            for trace in self._at_once(ids):
                name = text_at(trace, "trace_info", "trace_id")
                if name and trace.get("spans"):
                    found[name] = trace
        return [found.get(str(info.get("trace_id"))) or self._alone(info) for info in infos]

    def _at_once(self, ids: Sequence[str]) -> list[Any]:
        if self._by_file:
            return []
        path = f"{_API}/batchGet"
        try:
            answer = self._client.get(path, [("trace_ids", one) for one in ids])
        except Refused as refused:
            if refused.status not in (400, 404, 405, 501):
                raise
            # An older server; or one of these traces has its spans in a file.
            self._by_file = refused.status != 400
            return []
        return [t for t in listed(answer, "traces", where=path) if isinstance(t, dict)]

    def _alone(self, info: dict[str, Any]) -> dict[str, Any]:
        try:
            data = self._client.get(_ARTIFACT, [("request_id", str(info.get("trace_id")))])
        except Refused as refused:
            if refused.status != 404:
                raise
            return info
        return {"info": info, "data": data} if isinstance(data, dict) else info


def _began(info: dict[str, Any]) -> int | None:
    try:
        return nanoseconds_of(info.get("request_time"), "start")
    except Unusable:
        return None
