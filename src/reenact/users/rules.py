"""Rules: the first tier of the guided user. It needs no model and never guesses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reenact.domain.run import ChoiceKind, PassedOver
from reenact.matching.text import similarity
from reenact.users.asked import Asked
from reenact.users.entities import EntityKind, values_of
from reenact.users.fit import FITS, Fit, Heard, Line, fit

MOST_REPEATS = 2
"""So often a recorded turn is said again; an agent that still asks is going in circles."""

_DUE = 0.05
"""What counts for a turn beside its fit: that it is due."""
_CLEAR = 0.6
"""An unused turn of this score goes before one that was said already."""
_LIKE_QUESTION = 0.35
_SAME_QUESTION = 0.6
_NAMED: frozenset[EntityKind] = frozenset({"code", "number", "date"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """A recorded turn to say."""

    line: Line
    kind: ChoiceKind
    reason: str
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing is left to say; the reason names recorded turns that were never said."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """The rules cannot say what the user would do here."""

    reason: str


Decision = Chosen | Finished | Undecided


@dataclass(slots=True)
class Progress:
    """How far a guided talk has come through its recording."""

    lines: Sequence[Line]
    ending: Asked
    """What the recorded agent said last."""
    said: list[int] = field(default_factory=list)
    """Numbers of the recorded turns that were said, in the order of the replay."""
    answered: dict[int, Asked] = field(default_factory=dict)
    """What the live agent had said before each turn that was said."""
    repeats: Counter[int] = field(default_factory=Counter)
    noted: set[int] = field(default_factory=set)
    """Turns that an earlier choice named as passed over."""

    @property
    def unused(self) -> list[Line]:
        """The recorded turns that were not said yet, in recorded order."""
        return [line for line in self.lines if line.turn.index not in self.said]

    def line(self, turn: int) -> Line:
        """Return the recorded turn of that number."""
        return next(line for line in self.lines if line.turn.index == turn)

    def due(self) -> Iterator[int]:
        """Yield the turns that are due: the first unused one, and the one after the last said."""
        unused = [line.turn.index for line in self.unused]
        yield from unused[:1]
        if self.said:
            yield from [index for index in unused if index > self.said[-1]][:1]


def decide(progress: Progress, heard: Heard) -> Decision:
    """Return what the user does after what was `heard`, or that the rules cannot say."""
    fits = {line.turn.index: fit(line, heard) for line in progress.unused}
    new = _best(progress.unused, fits, due=set(progress.due()))
    again = None if new and fits[new.turn.index].score >= _CLEAR else _said_again(progress, heard)
    if new is not None and again is None:
        return chosen(progress, new, fits[new.turn.index].reason, heard)
    if again is not None:
        last = again.turn.index == progress.said[-1]
        which = "it was said just before" if last else f"turn {again.turn.index} told it"
        return Chosen(again, "repeat", f"asked again, and {which}: {heard.asked.last}")
    if not heard.asked.asks:
        return Finished(left_over(fits))
    if not progress.unused and _ends_alike(progress.ending, heard.asked):
        return Finished()
    return Undecided(f"nothing recorded answers it: {heard.asked.last}")


def chosen(progress: Progress, line: Line, reason: str, heard: Heard) -> Chosen:
    """Return the choice of an unused `line`, with the turns that it leaves behind."""
    index = line.turn.index
    behind = (
        PassedOver(turn=other.turn.index, reason=_why_behind(fit(other, heard), index))
        for other in progress.unused
        if other.turn.index < index and other.turn.index not in progress.noted
    )
    kind: ChoiceKind = "next" if index in progress.due() else "other"
    return Chosen(line, kind, reason, tuple(behind))


def left_over(fits: dict[int, Fit]) -> str | None:
    """Say which recorded turns were never said, and why; None where all were."""
    if not fits:
        return None
    return "; ".join(f"turn {turn} was not said: {found.reason}" for turn, found in fits.items())


def _best(lines: Iterable[Line], fits: dict[int, Fit], *, due: set[int]) -> Line | None:
    def rank(line: Line) -> tuple[float, int]:
        index = line.turn.index
        return fits[index].score + (_DUE if index in due else 0.0), -index

    fitting = (x for x in lines if fits[x.turn.index].fits(due=x.turn.index in due))
    return max(fitting, key=rank, default=None)


def _said_again(progress: Progress, heard: Heard) -> Line | None:
    """Return the turn to say again where the agent asks what it was told already.

    It must ask nearly the same as it asked before that turn, or ask for a fact that the turn
    tells by its own words. The last turn goes before an earlier one.
    """
    if not heard.asked.wanted:
        return None
    for index in dict.fromkeys(reversed(progress.said)):
        line = progress.line(index)
        tells = not heard.asked.confirms and heard.asked.slots & line.tells
        asked_again = _same_question(progress.answered.get(index), heard.asked)
        if progress.repeats[index] < MOST_REPEATS and (tells or asked_again):
            return line
    return None


def _same_question(before: Asked | None, now: Asked) -> bool:
    """Tell whether the live agent asks again what it asked before."""
    if before is None or not before.wanted:
        return False
    named = values_of(now.entities, kinds=_NAMED) <= values_of(before.entities, kinds=_NAMED)
    alike = similarity(before.question, now.question) >= _SAME_QUESTION
    return alike and (named or not now.confirms) and now.actions == before.actions


def _why_behind(found: Fit, chosen: int) -> str:
    return f"turn {chosen} fits better" if found.score >= FITS else found.reason


def _ends_alike(ending: Asked, now: Asked) -> bool:
    if not ending.asks:
        return False
    if not ending.wanted or not now.wanted:
        return not ending.wanted and not now.wanted
    shared = ending.slots & now.slots
    return bool(shared) or similarity(ending.question, now.question) >= _LIKE_QUESTION
