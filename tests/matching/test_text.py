from __future__ import annotations

import pytest

from reenact.domain.comparison import TextOp
from reenact.matching import text
from reenact.matching.text import similarity, word_diff


def op(kind: str, baseline: str, replay: str) -> TextOp:
    return TextOp(op=kind, baseline=baseline, replay=replay)  # type: ignore[arg-type]


def test_equal_texts_are_one_equal_step_and_empty_ones_none() -> None:
    assert word_diff("the same", "the same") == (op("equal", "the same", "the same"),)
    assert word_diff("", "") == ()


def test_a_word_that_was_put_in_is_an_insertion_with_its_space() -> None:
    assert word_diff("a cat", "a big cat") == (
        op("equal", "a", "a"),
        op("insert", "", " big"),
        op("equal", " cat", " cat"),
    )


def test_ids_amounts_and_addresses_are_whole_words() -> None:
    steps = word_diff("Paid 49.90 for A-1003 to ana@b.com.", "Paid 49.95 for A-1004 to ana@c.com.")
    changed = [(s.baseline, s.replay) for s in steps if s.op == "replace"]
    assert changed == [
        (" 49.90", " 49.95"),
        (" A-1003", " A-1004"),
        (" ana@b.com", " ana@c.com"),
    ]


def test_words_next_to_each_other_that_changed_are_one_step() -> None:
    assert [s.op for s in word_diff("the cat sat", "a dog ran")] == ["replace"]


def test_one_side_empty_is_one_deletion_or_insertion() -> None:
    assert word_diff("gone now", "") == (op("delete", "gone now", ""),)
    assert word_diff("", "new here") == (op("insert", "", "new here"),)


def test_a_change_of_white_space_alone_is_seen() -> None:
    assert word_diff("a b", "a\n\nb") == (
        op("equal", "a", "a"),
        op("replace", " ", "\n\n"),
        op("equal", "b", "b"),
    )


def test_a_single_letter_is_not_taken_for_its_character_code() -> None:
    assert [s.op for s in word_diff("a", "97")] == ["replace"]


def test_texts_too_long_for_words_are_aligned_by_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_CELLS", 30)
    before = "x one two\nkeep this line\nthree four five\n"
    after = "y uno dos\nkeep this line\ntres cuatro cinco\n"
    assert [(s.op, s.baseline) for s in word_diff(before, after)] == [
        ("replace", "x one two\n"),
        ("equal", "keep this line\n"),
        ("replace", "three four five"),
        ("equal", "\n"),
    ]


def test_a_megabyte_on_both_sides_is_diffed_within_bounds() -> None:
    before = "start " + " ".join(f"a{n}" for n in range(150_000)) + " end"
    after = "start " + " ".join(f"b{n}" for n in range(150_000)) + " end"
    steps = word_diff(before, after)
    assert [s.op for s in steps] == ["equal", "replace", "equal"]
    assert "".join(s.baseline for s in steps) == before
    assert "".join(s.replay for s in steps) == after


def test_similarity_is_one_for_the_same_words_and_zero_for_none_in_common() -> None:
    assert similarity("Refund it, please!", "please refund IT") == 1.0
    assert similarity("Refund it", "Where are my shoes?") == 0.0
    assert similarity("", "") == 1.0
    assert similarity("", "word") == 0.0
    assert similarity("?", "!") == 0.0


def test_long_words_weigh_more_than_short_ones() -> None:
    asked = "Could I have your reservation number?"
    assert similarity(asked, "Your reservation number?") > similarity(asked, "Could I have it?")


def test_languages_without_spaces_are_compared_by_character() -> None:
    assert 0.5 < similarity("注文番号を教えてください", "注文番号をお願いします") < 1.0
