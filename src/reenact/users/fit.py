"""Fit: whether a recorded turn of the user answers what the agent has just said.

Told without a model, from what was asked then and now, the tools that were called, the facts
that were told already, and the words in common.
"""

from __future__ import annotations

from dataclasses import dataclass

from reenact.domain.turn import Turn
from reenact.matching.text import similarity, terms
from reenact.users import english
from reenact.users.answered import Answered
from reenact.users.asked import MAX_READ, Asked, asked
from reenact.users.entities import EntityKind, values_of

FITS = 0.5
"""A recorded turn that is due is said from this score on."""
FITS_OUT_OF_TURN = 0.8
"""Any other is said from this one on: it must clearly be what was asked for."""

_SAME_WORDS = 0.6
_LIKE_WORDS = 0.35
_NOVEL = 0.34
"""A question with a larger share of new words is another question."""
_STEM = 5
_NAMED: frozenset[EntityKind] = frozenset({"code", "number", "date", "email", "phone"})
_IDS: frozenset[EntityKind] = frozenset({"code", "email", "phone"})
_BESIDE = frozenset({"refund", "send", "pay", "look", "keep", "add", "remove", "enable", "disable"})
"""What is spoken of beside the thing that is done: a return comes with a refund."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A recorded turn of the user, and the recording up to it."""

    turn: Turn
    said: Answered
    before: Asked
    """What the agent had said just before, in the recording."""
    calls: frozenset[str]
    """The tools that the agent had called just before."""
    told: frozenset[str]
    """Values that the user had named in earlier turns."""
    tells: frozenset[str] = frozenset()
    """The kinds of fact that it tells, by its words or by what the agent used its values for."""
    learnt: frozenset[str] = frozenset()
    """Values that it names and that the user had from the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the live agent did on its last turn."""

    asked: Asked
    calls: frozenset[str] | None
    """The tools it called; None where it runs its own and they cannot be seen."""
    known: frozenset[str]
    """Values that the user has named in this replay, or the agent has used."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a turn fits, from 0 to 1, and why."""

    score: float
    reason: str

    def fits(self, *, due: bool) -> bool:
        """Tell whether the turn may be said; `due` where it comes next in the recording."""
        return self.score >= (FITS if due else FITS_OUT_OF_TURN)


def fit(line: Line, heard: Heard) -> Fit:
    """Return how well the recorded words of `line` answer what was `heard`."""
    now, then = heard.asked, line.before
    if now.text.split() == then.text.split() and not _reacts_to_other(line, heard):
        return Fit(1.0, "the agent said what it said in the recording")
    if untold := sorted(line.learnt - heard.known):
        return Fit(0.0, f"it names {', '.join(untold)}, which the agent has not told here")
    if now.wanted:
        return _to_question(line, heard)
    if then.wanted:
        return _unasked(line, heard)
    return _unprompted(line, heard)


def _unprompted(line: Line, heard: Heard) -> Fit:
    """Judge a turn that nothing asked for, where nothing is asked."""
    if missing := _reacts_to_other(line, heard):
        return Fit(0.0, f"it reacts to {missing}, which was not called here")
    if not line.said.is_short or line.said.thanks:
        return Fit(0.9, "the agent asked nothing, as in the recording")
    if heard.asked.offers and line.before.offers:
        return Fit(0.9, "the agent offered more help, as in the recording")
    now, then = heard.asked.text, line.before.text
    if similarity(now, then) >= _SAME_WORDS and novelty(now, then) <= _NOVEL:
        return Fit(0.9, "the agent said much the same as in the recording")
    return Fit(0.0, "a turn of one or two words, and the agent said something else before it")


def _unasked(line: Line, heard: Heard) -> Fit:
    """Judge the answer to a question that has not come."""
    why = f"its question did not come: {line.before.last}"
    said = line.said
    if said.is_short or said.is_yes_or_no:
        return Fit(0.0, why)
    names = values_of(said.entities, kinds=_NAMED)
    if names and names <= heard.known:
        return Fit(0.0, f"what it tells was told already, and {why}")
    if said.has_wish and not (missing := _reacts_to_other(line, heard)):
        return Fit(0.55, "nothing was asked, and it holds a wish of its own")
    return Fit(0.0, f"it reacts to {missing}, which was not called here" if said.has_wish else why)


def _to_question(line: Line, heard: Heard) -> Fit:
    """Judge a turn where the agent wants to know something."""
    now, then, said = heard.asked, line.before, line.said
    options = [Fit(0.0, f"it does not answer: {now.last}")]
    if now.confirms and then.confirms and same_proposal(line, heard):
        likeness = similarity(now.proposal, then.proposal)
        named = 0.0 if said.is_short else similarity(said.text, now.proposal)
        score = 0.6 + 0.35 * likeness + 0.15 * named if said.is_yes_or_no else 0.0
        if not score and said.actions & now.actions:
            score = 0.6
        options.append(Fit(score, f"asked to confirm the same: {now.last}"))
    agrees = said.is_yes_or_no and then.confirms
    bare = said.is_short and said.is_yes_or_no
    if bare or (agrees and not then.slots):
        return max(options, key=lambda option: option.score)
    if shared := now.slots & then.slots:
        share = len(shared) / len(now.slots | then.slots)
        told = len((line.tells | said.denied) & shared) / len(shared)
        options.append(
            Fit(0.55 + 0.2 * share + 0.25 * told, f"asked for the same: {_list(shared)}")
        )
    elif (told_by_itself := now.slots & line.tells) and not agrees:
        options.append(Fit(0.55, f"it tells what was asked for: {_list(told_by_itself)}"))
    elif then.wanted and not agrees and now.confirms == then.confirms:
        least = _SAME_WORDS if said.is_short else _LIKE_WORDS
        likeness = similarity(now.question, then.question)
        other_facts = now.slots and then.slots
        if likeness >= least and not other_facts and not now.confirms:
            options.append(Fit(0.5 + likeness / 4, f"asked much the same: {now.last}"))
    return max(options, key=lambda option: option.score)


def same_proposal(line: Line, heard: Heard) -> bool:
    """Tell whether a yes to the recorded question says yes to the live one.

    A turn of one or two words must find the same action on the same things; a longer one says
    itself what it agrees to.
    """
    now, then, said = heard.asked, line.before, line.said
    if now.text.split() == then.text.split():
        return True
    likeness = similarity(now.proposal, then.proposal)
    named = asked(now.proposal).entities
    if said.is_short:
        known = values_of(then.entities, kinds=_NAMED) | line.told
        alike = likeness >= _LIKE_WORDS and novelty(now.proposal, then.text) <= _NOVEL
        things = values_of(named, kinds=_NAMED) <= known
        return alike and things and now.actions == then.actions
    ids, known = values_of(named, kinds=_IDS), values_of(then.entities, kinds=_IDS)
    if ids and known and not ids & (known | values_of(said.entities, kinds=_IDS)):
        return False
    return _same_action(now.actions, then.actions | said.actions, likeness)


def novelty(now: str, then: str) -> float:
    """Return the share of the content of `now` that is not in `then`, from 0 to 1.

    Words count by their length, by their first letters ("cancel" and "cancelling" are one), and
    not at all where they only hold a sentence together.
    """
    before = set(_content(then))
    content = _content(now)
    weight = sum(map(len, content))
    return sum(len(word) for word in content if word not in before) / weight if weight else 0.0


def _content(text: str) -> list[str]:
    words = dict.fromkeys(terms(text[:MAX_READ].casefold()))
    return [word[:_STEM] for word in words if word not in english.FUNCTION_WORDS]


def _same_action(now: frozenset[str], then: frozenset[str], likeness: float) -> bool:
    for kind in (now - _BESIDE, now):
        if kind:
            return bool(kind & then)
    return likeness >= _LIKE_WORDS


def _reacts_to_other(line: Line, heard: Heard) -> str:
    """Name the recorded calls that `line` reacts to and that were not made here; "" for none."""
    if heard.calls is None or not line.said.reacts:
        return ""
    return ", ".join(sorted(line.calls - heard.calls))


def _list(slots: frozenset[str]) -> str:
    return ", ".join(sorted(slots))
