"""Asked: what an agent's message wants to know or to have confirmed, told without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from reenact.users import english
from reenact.users.entities import Entity, entities_in

Act = Literal["tell", "confirm", "open"]
"""What a sentence wants: something told, a yes or a no, or whatever the user wants next."""

MAX_READ = 20_000
"""Characters of a message that are read: its beginning and its end, where it is longer."""
MAX_SENTENCE = 1_000
"""End of a longer sentence that stands for it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One sentence that wants an answer."""

    act: Act
    text: str
    slots: frozenset[str]


class Asked:
    """What one message of an agent asks, all of its sentences together."""

    def __init__(self, text: str):
        self.text = text
        self.asks = tuple(_asks(text))

    @cached_property
    def wanted(self) -> tuple[Ask, ...]:
        """The sentences that want something definite; an open question wants nothing so."""
        return tuple(ask for ask in self.asks if ask.act != "open")

    @cached_property
    def offers(self) -> bool:
        """True where it offers more help."""
        return bool(english.OFFER.search(self.text))

    @cached_property
    def slots(self) -> frozenset[str]:
        """The kinds of fact that are asked for."""
        telling = [ask for ask in self.wanted if ask.act == "tell"]
        named = frozenset[str]().union(*(ask.slots for ask in telling))
        # "Could you provide these details?" means those that the message speaks of.
        return named or (slots_in(self.text) if telling else named)

    @cached_property
    def confirms(self) -> bool:
        """True where a yes or a no is wanted."""
        return any(ask.act == "confirm" for ask in self.wanted)

    @cached_property
    def proposal(self) -> str:
        """What a yes would agree to: the sentence that asks, with those before it if need be."""
        sentences = sentences_of(self.text)
        for ask in self.wanted:
            if ask.act != "confirm":
                continue
            place = sentences.index(ask.text)
            for first in (place, max(0, place - 2)):
                nearby = " ".join(sentences[first : place + 1])
                if actions_in(nearby):
                    return nearby
        return self.text

    @cached_property
    def actions(self) -> frozenset[str]:
        """What would be done after a yes."""
        return actions_in(self.proposal)

    @cached_property
    def question(self) -> str:
        """The sentences that want something, joined."""
        return " ".join(ask.text for ask in self.wanted)

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """What the message names."""
        return entities_in(self.text)

    @property
    def last(self) -> str:
        """The last sentence that wants something, on one line, shortened."""
        line = " ".join((self.wanted or self.asks)[-1].text.split())
        return line if len(line) <= 160 else f"{line[:159]}\u2026"


@lru_cache(maxsize=4096)
def asked(text: str) -> Asked:
    """Return what `text` asks; the same text is read once."""
    return Asked(text)


def actions_in(text: str) -> frozenset[str]:
    """Return the kinds of thing that `text` speaks of doing."""
    return frozenset(name for name, pattern in english.ACTIONS.items() if pattern.search(text))


def slots_in(text: str) -> frozenset[str]:
    """Return the kinds of fact that `text` speaks of."""
    return frozenset(name for name, pattern in english.SLOTS.items() if pattern.search(text))


def sentences_of(text: str) -> Sequence[str]:
    """Return the sentences and lines of `text`."""
    if len(text) > MAX_READ:
        text = f"{text[: MAX_READ // 2]}\n{text[-MAX_READ // 2 :]}"
    parts = (part[-MAX_SENTENCE:].strip(" \t*#>-\u2022") for part in english.SENTENCE.split(text))
    return [part for part in parts if part]


def _asks(text: str) -> list[Ask]:
    found: list[Ask] = []
    for sentence in sentences_of(text):
        question = bool(english.QUESTION.search(sentence))
        if not question and not english.REQUEST.search(sentence):
            continue
        slots = slots_in(sentence)
        act = _act(sentence, slots, question=question)
        if act is not None:
            found.append(Ask(act, sentence, slots))
    return found


def _act(sentence: str, slots: frozenset[str], *, question: bool) -> Act | None:
    """Return what `sentence` wants; None where it only offers more help."""
    if english.OPEN.search(sentence) and not slots:
        return "open"
    definite = english.REQUEST.search(sentence)
    if english.OFFER.search(sentence) and not (
        definite and (slots or english.CONFIRM.search(sentence))
    ):
        return None
    telling = bool(slots and english.WHICH.search(sentence)) or bool(
        english.WHETHER.search(sentence)
    )
    if english.CONFIRM.search(sentence) and not telling:
        # "Please confirm your e-mail" wants the address, "confirm that I shall send" wants a yes.
        owned = re.search(r"confirm (?:the|your|its?)\b", sentence, re.IGNORECASE)
        return "tell" if owned and slots and not actions_in(sentence) else "confirm"
    closed = english.CLOSED.match(sentence) and not telling and not english.TELL.search(sentence)
    return "confirm" if question and closed else "tell"
