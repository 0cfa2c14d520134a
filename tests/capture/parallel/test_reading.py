"""Reading on a second core: what comes back is what reading here gives, whatever happens there."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from importlib.resources import as_file, files

import msgspec
import pytest

from reenact.capture.captured import Post, captured_files, posts_in
from reenact.capture.importing import FILE_LIMITS
from reenact.capture.parallel import reading
from reenact.capture.parallel.reading import Helper, read_ahead, read_posts
from reenact.capture.parallel.shapes import Order, PostRead, read_post

ORDER = Order(None, FILE_LIMITS)
NOT_READABLE = Post(file="bad", where="bad", body=b"\xff\xff", content_type="application/json")


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    with as_file(files("reenact.demo") / "captured") as folder:
        return [
            post
            for captured in captured_files(folder)
            for post in posts_in(captured, lone=False, limits=FILE_LIMITS)
        ]


@pytest.fixture
def helper() -> Iterator[Helper]:
    with Helper(ORDER) as started:
        assert started.wait(30)
        yield started


def plain(read: object) -> bytes:
    return msgspec.msgpack.encode(read)


def held(found: list[object]) -> list[bytes]:
    """Return what posts held, as bytes: a list and a tuple are alike in the store."""
    return [plain(one[1]) for one in found if isinstance(one, tuple)]


def test_the_helper_gives_what_reading_here_gives(posts: list[Post], helper: Helper) -> None:
    there = list(read_ahead(posts, ORDER, helper))
    assert held(there) == [plain(read_post(post, ORDER)) for post in posts]
    assert [post for post, _ in there] == posts


def test_posts_and_what_stands_between_them_keep_their_order(
    posts: list[Post], helper: Helper
) -> None:
    items: list[Post | str] = [one for post in posts for one in (post, post.file)]
    found = list(read_ahead(items, ORDER, helper))
    assert [one if isinstance(one, str) else one[0] for one in found] == items


def test_a_post_that_cannot_be_read_says_why_as_it_does_here(helper: Helper) -> None:
    ((_, found),) = read_ahead([NOT_READABLE], ORDER, helper)
    assert isinstance(found, PostRead)
    assert found.refused == read_post(NOT_READABLE, ORDER).refused
    assert found.refused


def test_nothing_is_lost_where_the_helper_dies(posts: list[Post], helper: Helper) -> None:
    def until_killed() -> Iterator[Post]:
        for number, post in enumerate(posts * 3):
            if number == len(posts):
                os.kill(helper.process_id, signal.SIGKILL)
            yield post

    found = list(read_ahead(until_killed(), ORDER, helper))
    assert held(found) == [plain(read_post(post, ORDER)) for post in posts] * 3


def test_posts_are_read_here_where_no_helper_can_start(
    posts: list[Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.sys, "executable", "/nowhere/python")
    found = list(read_posts(posts, project=None, limits=FILE_LIMITS, helped=True))
    assert held(found) == [plain(read_post(post, ORDER)) for post in posts]


def test_the_helper_ends_when_the_reading_does(posts: list[Post]) -> None:
    with Helper(ORDER) as started:
        assert started.wait(30)
        number = started.process_id
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
