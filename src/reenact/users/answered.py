"""Answered: what a user's turn is good for. A yes, facts of some kind, or a wish of its own."""

from __future__ import annotations

from functools import cached_property, lru_cache

from reenact.matching.text import terms
from reenact.users import english
from reenact.users.asked import actions_in, sentences_of, slots_in
from reenact.users.entities import Entity, EntityKind, entities_in, names_in

SHORT_WORDS = 2
"""A turn of so many words, or fewer, means nothing without the question before it."""

_SHOWN_BY: dict[EntityKind, str] = {"email": "email", "phone": "phone"}
"""Kinds of entity that show by themselves what they are."""
_NEEDS_ENTITY = frozenset(
    {"email", "phone", "order", "user", "reservation", "zip", "date", "amount", "code", "flight"}
)


class Answered:
    """What one turn of the user holds."""

    def __init__(self, text: str):
        self.text = text

    @cached_property
    def words(self) -> int:
        """How many words it has; each Chinese, Japanese or Korean character is one."""
        return len(terms(self.text))

    @property
    def is_short(self) -> bool:
        """True where it means nothing without its question."""
        return self.words <= SHORT_WORDS

    @cached_property
    def is_yes_or_no(self) -> bool:
        """True where it begins as the answer to a question that wants a yes or a no."""
        return bool(english.YES_OR_NO.search(self.text))

    @cached_property
    def has_wish(self) -> bool:
        """True where it asks or wants something itself."""
        return bool(english.WISH.search(self.text))

    @cached_property
    def reacts(self) -> bool:
        """True where it is a reaction to what the agent did: "What?! I did not ask for that"."""
        return bool(english.REACTS.search(self.text))

    @cached_property
    def thanks(self) -> bool:
        """True where it thanks or says goodbye."""
        return bool(english.THANKS.search(self.text))

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """What it names."""
        return entities_in(self.text)

    @cached_property
    def actions(self) -> frozenset[str]:
        """The kinds of thing that it speaks of doing."""
        return actions_in(self.text)

    @cached_property
    def slots(self) -> frozenset[str]:
        """The kinds of fact that it tells by its own words: "my zip code is 32286"."""
        found = {_SHOWN_BY[entity.kind] for entity in self.entities if entity.kind in _SHOWN_BY}
        for clause in _clauses(self.text):
            if not clause.endswith("?") and not english.DENIES.search(clause):
                found |= {slot for slot in slots_in(clause) if _tells(clause, slot)}
        return frozenset(found)

    @cached_property
    def denied(self) -> frozenset[str]:
        """The kinds of fact that it says it does not know."""
        denying = (clause for clause in _clauses(self.text) if english.DENIES.search(clause))
        return frozenset[str]().union(*map(slots_in, denying))


def _clauses(text: str) -> list[str]:
    return [clause for s in sentences_of(text) for clause in english.BUT.split(s) if clause]


def _tells(clause: str, slot: str) -> bool:
    """Tell whether a clause that speaks of a kind of fact holds one."""
    if slot == "name":
        return bool(names_in(clause))
    if slot in _NEEDS_ENTITY:
        return any(entity.kind != "time" for entity in entities_in(clause))
    return True


@lru_cache(maxsize=4096)
def answered(text: str) -> Answered:
    """Return what `text` is good for; the same text is read once."""
    return Answered(text)
