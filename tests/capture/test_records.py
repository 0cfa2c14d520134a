"""Records out of files: arrays, pages and lines, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from reenact.capture.importers.records import records_in
from reenact.errors import DecodeError


def found_in(tmp_path: Path, text: str) -> tuple[list[tuple[str, dict[str, object]]], list[str]]:
    path = tmp_path / "x.json"
    path.write_text(text)
    rejected: list[str] = []
    return list(records_in(path, pages=("data",), on_reject=rejected.append)), rejected


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('[{"a": 1}, {"a": 2}]', ["record 1", "record 2"]),
        ('{"meta": {"n": 2}, "data": [{"a": 1}, {"a": 2}]}', ["record 1", "record 2"]),
        ('{\n  "a": 1,\n  "b": {\n  }\n}\n', ["the file"]),
        ('{"a": 1}\n\n{"a": 2}\n', ["line 1", "line 3"]),
        ('{"data": [{"a": 1}]}\n{"data": [{"a": 2}]}', ["line 1 record 1", "line 2 record 1"]),
        ("[]", []),
        ('{"data": []}', []),
    ],
    ids=["array", "page", "one record", "lines", "lines of pages", "empty array", "empty page"],
)  # fmt: skip
def test_every_way_of_holding_records_is_read(tmp_path: Path, text: str, places: list[str]):
    found, rejected = found_in(tmp_path, text)

    assert [place for place, _ in found] == places
    assert rejected == []


def test_a_broken_line_is_rejected_and_the_next_one_taken(tmp_path: Path):
    found, rejected = found_in(tmp_path, '{"a": 1}\n{"a": \n{"a": 3}\n7\n')

    assert [place for place, _ in found] == ["line 1", "line 3"]
    assert rejected[0].startswith("line 2: broken JSON")
    assert rejected[1] == "line 4: no object"


def test_a_first_line_that_is_broken_does_not_hide_the_others(tmp_path: Path):
    found, rejected = found_in(tmp_path, '{"a": \n{"a": 2}\n')

    assert [place for place, _ in found] == ["line 2"]
    assert len(rejected) == 1


def test_a_document_that_breaks_off_gives_what_stood_before(tmp_path: Path):
    found, rejected = found_in(tmp_path, '{"data": [{"a": 1}, {"a": 2}, {"a"')

    assert [record["a"] for _, record in found] == [1, 2]
    assert "record 3: broken JSON" in rejected[0]
    assert rejected[0].endswith("nothing after it is read")


def test_what_is_nested_too_deep_is_rejected_alone(tmp_path: Path):
    deep = "[" * 90 + "]" * 90
    found, rejected = found_in(tmp_path, f'[{{"a": {deep}}}, {{"a": 1}}]')

    assert [place for place, _ in found] == ["record 2"]
    assert rejected == ["record 1: nested deeper than 64 levels"]


@pytest.mark.parametrize("text", ["", "hello", "7"])
def test_other_text_is_refused(tmp_path: Path, text: str):
    with pytest.raises(DecodeError, match="neither a JSON array or object"):
        found_in(tmp_path, text)
