"""The simulated user: a model in the role of one, with what it wants and what it may know."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Iterator, Mapping
from typing import Any

from reenact.domain.conversation import Item, Message
from reenact.domain.run import TurnRecord, UserChoice
from reenact.domain.scenario import Graph
from reenact.errors import ModelFailed
from reenact.llm.port import Completion, LanguageModel, Prompt
from reenact.llm.prompts import prompt
from reenact.users.advice import MAX_WORDS, TRIES, Refused, failure
from reenact.users.guided import improvised
from reenact.users.heard import replayed
from reenact.users.ledger import Fact, Ledger, facts_of
from reenact.users.policy import Part, Step, Stop

LEAST_TURNS = 12
TIMES_RECORDED = 3
"""A simulated talk may have three times as many turns as the recorded one, and twelve always."""
MOST_EDGES = 60
"""Edges of the graph that a model is told, the most frequent ones."""

SHAPE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "words": {"type": ["string", "null"]},
        "done": {"type": "boolean"},
        "reached": {"type": ["boolean", "null"]},
        "reason": {"type": "string"},
    },
    "required": ["words", "done", "reached", "reason"],
    "additionalProperties": False,
}


class Simulated:
    """Says what a model says for the persona, until its outcome is reached or out of reach."""

    adapts = True
    through = False

    def __init__(self, part: Part, *, model: LanguageModel):
        self._part = part
        self._model = model
        self._most = max(LEAST_TURNS, TIMES_RECORDED * len(part.turns))
        self._records: list[TurnRecord] = []

    def next(self, *, misfit: str | None) -> Step | Awaitable[Step]:
        """Return what the user does next."""
        failed = self._records[-1].choice if self._records else None
        if failed is not None and failed.kind == "failed":
            return Stop(reason=failed.reason, ended="user_failed")
        if len(self._records) >= self._most:
            return Stop(reason=f"the outcome was not reached in {self._most} turns")
        return self._asked()

    def hear(self, record: TurnRecord) -> None:
        """Take note of a finished turn."""
        self._records.append(record)

    async def _asked(self) -> Step:
        ledger = self._ledger()
        messages: list[Mapping[str, Any]] = [
            {"role": "system", "content": prompt("reenact.users.prompts", "simulated")},
            {"role": "user", "content": json.dumps(self._told(ledger), ensure_ascii=False)},
        ]
        why = ""
        for tries in range(1, TRIES + 1):
            try:
                completion = await self._model.complete(
                    Prompt(messages=tuple(messages), shape=SHAPE)
                )
                return self._step(completion, ledger, tries=tries)
            except ModelFailed as error:
                why = error.what
            except Refused as error:
                why = str(error)
                messages.append({"role": "assistant", "content": completion.text})
                messages.append({"role": "user", "content": f"Refused: {why}. Say it otherwise."})
        return failure(f"{self._model.name} gave no words that may be said: {why}", self._model)

    def _step(self, completion: Completion, ledger: Ledger | None, *, tries: int) -> Step:
        answer = completion.data
        if not isinstance(answer, Mapping) or not isinstance(answer.get("reason"), str):
            raise Refused("the answer must be an object with words, done, reached and reason")
        reason = answer["reason"]
        if answer.get("done") is True:
            known = {True: "the outcome was reached", False: "the outcome was not reached"}
            said = known.get(answer.get("reached"), "the user was done")  # type: ignore[arg-type]
            return Stop(reason=f"{said}: {reason}", ended="finished")
        words = answer.get("words")
        if not isinstance(words, str) or not 0 < len(words.strip()) <= MAX_WORDS:
            raise Refused(f"words must be a text of at most {MAX_WORDS} characters")
        if ledger is not None and (strange := ledger.unknown(words)):
            named = ", ".join(dict.fromkeys(entity.text for entity in strange))
            raise Refused(f"the user cannot know {named}; name only what is in `facts`")
        choice = UserChoice(
            kind="improvise", reason=reason, decided_by=self._model.name, tries=tries
        )
        return improvised(words.strip(), at=len(self._records) + 1, choice=choice)

    def _ledger(self) -> Ledger | None:
        """Return what may be named; None where nothing is recorded, and details are made up."""
        part = self._part
        if not part.turns:
            return None
        items: list[Item] = [*part.before, *(item for turn in part.turns for item in turn.items)]
        return Ledger([*self._heard(), *facts_of(items, told_until=len(part.before))])

    def _heard(self) -> Iterator[Fact]:
        part = self._part
        for name, text in (
            ("persona", part.persona),
            ("situation", part.situation),
            ("outcome", part.outcome),
        ):
            if text:
                yield Fact(text, f"the {name}")
        for number, record in enumerate(self._records, start=1):
            for item in record.items:
                if isinstance(item, Message):
                    yield Fact(item.text, f"turn {number} of this talk")

    def _told(self, ledger: Ledger | None) -> dict[str, Any]:
        part = self._part
        return {
            "persona": part.persona,
            "situation": part.situation,
            "outcome": part.outcome,
            "recorded_words": [turn.user for turn in part.turns] or None,
            "graph": _graph(part.graph),
            "replay": replayed(self._records),
            "facts": ledger.shown() if ledger is not None else None,
        }


def _graph(graph: Graph | None) -> list[dict[str, Any]] | None:
    if graph is None:
        return None
    labels = {node.id: node.label for node in graph.nodes}
    return [
        {
            "agent": labels.get(edge.source, edge.source),
            "user": edge.label or None,
            "then": labels.get(edge.target, edge.target),
            "count": edge.count,
        }
        for edge in graph.edges[:MOST_EDGES]
    ]
