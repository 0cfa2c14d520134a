"""Advice: what a model decides where the rules of the guided user cannot, and is it allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reenact.domain.conversation import Item
from reenact.domain.run import TurnRecord, UserChoice
from reenact.errors import ModelFailed
from reenact.llm.port import LanguageModel, Prompt
from reenact.llm.prompts import prompt
from reenact.matching.text import similarity
from reenact.users.entities import entities_in
from reenact.users.fit import FITS, Heard, fit
from reenact.users.guided import improvised, say, stopped
from reenact.users.heard import replayed
from reenact.users.ledger import Ledger, facts_of
from reenact.users.policy import Part, Step, Stop
from reenact.users.rules import MOST_REPEATS, Chosen, Finished, Progress, Undecided, chosen

TRIES = 3
"""How often the model is asked before the user's side gives up."""
MOST_DETOURS = 6
"""So many turns of a talk may be improvised; after that it is another talk."""
PARAPHRASE = 0.6
"""Words as alike as this are the same thing said otherwise."""
MAX_WORDS = 1_000
"""Characters of an improvised turn."""

SHAPE: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "choice": {"enum": ["next", "other", "repeat", "improvise", "stop"]},
        "turn": {"type": ["integer", "null"]},
        "words": {"type": ["string", "null"]},
        "reason": {"type": "string"},
    },
    "required": ["choice", "turn", "words", "reason"],
    "additionalProperties": False,
}


class Refused(Exception):
    """Raised where a model's answer must not be said; tells the model why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Where a guided talk stands when the model is asked."""

    part: Part
    progress: Progress
    heard: Heard
    decision: Finished | Undecided
    records: Sequence[TurnRecord]
    ledger: Ledger


async def advised(
    model: LanguageModel,
    *,
    part: Part,
    progress: Progress,
    heard: Heard,
    decision: Finished | Undecided,
    records: Sequence[TurnRecord],
) -> Step:
    """Return what `model` decides; a failure of the user's side where it does nothing allowed."""
    detours = sum(r.choice is not None and r.choice.kind == "improvise" for r in records)
    if detours >= MOST_DETOURS:
        return stopped(Undecided(f"{detours} turns were improvised; {decision.reason}"))
    situation = Situation(
        part=part,
        progress=progress,
        heard=heard,
        decision=decision,
        records=records,
        ledger=ledger_of(part, progress),
    )
    messages: list[Mapping[str, Any]] = [
        {"role": "system", "content": prompt("reenact.users.prompts", "guided")},
        {"role": "user", "content": json.dumps(_told(situation), ensure_ascii=False)},
    ]
    why = ""
    for tries in range(1, TRIES + 1):
        try:
            completion = await model.complete(Prompt(messages=tuple(messages), shape=SHAPE))
            return _step(completion.data, situation, decided_by=model.name, tries=tries)
        except ModelFailed as error:
            why = error.what
        except Refused as error:
            why = str(error)
            messages.append({"role": "assistant", "content": completion.text})
            messages.append({"role": "user", "content": f"Refused: {why}. Choose again."})
    if isinstance(decision, Finished):
        return stopped(decision)
    return failure(f"{decision.reason}; {model.name} gave no answer that may be said: {why}", model)


def failure(reason: str, model: LanguageModel) -> Stop:
    """Return the end of a talk in which the user's side failed."""
    mark = UserChoice(kind="failed", reason=reason, decided_by=model.name, tries=TRIES)
    return Stop(reason=reason, ended="user_failed", mark=mark)


def ledger_of(part: Part, progress: Progress) -> Ledger:
    """Return what the user can know at this point of the replay."""
    reached = max(progress.said, default=0)
    items: list[Item] = list(part.before)
    told_until = len(items)
    for turn in part.turns:
        items += turn.items
        if turn.index <= reached:
            told_until = len(items)
    return Ledger(facts_of(items, told_until=told_until))


def _told(situation: Situation) -> dict[str, Any]:
    said = situation.progress.said
    return {
        "recording": [
            {
                "turn": line.turn.index,
                "agent_before": line.before.text or None,
                "user": line.said.text,
                "status": "said" if line.turn.index in said else "unused",
            }
            for line in situation.progress.lines
        ],
        "replay": replayed(situation.records),
        "undecided": situation.decision.reason,
        "facts": situation.ledger.shown(),
    }


def _step(answer: Any, situation: Situation, *, decided_by: str, tries: int) -> Step:
    if not isinstance(answer, Mapping) or not isinstance(answer.get("reason"), str):
        raise Refused("the answer must be an object with choice, turn, words and reason")
    kind, reason = answer.get("choice"), answer["reason"]
    if kind == "stop":
        finished = isinstance(situation.decision, Finished)
        return Stop(reason=reason, ended="finished" if finished else "diverged")
    if kind == "improvise":
        choice = UserChoice(kind=kind, reason=reason, decided_by=decided_by, tries=tries)
        words = allowed(answer.get("words"), situation)
        return improvised(words, at=max(situation.progress.said, default=0), choice=choice)
    decision = _recorded(kind, answer.get("turn"), reason, situation)
    return say(decision, situation.part, decided_by=decided_by, tries=tries)


def _recorded(kind: Any, turn: Any, reason: str, situation: Situation) -> Chosen:
    """Return the recorded turn that the model chose, if it may be said here."""
    progress, unused = situation.progress, situation.progress.unused
    if kind == "repeat":
        index = turn if turn is not None else progress.said[-1]
        if index not in progress.said:
            raise Refused(f"turn {turn} was not said yet, so it cannot be repeated")
        if progress.repeats[index] >= MOST_REPEATS:
            raise Refused(f"turn {index} was said again {MOST_REPEATS} times already")
        line = progress.line(index)
    elif kind == "next" and unused:
        line = unused[0]
    elif kind == "other" and turn in [line.turn.index for line in unused]:
        line = progress.line(turn)
    else:
        raise Refused(f"there is no unused turn for the choice {kind!r} of turn {turn!r}")
    if line.said.is_short and fit(line, situation.heard).score < FITS:
        raise Refused(f"turn {line.turn.index} is {line.said.text!r}, to another question")
    if kind == "repeat":
        return Chosen(line, "repeat", reason)
    return chosen(progress, line, reason, situation.heard)


def allowed(words: Any, situation: Situation) -> str:
    """Return improvised words if they may be said.

    Raises:
        Refused: they name what the user cannot know, or say what an unused turn says.
    """
    text = _plain(words)
    if strange := situation.ledger.unknown(text):
        named = ", ".join(dict.fromkeys(entity.text for entity in strange))
        raise Refused(f"the user cannot know {named}; name only what is in `facts`")
    values = {entity.value for entity in entities_in(text)}
    elsewhere = {e.value for r in situation.records for e in entities_in(_all_words(r))}
    for line in situation.progress.unused:
        own = {entity.value for entity in line.said.entities} - elsewhere
        if similarity(text, line.said.text) >= PARAPHRASE or values & own:
            raise Refused(f"unused turn {line.turn.index} says that: say it as it is, or wait")
    return text


def _plain(words: Any) -> str:
    if not isinstance(words, str) or not words.strip():
        raise Refused("words are missing")
    if len(words) > MAX_WORDS:
        raise Refused(f"the words are longer than {MAX_WORDS} characters")
    return words.strip()


def _all_words(record: TurnRecord) -> str:
    return "\n".join(text for one in replayed([record]) for text in one.values() if text)
