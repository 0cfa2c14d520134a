"""Ids, times and attributes of foreign records."""

from __future__ import annotations

import pytest

from reenact.capture.importers.foreign_spans import (
    attributes_of,
    hex_of,
    nanoseconds_of,
    span_id_of,
    trace_id_of,
)
from reenact.capture.importers.json_places import Unusable
from reenact.capture.limits import TRUNCATED

MOMENT = 1_767_261_600_123_456_000


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-01-01T10:00:00.123456Z", MOMENT),
        ("2026-01-01T11:00:00.123456+01:00", MOMENT),
        ("2026-01-01 10:00:00.123456", MOMENT),
        ("2026-01-01T10:00:00.123456789Z", MOMENT + 789),
        (1_767_261_600_123_456_000, MOMENT),
        ("1767261600123456000", MOMENT),
        (1_767_261_600_123_456, MOMENT),
        (1_767_261_600_123, MOMENT - 456_000),
        (1_767_261_600, MOMENT - 123_456_000),
        (None, None),
        ("", None),
    ],
)
def test_a_time_is_read_in_whatever_it_is_counted(told: object, expected: int | None):
    assert nanoseconds_of(told, "it") == expected


@pytest.mark.parametrize("told", ["yesterday", -5, True, [], "3000-01-01T00:00:00Z", float("inf")])
def test_what_is_no_time_is_said_to_be_none(told: object):
    with pytest.raises(Unusable, match="it is no time"):
        nanoseconds_of(told, "it")


def test_ids_that_are_hex_stay_and_others_become_digests():
    assert trace_id_of("AB" * 16) == "ab" * 16
    assert trace_id_of("0198c2f4-1c1e-7d4a-8a1b-0123456789ab") == "0198c2f41c1e7d4a8a1b0123456789ab"
    assert trace_id_of("my trace") == trace_id_of("my trace") != trace_id_of("other")
    assert len(trace_id_of("0" * 32)) == 32
    assert trace_id_of("0" * 32).strip("0")
    assert span_id_of("cd" * 8) == "cd" * 8
    assert span_id_of("00000000-0000-0000-00ab-cdef01234567") == "00abcdef01234567"


def test_base64_ids_become_hex_whatever_characters_they_hold():
    assert hex_of("/v7+/v7+/v4=") == "fe" * 8
    assert hex_of("+/v7+/v7+/v7+/v7+/v7+w==") == "fb" * 16
    assert hex_of("0xAB") == "ab"


def test_settings_of_the_environment_are_dropped_wherever_they_stand():
    found = attributes_of(
        {
            "langsmith.metadata.LANGSMITH_API_KEY": "k",
            "LANGCHAIN_ENDPOINT": "e",
            "metadata": {"LANGSMITH_API_KEY": "k", "deep": [{"LANGCHAIN_API_KEY": "k", "a": 1}]},
            "langsmith.metadata.session_id": "s",
            "nothing": None,
        }
    )

    assert found == {
        "metadata": {"deep": [{"a": 1}]},
        "langsmith.metadata.session_id": "s",
    }


def test_a_value_that_is_too_long_is_cut_and_marked():
    found = attributes_of({"a": "x" * 1_000_001, "b": "y"})

    assert len(found["a"]) == 1_000_000
    assert found[TRUNCATED] == ["a"]
