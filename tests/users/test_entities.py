from __future__ import annotations

import pytest

from reenact.users.asked import asked
from reenact.users.entities import MAX_READ, entities_in, names_in
from reenact.users.ledger import Fact, Ledger


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Order #W4923227 for james_lee_6136, booking XEWRD9.", ["w4923227", "jameslee6136",
                                                                  "xewrd9"]),
        ("Write to a.b+c@example.co.uk, please.", ["a.b+c@example.co.uk"]),
        ("On May 24th, 24 May, 2024-05-24 and 24th of May.", ["05-24"]),
        ("It costs $1,917.20, in two parts of 958.6.", ["958.6", "1917.2", "2"]),
        ("Call 555-123-2002 at 14:05.", ["14:05", "5551232002"]),
        ("1. the red one\n2. the blue one", []),
        ("The code is UHDAHF.", ["uhdahf"]),
        ("YOU ARE BEING TRANSFERRED TO A HUMAN AGENT.", []),
        ("The zip code is 02134.", ["02134"]),
        ("See https://shop.example/a?b=1 first.", ["https://shop.example/a?b=1"]),
    ],
)  # fmt: skip
def test_what_a_text_names(text: str, values: list[str]) -> None:
    assert sorted(entity.value for entity in entities_in(text)) == sorted(values)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("My name is Ana Silva.", ["Ana", "Silva"]),
        ("Anna.", ["Anna"]),
        ("It is Anna's. I think so, yes.", ["Anna"]),
        ("Sorry, I don't have that at hand. Please look it up.", []),
        ("I\u2019m in Berlin on Monday.", ["Berlin"]),
    ],
)
def test_names_are_capitalised_words_that_are_not_common(text: str, names: list[str]) -> None:
    assert [entity.text for entity in names_in(text)] == names


def test_a_ledger_knows_a_thing_in_any_spelling() -> None:
    ledger = Ledger([Fact("Order A-1003 of 24 May, 49.90 for Ana Silva, call 555-123-2002.", "x")])
    for same in ("a-1003", "A1003", "May 24", "49.9", "(555) 123 2002", "Ana", "ANA SILVA"):
        assert ledger.unknown(f"it is {same}") == (), same
    for other in ("A-1004", "May 25", "49.8", "555-123-2003", "Bob"):
        assert [entity.text for entity in ledger.unknown(f"it is {other}")] == [other]


@pytest.mark.parametrize("piece", ["a", "a-", "1", "1-", "A", "@", "w.", "proceed ", "how you "])
def test_a_long_text_made_to_be_slow_is_read_all_the_same(piece: str) -> None:
    text = piece * (2 * MAX_READ // len(piece))
    assert entities_in(text) is not None
    assert names_in(text) is not None
    assert asked(text).text == text
