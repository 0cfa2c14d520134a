"""Texts: a word diff that gives back both sides exactly, and how alike two texts are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from reenact.domain.comparison import TextOp

MAX_CELLS = 100_000_000
"""Largest diff by words (words of one side times the other's): about 50 ms and 30 MB."""

_WORDS = re.compile(r"(\s*)(\w+(?:[-.'\u2019@/:]\w+)*|[^\w\s]|\Z)")
"""White space, then a word (ids, amounts and addresses stay whole) or one other character."""
_LINES = re.compile(r"()([^\n]*\n|[^\n]+)")
# Chinese, Japanese and Korean write no space between words: each of their characters counts.
_TERMS = re.compile("[぀-ヿ㐀-鿿가-힯]|[^\\W぀-ヿ㐀-鿿가-힯]+")


class _Token(NamedTuple):
    space: str
    word: str


class _Piece(NamedTuple):
    baseline: str
    replay: str
    same: bool


def word_diff(a: str, b: str) -> tuple[TextOp, ...]:
    """Return the steps from `a` to `b`, word by word; no step for two empty texts.

    The baseline parts joined give exactly `a`, the replay parts exactly `b`. Steps alternate
    between equal and not. Words are aligned by their longest common subsequence, and the white
    space before a word goes with it. Texts too long for that are aligned by lines, and beyond
    that what lies between their common beginning and end is one replacement.
    """
    tokens_a, tokens_b = _tokens(_WORDS, a), _tokens(_WORDS, b)
    start, end = _common_ends(tokens_a, tokens_b)
    head, tail = _text(tokens_a[:start]), _text(tokens_a[len(tokens_a) - end :])
    middle = _middle(tokens_a[start : len(tokens_a) - end], tokens_b[start : len(tokens_b) - end])
    pieces = [_Piece(head, head, True), *middle, _Piece(tail, tail, True)]
    return tuple(_step(piece) for piece in _joined(pieces))


def similarity(a: str, b: str) -> float:
    """Return how many words two texts share, from 0 (none) to 1 (all of them, in any order).

    The Dice coefficient of the two bags of words, each word weighted by its length so that
    "email" counts for more than "me". Letter case and punctuation do not matter; texts without
    any word are alike where they are equal.
    """
    words_a, words_b = _bag(a), _bag(b)
    weight = _weight(words_a) + _weight(words_b)
    if weight == 0:
        return 1.0 if a.strip() == b.strip() else 0.0
    return 2 * _weight(words_a & words_b) / weight


def terms(text: str) -> list[str]:
    """Return the words of `text`; each Chinese, Japanese or Korean character is one."""
    return _TERMS.findall(text)


def _bag(text: str) -> Counter[str]:
    return Counter(terms(text.casefold()))


def _weight(words: Counter[str]) -> int:
    return sum(len(word) * count for word, count in words.items())


def _tokens(pattern: re.Pattern[str], text: str) -> list[_Token]:
    return [_Token(space, word) for space, word in pattern.findall(text) if space or word]


def _text(tokens: Iterable[_Token]) -> str:
    return "".join(token.space + token.word for token in tokens)


def _common_ends(a: Sequence[_Token], b: Sequence[_Token]) -> tuple[int, int]:
    shorter = min(len(a), len(b))
    start = 0
    while start < shorter and a[start] == b[start]:
        start += 1
    end = 0
    while end < shorter - start and a[-1 - end] == b[-1 - end]:
        end += 1
    return start, end


def _middle(a: Sequence[_Token], b: Sequence[_Token]) -> Iterable[_Piece]:
    if len(a) * len(b) > MAX_CELLS:
        a, b = _tokens(_LINES, _text(a)), _tokens(_LINES, _text(b))
    if len(a) * len(b) > MAX_CELLS:
        return [_Piece(_text(a), _text(b), False)]
    return _aligned(a, b)


def _aligned(a: Sequence[_Token], b: Sequence[_Token]) -> Iterator[_Piece]:
    # Numbered words, because rapidfuzz compares hashes and takes a single letter for its code.
    numbers: dict[str, int] = {}
    coded_a = [numbers.setdefault(token.word, len(numbers)) for token in a]
    coded_b = [numbers.setdefault(token.word, len(numbers)) for token in b]
    for op in Indel.opcodes(coded_a, coded_b):
        before, after = a[op.src_start : op.src_end], b[op.dest_start : op.dest_end]
        if op.tag != "equal":
            yield _Piece(_text(before), _text(after), False)
            continue
        for one, other in zip(before, after, strict=True):
            yield _Piece(one.space, other.space, one.space == other.space)
            yield _Piece(one.word, other.word, True)


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Put neighbours of one kind together and drop what is empty."""
    joined: list[_Piece] = []
    for piece in pieces:
        if not piece.baseline and not piece.replay:
            continue
        if joined and joined[-1].same == piece.same:
            last = joined.pop()
            piece = _Piece(last.baseline + piece.baseline, last.replay + piece.replay, piece.same)
        joined.append(piece)
    return joined


def _step(piece: _Piece) -> TextOp:
    op: Literal["equal", "insert", "delete", "replace"] = "replace"
    if piece.same:
        op = "equal"
    elif not piece.baseline:
        op = "insert"
    elif not piece.replay:
        op = "delete"
    return TextOp(op=op, baseline=piece.baseline, replay=piece.replay)
