"""Steps: what the agent did or asked in one turn, reduced to what tells it from others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from reenact.domain.conversation import Conversation
from reenact.domain.turn import Turn, turns_of

StepKind = Literal["tools", "confirm", "ask", "say"]
"""What the agent did: called tools, wanted a yes, wanted to know something, told something."""

LABEL_CHARS = 90
"""Longest label of a node or an edge."""
MAX_WORDS = 60
"""Words of a step that count; what comes later says little of what it is about."""
MAX_CHARS = 10_000
"""Beginning of an answer in which its gist is sought."""
_SENTENCE_CHARS = 500
"""End of a longer sentence that stands for it."""

_FEW_WORDS = 6
"""A sentence of no more words says too little alone: "Is that correct?"."""
_STEM = 6
"""Letters of a word that count: "cancel" and "cancellation" are one."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
_QUESTION = re.compile(r"[?\uff1f][\s\"'\u201d\u2019)*]*$")
_REQUEST = re.compile(
    r"\b(please|kindly|could you|can you|would you|i[\u2019']ll need|i need|reply)\b",
    re.IGNORECASE,
)
_REPORT_BACK = re.compile(r"\blet me know\b", re.IGNORECASE)
"""A request that says nothing of what it is about."""
_OFFER = re.compile(
    r"\b(?:(any|some)thing else|help (you )?(with )?(anything|further|today)|further assistance|"
    r"more (help|assistance|details|information|changes)|(other|any|more|further) questions|"
    r"feel free|(how|what) (can|may|else) i|need (any|further|more|help)|assist you further|"
    r"if you need (assistance|help)|hold on)",
    re.IGNORECASE,
)
_CONFIRMATION = re.compile(
    r"\b(confirm(ed)?|proceed|go ahead|correct|would you like (me )?to|(reply|say) .?yes)\b",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"(?<![^\s,;:!?()])[^\s,;:!?()]*[@\d_#$\u20ac\u00a3][^\s,;:!?()]*"  # a whole word
)
"""An id, a number, a date, an amount or an address."""
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TERM = re.compile(f"[{_CJK}]|[^\\W\\d_{_CJK}]+(?:['\u2019][^\\W\\d_]+)*")
_MARKUP = re.compile(r"[*`#>|]+|^[-\u2022\d.)\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One agent turn. `features` are its tools, or the words of its gist, entities masked."""

    kind: StepKind
    features: tuple[str, ...]
    label: str
    user: str | None
    """What the user said to get here."""


def steps_of(conversation: Conversation) -> tuple[Step, ...]:
    """Return the steps of `conversation`, one a turn, a greeting included."""
    return tuple(_step(turn) for turn in turns_of(conversation))


def shortened(text: str) -> str:
    """Return `text` on one line, cut at a word where it is longer than a label."""
    line = " ".join(text.split())
    if len(line) <= LABEL_CHARS:
        return line
    head = line[: LABEL_CHARS - 1]
    return head[: head.rfind(" ") if " " in head[LABEL_CHARS // 2 :] else None].rstrip(",.;:") + "…"


def _step(turn: Turn) -> Step:
    tools = dict.fromkeys(c.name for c in turn.tool_calls if c.requestor == "agent")
    if tools:
        label = shortened(" + ".join(tools))
        return Step(kind="tools", features=tuple(tools), label=label, user=turn.user)
    if turn.assistant is None:
        return Step(kind="say", features=(), label="no answer", user=turn.user)
    kind, sentences = _gist(turn.assistant)
    gist = _ENTITY.sub("…", " ".join(sentences))
    return Step(
        kind=kind, features=_stems(gist), label=shortened(gist or turn.assistant), user=turn.user
    )


def _stems(text: str) -> tuple[str, ...]:
    """Return the words of `text`, cut; each Chinese, Japanese or Korean character is one."""
    return tuple(term.lower()[:_STEM] for term in _TERM.findall(text)[:MAX_WORDS])


def _gist(text: str) -> tuple[StepKind, Sequence[str]]:
    """Return what kind of step an answer is, and the sentences that say what it is about.

    The first question, else the last request, and before a short one the first sentence that is
    not; else the first two sentences. Offers of more help are no questions.
    """
    sentences = [s for s in map(_plain, _SENTENCE.split(text[:MAX_CHARS])) if s]
    wanting = [s for s in sentences if not _OFFER.search(s)]
    questions = [s for s in wanting if _QUESTION.search(s)]
    requests = [s for s in wanting if _REQUEST.search(s)]
    reports = [s for s in wanting if _REPORT_BACK.search(s)]
    asked = next(chain(questions, reversed(requests), reversed(reports)), None)
    if asked is None:
        return "say", sentences[:2]
    kind: StepKind = "confirm" if _CONFIRMATION.search(asked) else "ask"
    if not _is_short(asked) and asked not in reports:
        return kind, (asked,)
    said = (s for s in sentences[: sentences.index(asked)] if not _is_short(s))
    return kind, (*islice(said, 1), asked)


def _is_short(sentence: str) -> bool:
    return next(islice(_TERM.finditer(sentence), _FEW_WORDS, None), None) is None


def _plain(sentence: str) -> str:
    return _MARKUP.sub("", sentence[-_SENTENCE_CHARS:]).strip()
