"""The ledger: what the user of a recording could know. Improvised words name nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reenact.domain.conversation import Item, Message, ToolCall
from reenact.matching.text import terms
from reenact.users.entities import Entity, entities_in, names_in, texts_in

MOST_FACTS = 200
"""Facts that a model is told; the ledger itself holds all."""

_OWN = re.compile(
    r"name|e-?mail|phone|zip|post(al)?_?code|address|street|city|^state$|province|country|birth|dob|"
    r"user_id|customer_id|line1|line2",
    re.IGNORECASE,
)
"""Keys of results that hold what people know of themselves."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the user could know, and where the recording says it."""

    text: str
    source: str


class Ledger:
    """The entities and words of one recording that its user could know."""

    def __init__(self, facts: Iterable[Fact]):
        self._values: set[str] = set()
        self._words: set[str] = set()
        self.facts: Mapping[str, Fact] = self._read(facts)

    def unknown(self, text: str) -> tuple[Entity, ...]:
        """Return what `text` names that the ledger does not hold."""
        strange = [entity for entity in entities_in(text) if entity.value not in self._values]
        strange += [name for name in names_in(text) if not self._is_word(name)]
        return tuple(strange)

    def shown(self) -> list[dict[str, str]]:
        """Return the facts as a model is told them, each with its source."""
        facts = list(self.facts.values())[:MOST_FACTS]
        return [{"fact": fact.text, "from": fact.source} for fact in facts]

    def _is_word(self, name: Entity) -> bool:
        return all(part in self._words for part in terms(name.value))

    def _read(self, facts: Iterable[Fact]) -> Mapping[str, Fact]:
        kept: dict[str, Fact] = {}
        for fact in facts:
            self._words.update(terms(fact.text.casefold()))
            for entity in (*entities_in(fact.text), *names_in(fact.text)):
                self._values.add(entity.value)
                kept.setdefault(entity.value, Fact(entity.text, fact.source))
        return kept


def facts_of(items: Sequence[Item], *, told_until: int) -> Iterator[Fact]:
    """Yield what the user could know from recorded `items`.

    That is what the user said, at any time; what the agent told within the first `told_until`
    items; what the user's own tools gave; and what a result holds of the user, such as a name
    or an address, where the call was made for something that the user had named.
    """
    spoken = "\n".join(i.text for i in items if isinstance(i, Message) and i.role == "user")
    own = {entity.value for entity in entities_in(spoken)}
    turn = 0
    for place, item in enumerate(items):
        if isinstance(item, Message) and item.role == "user":
            turn += 1
            yield Fact(item.text, f"the user on turn {turn}")
        elif isinstance(item, Message) and item.role != "system" and place < told_until:
            yield Fact(item.text, f"the agent on turn {turn}")
        elif isinstance(item, ToolCall):
            yield from _from_call(item, own)


def _from_call(call: ToolCall, own: set[str]) -> Iterator[Fact]:
    source = f"the result of {call.name}"
    if call.requestor == "user":
        yield from (Fact(text, source) for _, text in texts_in([call.arguments, call.result]))
        return
    asked_for = {e.value for _, text in texts_in(call.arguments) for e in entities_in(text)}
    given = [text for _, text in texts_in(call.arguments)]
    if asked_for & own or any(len(text) > 2 and text.casefold() in own for text in given):
        yield from (Fact(text, source) for key, text in texts_in(call.result) if _OWN.search(key))
