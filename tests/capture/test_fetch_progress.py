"""How far a fetch came: finished first, then further back, then what is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from reenact.capture.fetching.pages import SETTLING_NS, Window
from reenact.capture.fetching.progress import FileMemory, Open, Progress

DAY = 24 * 3600 * 10**9
NOW = 20_000 * DAY


def opened(progress: Progress, since: int | None, now: int = NOW) -> Window | None:
    following = progress.next_window(since, now)
    return following.open.window if following and following.open else None


def test_the_first_fetch_reads_from_since_to_now():
    assert opened(Progress(), NOW - 7 * DAY) == Window(since=NOW - 7 * DAY, until=NOW)
    assert opened(Progress(), None) == Window(since=None, until=NOW)


def test_a_window_that_was_begun_is_finished_first():
    begun = Progress(open=Open(window=Window(since=None, until=NOW - DAY), cursor="c"))

    assert begun.next_window(NOW - 2 * DAY, NOW) is begun


def test_after_the_last_page_the_window_is_covered():
    begun = Progress().next_window(NOW - DAY, NOW)
    assert begun is not None
    further = begun.at("c")
    assert further.open == Open(window=Window(since=NOW - DAY, until=NOW), cursor="c")

    assert further.at(None) == Progress(covered=Window(since=NOW - DAY, until=NOW))


def test_the_next_fetch_reads_what_is_new_and_what_may_have_been_late():
    covered = Progress(covered=Window(since=None, until=NOW))
    later = NOW + DAY

    assert opened(covered, None, later) == Window(since=NOW - SETTLING_NS, until=later)
    assert opened(covered, NOW - DAY, later) == Window(since=NOW - SETTLING_NS, until=later)


def test_nothing_is_read_from_before_the_first_fetch_unless_it_is_asked_for():
    covered = Progress(covered=Window(since=NOW - 3600, until=NOW))

    assert opened(covered, None, NOW + DAY) == Window(since=NOW - 3600, until=NOW + DAY)


def test_an_earlier_since_reads_what_lies_before():
    covered = Progress(covered=Window(since=NOW - DAY, until=NOW))
    gap = covered.next_window(NOW - 7 * DAY, NOW + DAY)

    assert gap is not None
    assert gap.open is not None
    assert gap.open.window == Window(since=NOW - 7 * DAY, until=NOW - DAY)
    both = gap.at(None)
    assert both.covered == Window(since=NOW - 7 * DAY, until=NOW)
    assert opened(both, NOW - 7 * DAY, NOW + DAY) == Window(
        since=NOW - SETTLING_NS, until=NOW + DAY
    )


def test_nothing_is_left_to_do_within_the_same_moment():
    assert Progress(covered=Window(since=None, until=NOW)).next_window(None, NOW) is None


def test_a_file_gives_back_what_was_saved(tmp_path: Path):
    memory = FileMemory(tmp_path / "fetch", "phoenix", "http://127.0.0.1:1")
    told = Progress(
        covered=Window(since=None, until=5), open=Open(window=Window(since=1, until=2), cursor="c")
    )
    assert memory.load() == Progress()
    memory.save(told)

    assert FileMemory(tmp_path / "fetch", "phoenix", "http://127.0.0.1:1").load() == told
    assert FileMemory(tmp_path / "fetch", "phoenix", "http://127.0.0.1:2").load() == Progress()
    assert len(list((tmp_path / "fetch").iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"{", b'{"covered": 7}', b"[]"])
def test_a_file_that_cannot_be_read_is_no_progress(tmp_path: Path, content: bytes):
    memory = FileMemory(tmp_path, "x")
    memory.save(Progress())
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)

    assert memory.load() == Progress()
