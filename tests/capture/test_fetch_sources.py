"""Each source over HTTP: page by page, the same conversations as from a direct import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.fetching import fetch as fetching
from reenact.capture.fetching.access import SourceName
from reenact.domain.span import Span
from reenact.errors import SourceFailed, UsageError
from support.captures import spans_of_capture
from support.exports import iso
from support.fetched import HOUR, Fetching
from support.http_source import Answering, Reply, serving_source
from support.imported import imported
from support.langfuse_exports import langfuse_observations, langfuse_traces, langfuse_v2
from support.langsmith_exports import langsmith_v1, langsmith_v2
from support.peer_exports import mlflow_answers, phoenix
from support.source_apis import (
    langfuse_api,
    langsmith_api,
    mlflow_api,
    parsed_filter,
    phoenix_api,
)
from support.views import differences

ROUND = r".*_at|.*_ms"
LOST = {
    "langfuse": {ROUND: "Langfuse keeps times to the millisecond"},
    "langsmith": {
        r".*span_id": "runs have ids of their own",
        r".*streamed": "the API tells of streaming by the time of the first token only",
    },
    "phoenix": {},
    "mlflow": {},
}
CAPTURE = {
    "langfuse": "langfuse",
    "langsmith": "langsmith_otel",
    "phoenix": "oi_openai_rooted",
    "mlflow": "oi_openai_rooted",
}


def api_of(kind: str, spans: list[Span]) -> Answering:
    if kind == "langfuse 4":
        return langfuse_api(new=langfuse_v2(spans))
    if kind == "langfuse 3":
        return langfuse_api(
            traces=langfuse_traces(spans), observations=langfuse_observations(spans)
        )
    if kind == "langsmith 2":
        return langsmith_api(project="shop-prod", v2=langsmith_v2(spans))
    if kind == "langsmith 1":
        return langsmith_api(project="shop-prod", v1=langsmith_v1(spans))
    if kind == "phoenix":
        return phoenix_api(project="shop-prod", rows=phoenix(spans))
    return mlflow_api(
        experiment="shop-prod", traces=mlflow_answers(spans), batch=kind != "mlflow by file"
    )


KINDS = (
    "langfuse 4", "langfuse 3", "langsmith 2", "langsmith 1", "phoenix", "mlflow", "mlflow by file",
)  # fmt: skip


class Served:
    def __init__(self, shared: Path, tmp_path: Path, stack: ExitStack) -> None:
        self._shared, self._tmp, self._stack = shared, tmp_path, stack

    def __call__(self, kind: str, answering: Answering | None = None) -> Fetching:
        name: SourceName = kind.split()[0]  # type: ignore[assignment]
        spans = spans_of_capture(self.folder(name))
        source = self._stack.enter_context(serving_source(answering or api_of(kind, spans)))
        now = max(span.end_ns for span in spans) + 12 * HOUR
        named = None if name == "langfuse" else "shop-prod"
        found = Fetching(source, name, self._tmp, named, now)
        self._stack.callback(found.store.close)
        return found

    def folder(self, name: str) -> Path:
        return self._shared / "data" / "otlp" / CAPTURE[name]


@pytest.fixture
def served(shared: Path, tmp_path: Path) -> Iterator[Served]:
    with ExitStack() as stack:
        yield Served(shared, tmp_path, stack)


@pytest.mark.parametrize("kind", KINDS)
def test_all_pages_give_what_the_direct_import_gives(
    served: Served, monkeypatch: pytest.MonkeyPatch, kind: str
):
    monkeypatch.setattr(fetching, "PAGE_SIZE", 8)
    fetched = served(kind)
    report = fetched()

    assert report.complete
    assert report.pages > 1
    assert (report.rejected, report.left, fetched.slept) == (0, 0, [])
    direct = imported(served.folder(fetched.name) / "wire")
    lost = LOST[fetched.name]
    assert differences(direct.views, fetched.views, lost=lost, microseconds=1) == []
    assert report.fidelity["shop"].judged == 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_fetch_that_breaks_off_goes_on_and_doubles_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch, kind: str
):
    monkeypatch.setattr(fetching, "PAGE_SIZE", 8)
    whole = served(kind)
    answering, asked = whole.source.answering, 0
    breaks_at = 14 if kind == "mlflow by file" else 5

    def failing(request: Any) -> Reply:
        nonlocal asked
        asked += 1
        return Reply({"message": "gone"}, 418) if asked == breaks_at else answering(request)

    whole.source.answering = failing
    with pytest.raises(SourceFailed):
        whole()
    stored = sum(p.spans for p in whole.store.projects())
    first_requests = len(whole.source.asked)
    report = whole()

    assert stored > 0
    assert report.complete
    assert stored + report.taken == {"langfuse 3": 60}.get(kind, 47)
    assert len(whole.source.asked) > first_requests
    direct = imported(served.folder(whole.name) / "wire")
    assert differences(direct.views, whole.views, lost=LOST[whole.name], microseconds=1) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_fetch_reads_only_what_is_new(served: Served, kind: str):
    fetched = served(kind)
    fetched()
    fetched.now += HOUR
    again = fetched()

    assert again.taken == 0
    if not kind.startswith("mlflow"):  # Its stand-in does not filter by time.
        assert again.duplicates == 0


def test_the_limit_stops_after_a_page_and_the_next_fetch_goes_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetching, "PAGE_SIZE", 8)
    fetched = served("phoenix")
    first = fetched(limit=10)
    second = fetched()

    assert (first.taken, first.pages, first.complete) == (16, 2, False)
    assert (second.taken, second.duplicates, second.complete) == (31, 0, True)


def test_restart_reads_everything_again_and_doubles_nothing(served: Served):
    fetched = served("phoenix")
    fetched()
    again = fetched(restart=True)

    assert (again.taken, again.duplicates) == (0, 47)


def test_a_store_that_is_new_is_filled_whatever_is_remembered(served: Served, tmp_path: Path):
    fetched = served("phoenix")
    fetched()
    fetched.store.close()
    for path in tmp_path.glob("spans.db*"):
        path.unlink()
    fetched.__post_init__()

    assert fetched().taken == 47


def test_an_earlier_since_reads_further_back(served: Served):
    fetched = served("phoenix")
    rows = phoenix(spans_of_capture(served.folder("phoenix")))
    times = sorted(row["start_time"] for row in rows)
    middle = fetched.now - 12 * HOUR
    first = fetched(since=middle)
    everything = fetched(since=middle - 24 * HOUR)

    assert first.taken < len(times)
    assert first.taken + everything.taken == 47


def test_a_cursor_that_the_source_no_longer_knows_begins_the_window_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetching, "PAGE_SIZE", 8)
    fetched = served("phoenix")
    fetched(limit=8)
    fetched.source.first = [Reply({"detail": "Invalid cursor"}, 422)]
    report = fetched()

    assert report.complete
    assert (report.taken, report.duplicates) == (39, 8)


def test_a_refusal_of_the_first_request_is_no_stale_cursor(served: Served):
    fetched = served("phoenix")
    fetched.source.first = [Reply({"detail": "no"}, 422)]
    with pytest.raises(SourceFailed, match="status 422: "):
        fetched()


def test_answers_that_are_too_large_are_asked_for_in_smaller_pages(
    served: Served, monkeypatch: pytest.MonkeyPatch
):
    from reenact.capture.fetching import client

    monkeypatch.setattr(client, "ANSWER_BYTES", 60_000)
    fetched = served("langfuse 3")
    report = fetched()

    assert report.taken == 60
    assert {asked.param("limit") for asked in fetched.source.asked} >= {"64", "32", "16"}


def test_one_record_that_is_too_large_is_said(served: Served, monkeypatch: pytest.MonkeyPatch):
    from reenact.capture.fetching import client

    monkeypatch.setattr(client, "ANSWER_BYTES", 500)
    with pytest.raises(SourceFailed, match="one record alone"):
        served("phoenix")()


def test_what_still_runs_is_left_and_taken_later(served: Served):
    spans = spans_of_capture(served.folder("langfuse"))
    rows = langfuse_v2(spans)
    fetched = served("langfuse 4", langfuse_api(new=rows))
    fetched.now = max(span.end_ns for span in spans) + 60 * 10**9
    ended, rows[-1]["endTime"] = rows[-1]["endTime"], None
    first = fetched()
    rows[-1]["endTime"] = ended
    fetched.now += HOUR
    second = fetched()

    assert (first.taken, first.left) == (46, 1)
    assert (second.taken, second.left, second.duplicates) == (1, 0, 46)


def test_what_never_ended_is_taken_once_it_is_old(served: Served):
    rows = langfuse_v2(spans_of_capture(served.folder("langfuse")))
    rows[-1]["endTime"] = None
    report = served("langfuse 4", langfuse_api(new=rows))()

    assert (report.taken, report.left) == (47, 0)


def test_metadata_that_version_2_cuts_is_asked_for_whole(served: Served):
    spans = spans_of_capture(served.folder("langfuse"))
    rows = langfuse_v2(spans)
    for row in rows:
        row["metadata"]["notes"] = "n" * 500
    fetched = served("langfuse 4", langfuse_api(new=rows))
    fetched()

    assert {view["metadata.notes"] for view in fetched.views.values()} == {"n" * 500}
    assert fetched.source.asked[-1].param("expandMetadata") == "notes"


def test_mlflow_traces_whose_spans_lie_in_a_file_are_asked_for_alone(served: Served):
    traces = mlflow_answers(spans_of_capture(served.folder("mlflow")))
    traces[0]["in_a_file"] = traces[0].pop("spans")
    lost = traces[1].pop("spans")
    fetched = served("mlflow", mlflow_api(experiment="shop-prod", traces=traces))
    report = fetched()

    assert report.taken == 47 - len(lost)
    (reason,) = report.reasons
    assert traces[1]["trace_info"]["trace_id"] in reason
    assert "its spans are not stored" in reason


def test_mlflow_traces_in_progress_are_left(served: Served):
    traces = mlflow_answers(spans_of_capture(served.folder("mlflow")))
    traces[-1]["trace_info"]["state"] = "IN_PROGRESS"
    traces[-1]["trace_info"]["request_time"] = iso(served("mlflow").now - HOUR)
    report = served("mlflow", mlflow_api(experiment="shop-prod", traces=traces))()

    assert report.left == 1


def test_windows_are_asked_for_in_each_sources_own_way(served: Served):
    fetched = served("mlflow")
    fetched(since=fetched.now - 24 * HOUR)
    search = next(a for a in fetched.source.asked if a.path.endswith("/search"))

    assert parsed_filter(search.content["filter"]) == (
        (fetched.now - 24 * HOUR) // 10**6,
        fetched.now // 10**6,
    )


@pytest.mark.parametrize("kind", ["langsmith 2", "phoenix", "mlflow"])
def test_a_project_that_is_not_there_is_named(served: Served, kind: str):
    fetched = served(kind)
    fetched.from_project = "nowhere"
    with pytest.raises(UsageError, match="'nowhere'"):
        fetched()


def test_an_experiment_may_be_named_by_its_number(served: Served):
    fetched = served("mlflow")
    fetched.from_project = "7"

    assert fetched().taken == 47


def test_a_phoenix_project_with_a_slash_is_found_by_its_id(served: Served):
    rows = phoenix(spans_of_capture(served.folder("phoenix")))
    fetched = served("phoenix", phoenix_api(project="a/b?", rows=rows))
    fetched.from_project = "a/b?"

    assert fetched().taken == 47


def test_a_record_that_cannot_be_read_is_rejected_alone(served: Served):
    rows = phoenix(spans_of_capture(served.folder("phoenix")))
    rows[3]["context"] = {"trace_id": None}
    rows[4]["attributes"] = json.loads("[" * 200 + "]" * 200)
    report = served("phoenix", phoenix_api(project="shop-prod", rows=rows))()

    assert (report.taken, report.rejected) == (45, 2)
    assert any("key trace_id is missing" in reason for reason in report.reasons)


def test_langfuse_takes_no_other_project(served: Served):
    fetched = served("langfuse 4")
    fetched.from_project = "other"
    with pytest.raises(UsageError, match="keys belong to one project"):
        fetched()


@pytest.mark.parametrize("kind", ["langsmith 2", "mlflow"])
def test_a_project_must_be_named_where_there_is_no_usual_one(served: Served, kind: str):
    fetched = served(kind)
    fetched.from_project = None
    with pytest.raises(UsageError, match="which "):
        fetched()
