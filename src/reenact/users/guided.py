"""The guided user: the recorded words while they fit, a detour where they do not, then back."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence

from reenact.domain.conversation import Item, Message, ToolCall, words
from reenact.domain.run import TurnRecord, UserChoice
from reenact.domain.turn import Turn
from reenact.llm.port import LanguageModel
from reenact.users.answered import answered
from reenact.users.asked import asked, slots_in
from reenact.users.entities import Entity, entities_in, texts_in
from reenact.users.fit import Heard, Line
from reenact.users.heard import agents_words
from reenact.users.policy import Part, Say, Step, Stop
from reenact.users.rules import Chosen, Finished, Progress, Undecided, decide

_AGENT = ("assistant", "operator")
_SMALL = 100
"""A number below this may be counted by anyone; a larger one has to be known."""


class Guided:
    """Decides after each turn of the agent what the user of the recording would say.

    What the rules cannot decide goes to the model; without one the talk stops there and says
    so.
    """

    adapts = True
    through = False

    def __init__(self, part: Part, *, model: LanguageModel | None = None):
        self._part = part
        self._model = model
        self._progress = Progress(lines=lines_of(part), ending=asked(_ending(part)))
        self._known: set[str] = set()
        self._records: list[TurnRecord] = []

    def next(self, *, misfit: str | None) -> Step | Awaitable[Step]:
        """Return what the user does next."""
        if not self._records:
            return self._opening()
        failed = self._records[-1].choice
        if failed is not None and failed.kind == "failed":
            return Stop(reason=failed.reason, ended="user_failed")
        heard = self._heard()
        decision = decide(self._progress, heard)
        if isinstance(decision, Chosen):
            return say(decision, self._part)
        if self._model is None or (isinstance(decision, Finished) and decision.reason is None):
            return stopped(decision)
        from reenact.users.advice import advised

        return advised(
            self._model,
            part=self._part,
            progress=self._progress,
            heard=heard,
            decision=decision,
            records=self._records,
        )

    def hear(self, record: TurnRecord) -> None:
        """Take note of a finished turn."""
        before = self._records[-1].items if self._records else ()
        self._records.append(record)
        self._known.update(_values_in(record.items))
        choice = record.choice
        if choice is None:
            return
        self._progress.noted.update(passed.turn for passed in choice.passed_over)
        if choice.recorded_turn is None:
            return
        if choice.kind == "repeat":
            self._progress.repeats[choice.recorded_turn] += 1
        self._progress.said.append(choice.recorded_turn)
        self._progress.answered[choice.recorded_turn] = asked(agents_words(before))

    def _opening(self) -> Step:
        if not self._progress.lines:
            return Stop(reason=None, ended="finished")
        first = Chosen(self._progress.lines[0], "next", "the recording begins with it")
        return say(first, self._part)

    def _heard(self) -> Heard:
        record = self._records[-1]
        calls = _called(record.items) if self._part.calls_seen else None
        return Heard(
            asked=asked(agents_words(record.items)), calls=calls, known=frozenset(self._known)
        )


def lines_of(part: Part) -> tuple[Line, ...]:
    """Return the recorded turns of the user, each with what came before it."""
    told = _values_in(part.before, roles=("user",))
    heard = _values_in(part.before, roles=_AGENT)
    before: Sequence[Item] = _last_turn(part.before)
    used_as = _used_as(part)
    lines = []
    for turn in part.turns:
        said = answered(turn.user or "")
        named = {entity.value for entity in said.entities if _is_telling(entity)}
        used = (used_as[value] for value in named if value in used_as)
        lines.append(
            Line(
                turn=turn,
                said=said,
                before=asked(agents_words(before)),
                calls=_called(before),
                told=frozenset(told),
                tells=said.slots.union(*used),
                learnt=frozenset((named & heard) - told),
            )
        )
        told |= _values_in(turn.items, roles=("user",))
        heard |= _values_in(turn.items, roles=_AGENT)
        before = turn.items
    return tuple(lines)


def say(decision: Chosen, part: Part, *, decided_by: str = "rules", tries: int = 1) -> Say:
    """Return the words of a recorded turn as they are, with the choice that led to them."""
    turn = decision.line.turn
    again = decision.kind == "repeat"
    if again:
        # Its tool results were given to the agent when it was said first.
        turn = Turn(index=turn.index, items=turn.user_messages)
    return Say(
        messages=turn.user_messages,
        turn=turn,
        calls=() if again else part.calls.get(turn.index, ()),
        choice=UserChoice(
            kind=decision.kind,
            recorded_turn=turn.index,
            reason=decision.reason,
            decided_by=decided_by,
            tries=tries,
            passed_over=decision.passed_over,
        ),
    )


def improvised(text: str, *, at: int, choice: UserChoice) -> Say:
    """Return words that the recording does not hold, said after its turn `at`."""
    message = Message(role="user", parts=words(text))
    return Say(
        messages=(message,),
        turn=Turn(index=at, items=(message,)),
        provenance="simulated",
        choice=choice,
    )


def stopped(decision: Finished | Undecided) -> Stop:
    """Return the end of a talk in which nothing more is to be said, or can be."""
    finished = isinstance(decision, Finished)
    return Stop(reason=decision.reason, ended="finished" if finished else "diverged")


def _used_as(part: Part) -> Mapping[str, frozenset[str]]:
    """Return the kinds of fact that the recorded agent used values for: an `order_id` is one."""
    used: dict[str, frozenset[str]] = {}
    for item in (*part.before, *(item for turn in part.turns for item in turn.items)):
        if not isinstance(item, ToolCall) or item.requestor != "agent":
            continue
        for key, text in texts_in(item.arguments):
            slots = slots_in(key.replace("_", " "))
            for entity in entities_in(text):
                used[entity.value] = used.get(entity.value, frozenset()) | slots
    return used


def _is_telling(entity: Entity) -> bool:
    """Tell whether an entity has to be known to be named."""
    plain = entity.kind == "number" and entity.value.isdigit() and int(entity.value) < _SMALL
    return not plain and entity.kind not in ("date", "time")


def _ending(part: Part) -> str:
    return agents_words(part.turns[-1].items) if part.turns else ""


def _last_turn(items: Sequence[Item]) -> Sequence[Item]:
    """Return what follows the last user message of `items`."""
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        if isinstance(item, Message) and item.role == "user":
            return items[place + 1 :]
    return items


def _called(items: Iterable[Item]) -> frozenset[str]:
    calls = (item for item in items if isinstance(item, ToolCall))
    return frozenset(call.name for call in calls if call.requestor == "agent")


def _values_in(
    items: Iterable[Item], *, roles: Sequence[str] = ("user", *_AGENT, "call")
) -> set[str]:
    """Return the values named in messages of `roles`, and in the agent's arguments (`call`)."""
    values: set[str] = set()
    for item in items:
        if isinstance(item, Message) and item.role in roles:
            values.update(entity.value for entity in entities_in(item.text))
        elif isinstance(item, ToolCall) and item.requestor == "agent" and "call" in roles:
            for _, text in texts_in(item.arguments):
                values.update(entity.value for entity in entities_in(text))
    return values
