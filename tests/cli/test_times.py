"""Times as people type them, on Wednesday 25 November 2026 at noon."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reenact.cli.filters import FilterFlags, filter_of
from reenact.cli.times import shown_time, since, until
from reenact.errors import UsageError

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2h", "2026-11-25T10:00"),
        ("90 m ago", "2026-11-25T10:30"),
        ("3d", "2026-11-22T12:00"),
        ("1W", "2026-11-18T12:00"),
        ("today", "2026-11-25T00:00"),
        ("yesterday", "2026-11-24T00:00"),
        ("Tuesday", "2026-11-24T00:00"),
        ("wed", "2026-11-25T00:00"),
        ("thursday", "2026-11-19T00:00"),
        ("2026-11-24", "2026-11-24T00:00"),
        ("2026-11-24T18:30", "2026-11-24T18:30"),
        ("2026-11-24T18:30:00Z", "2026-11-24T18:30"),
        ("2026-11-24T18:30:00+02:00", "2026-11-24T16:30"),
    ],
)
def test_since_is_the_first_moment_of_what_is_named(text, start):
    assert since(text, now=NOW) == datetime.fromisoformat(start).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("tuesday", "2026-11-25T00:00"),
        ("2026-11-24", "2026-11-25T00:00"),
        ("2h", "2026-11-25T10:00"),
        ("2026-11-24T18:30Z", "2026-11-24T18:30"),
    ],
)
def test_until_includes_the_whole_of_a_day(text, end):
    assert until(text, now=NOW) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_until_the_last_day_there_is():
    assert until("9999-12-31", now=NOW) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "foo", "2026-13-01", "999999w", "-3d", "24.11.2026", "3 y"])
def test_what_is_no_time_is_an_error_that_shows_what_is(text):
    with pytest.raises(UsageError) as error:
        since(text, now=NOW)
    assert error.value.where == "--since"
    assert "tuesday" in str(error.value.next_step)


def test_a_time_is_shown_in_utc_with_its_weekday():
    assert shown_time(datetime.fromisoformat("2026-11-24T20:30:01.5+02:00")) == (
        "Tue 2026-11-24 18:30:01Z"
    )
    assert shown_time(None) == "-"


def test_since_tuesday_until_tuesday_is_tuesday():
    chosen = filter_of(FilterFlags(since="tuesday", until="tuesday"), now=NOW)
    assert (chosen.since, chosen.until) == (
        datetime(2026, 11, 24, tzinfo=UTC),
        datetime(2026, 11, 25, tzinfo=UTC),
    )


def test_an_end_before_the_beginning_is_an_error():
    with pytest.raises(UsageError, match="nothing can start"):
        filter_of(FilterFlags(since="today", until="yesterday"), now=NOW)
