"""Calls of voice platforms over HTTP: the same as from a file, each once, when it is complete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.fetching import fetch as fetching
from reenact.capture.fetching.access import SourceName
from reenact.errors import SourceFailed
from support.calls import VAPI_START
from support.exports import Rows
from support.fetched import HOUR, Fetching
from support.http_source import Answering, Reply, serving_source
from support.imported import imported_files
from support.views import differences
from support.voice_apis import moved, retell_api, retell_calls, vapi_api, vapi_calls

KINDS: tuple[SourceName, ...] = ("vapi", "retell")
MINUTE = 60 * 10**9
START = VAPI_START * 10**6
COUNT = 20


def calls_of(kind: str) -> Rows:
    return vapi_calls(COUNT) if kind == "vapi" else retell_calls(COUNT)


def api_of(kind: str, calls: Rows) -> Answering:
    return vapi_api(calls) if kind == "vapi" else retell_api(calls)


class Served:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack

    def __call__(
        self, kind: SourceName, calls: Rows | None = None, *, api: Answering | None = None
    ) -> Fetching:
        answering = api or api_of(kind, calls_of(kind) if calls is None else calls)
        source = self._stack.enter_context(serving_source(answering))
        found = Fetching(source, kind, self._folder, None, START + 12 * HOUR)
        self._stack.callback(found.store.close)
        return found


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(fetching, "PAGE_SIZE", 8)
    with ExitStack() as stack:
        yield Served(tmp_path, stack)


def sessions(fetched: Fetching) -> set[str]:
    return set(fetched.views)


@pytest.mark.parametrize("kind", KINDS)
def test_all_pages_give_what_the_file_gives(served: Served, kind: SourceName, tmp_path: Path):
    fetched = served(kind)
    report = fetched()
    direct = imported_files(tmp_path / "files", {"calls.json": json.dumps(calls_of(kind))})

    assert report.complete
    assert report.pages >= 3
    assert (report.rejected, report.left, report.duplicates) == (0, 0, 0)
    assert len(direct.views) == COUNT
    assert differences(direct.views, fetched.views) == []
    assert report.fidelity["shop"].judged == COUNT


@pytest.mark.parametrize("kind", KINDS)
def test_a_fetch_that_breaks_off_goes_on_and_doubles_nothing(served: Served, kind: SourceName):
    fetched = served(kind)
    answering, breaks_at = fetched.source.answering, 2 if kind == "vapi" else 12

    def failing(asked: Any) -> Reply:
        broken = len(fetched.source.asked) == breaks_at
        return Reply({"message": "gone"}, 418) if broken else answering(asked)

    fetched.source.answering = failing
    with pytest.raises(SourceFailed):
        fetched()
    stored = len(sessions(fetched))
    report = fetched()

    assert stored == 8
    assert report.duplicates == 0
    assert len(sessions(fetched)) == COUNT


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_fetch_reads_only_what_is_new(served: Served, kind: SourceName):
    fetched = served(kind)
    fetched()
    before = len(fetched.source.asked)
    fetched.now += HOUR
    again = fetched()

    assert (again.taken, again.duplicates) == (0, 0)
    assert len(fetched.source.asked) == before + 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_rate_limit_is_waited_for(served: Served, kind: SourceName):
    fetched = served(kind)
    fetched.source.first = [Reply({"message": "slow"}, 429, {"retry-after": "7"})]

    assert fetched().complete
    assert fetched.slept == [7.0]


@pytest.mark.parametrize(("kind", "largest"), [("vapi", 12_000), ("retell", 7_000)])
def test_answers_that_are_too_large_are_asked_for_in_smaller_pages(
    served: Served, monkeypatch: pytest.MonkeyPatch, kind: SourceName, largest: int
):
    from reenact.capture.fetching import client

    monkeypatch.setattr(client, "ANSWER_BYTES", largest)
    fetched = served(kind)
    report = fetched()

    assert report.complete
    assert len(sessions(fetched)) == COUNT
    assert report.pages >= 4


@pytest.mark.parametrize(
    ("kind", "status", "running", "ended"),
    [
        ("vapi", "status", "in-progress", "endedAt"),
        ("vapi", "status", "scheduled", "endedAt"),
        ("retell", "call_status", "ongoing", "end_timestamp"),
    ],
)
def test_a_call_that_still_runs_is_left_and_taken_when_it_has_ended(
    served: Served, kind: SourceName, status: str, running: str, ended: str
):
    calls = calls_of(kind)[:3]
    whole = dict(calls[-1])
    calls[-1] |= {status: running, ended: None}
    fetched = served(kind, calls)
    fetched.now = START + HOUR
    first = fetched()
    calls[-1].update(whole)
    fetched.now += HOUR
    second = fetched()

    assert (first.left, second.left) == (1, 0)
    assert first.rejected == 0
    assert (second.taken > 0, len(sessions(fetched))) == (True, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_that_has_just_ended_is_left_until_the_platform_completed_it(
    served: Served, kind: SourceName
):
    fetched = served(kind, calls_of(kind)[:1])
    fetched.now = START + 5 * MINUTE
    first = fetched()
    fetched.now = START + 15 * MINUTE
    second = fetched()

    assert (first.taken, first.left) == (0, 1)
    assert (second.taken > 0, second.left) == (True, 0)


def test_a_call_of_vapi_that_was_planned_days_ago_is_taken_after_it_was_made(served: Served):
    call = vapi_calls(1)[0]
    made = moved(dict(call), timedelta(days=3)) | {"createdAt": call["createdAt"]}
    call |= {"status": "scheduled", "startedAt": None, "endedAt": None}
    fetched = served("vapi", [call])
    first = fetched()
    call.update(made)
    fetched.now = START + 80 * HOUR
    second = fetched()

    assert (first.taken, first.left) == (0, 1)
    assert (second.taken > 0, second.left) == (True, 0)


def test_a_call_of_retell_that_never_ended_is_taken_once_it_is_old(served: Served):
    calls = retell_calls(1)
    calls[0] |= {"call_status": "ongoing", "end_timestamp": None}
    report = served("retell", calls)()

    assert (report.taken > 0, report.left) == (True, 0)


@pytest.mark.parametrize("ties", [3, 8, 20])
def test_calls_of_vapi_of_one_millisecond_are_all_taken(served: Served, ties: int):
    calls = vapi_calls(ties + 10)
    for number, call in enumerate(calls[5 : 5 + ties]):
        call["createdAt"] = f"2026-11-24T12:05:00.120{number:03}Z"
    fetched = served("vapi", calls)
    report = fetched()

    assert report.complete
    assert report.duplicates == 0
    assert len(sessions(fetched)) == ties + 10


def test_a_server_that_gives_less_than_was_asked_for_is_read_to_the_end(served: Served):
    fetched = served("vapi", api=vapi_api(vapi_calls(COUNT), largest=5))

    assert fetched().complete
    assert len(sessions(fetched)) == COUNT


def test_calls_of_vapi_in_another_order_are_refused(served: Served):
    oldest_first = vapi_calls(COUNT)[:8]
    fetched = served("vapi", api=lambda asked: Reply(oldest_first))
    with pytest.raises(SourceFailed, match="newest first"):
        fetched()


def test_a_server_that_repeats_its_calls_is_not_asked_for_ever(served: Served):
    newest_first = vapi_calls(COUNT)[::-1]
    fetched = served("vapi", api=lambda asked: Reply(newest_first))
    with pytest.raises(SourceFailed, match="calls repeat"):
        fetched()
    nameless = [{key: v for key, v in call.items() if key != "id"} for call in newest_first[:2]]
    fetched.source.answering = lambda asked: Reply(nameless)

    assert fetched(restart=True).rejected > 0


def test_a_retell_answer_that_hides_where_it_goes_on_is_refused(served: Served):
    fetched = served("retell", api=lambda asked: Reply({"items": [], "has_more": True}))
    with pytest.raises(SourceFailed, match="there are more calls"):
        fetched()


@pytest.mark.parametrize(
    ("kind", "content"), [("vapi", {"error": "no"}), ("retell", [{"call_id": "c"}])]
)
def test_an_answer_of_another_shape_is_refused(served: Served, kind: SourceName, content: Any):
    fetched = served(kind, api=lambda asked: Reply(content))
    with pytest.raises(SourceFailed, match="holds no list"):
        fetched()


def test_retell_calls_that_reached_nobody_are_rejected_by_name_and_not_asked_for(served: Served):
    calls = retell_calls(3)
    del calls[1]["transcript_with_tool_calls"]
    calls[1] |= {"call_status": "not_connected", "disconnection_reason": "dial_no_answer"}
    fetched = served("retell", calls)
    report = fetched()

    assert report.reasons == ("call_1: holds no transcript (dial_no_answer)",)
    assert "/v2/get-call/call_1" not in fetched.source.paths()
    assert len(sessions(fetched)) == 2


def test_a_retell_call_that_is_gone_is_rejected_alone(served: Served):
    calls = retell_calls(3)
    fetched = served("retell", calls)
    answering = fetched.source.answering

    def gone(asked: Any) -> Reply:
        return Reply({}, 404) if asked.path.endswith("call_1") else answering(asked)

    fetched.source.answering = gone
    report = fetched()

    assert report.reasons == ("call_1: is listed, and is not there any more",)
    assert len(sessions(fetched)) == 2


@pytest.mark.parametrize(("kind", "key"), [("vapi", "assistantId"), ("retell", "agent_id")])
def test_one_agent_may_be_named(served: Served, kind: SourceName, key: str):
    calls = calls_of(kind)[:4]
    calls[0][key] = "other"
    fetched = served(kind, calls)
    fetched.from_project = "other"
    fetched()

    assert len(sessions(fetched)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_since_is_asked_for_in_each_platforms_own_way(served: Served, kind: SourceName):
    fetched = served(kind)
    fetched(since=START)
    asked = fetched.source.asked[0]

    if kind == "vapi":
        assert asked.param("updatedAtGe") == "2026-11-24T12:00:00+00:00"
        assert asked.param("createdAtLt") == "2026-11-25T00:00:00+00:00"
    else:
        times = asked.content["filter_criteria"]["start_timestamp"]
        assert times["value"] == [VAPI_START, VAPI_START + 12 * 3_600_000]


@pytest.mark.parametrize("kind", KINDS)
def test_recordings_are_never_asked_for(served: Served, kind: SourceName):
    calls = calls_of(kind)[:2]
    fetched = served(kind, calls)
    for call in calls:
        for place in (call, call.get("artifact", {})):
            for name in ("recordingUrl", "stereoRecordingUrl", "recording_url", "public_log_url"):
                if name in place:
                    place[name] = f"{fetched.source.url}/recording.wav"
    report = fetched()

    assert report.taken > 0
    assert {path.rpartition("/")[0] for path in fetched.source.paths()} <= {
        "", "/v3", "/v2/get-call",
    }  # fmt: skip
    assert "/recording.wav" not in fetched.source.paths()
