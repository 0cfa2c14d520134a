"""User policies: what the user says next. `verbatim` and `strict` keep to the recording."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reenact.domain.conversation import Item, Message, Provenance, ToolCall
from reenact.domain.run import EndReason, TurnRecord, UserChoice, UserPolicy
from reenact.domain.scenario import Graph
from reenact.domain.turn import Turn
from reenact.errors import UsageError
from reenact.llm.port import LanguageModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say these messages; the last of them is the one the agent answers."""

    messages: tuple[Message, ...]
    turn: Turn
    """The recorded turn that is said, or that the words stand at where they are not recorded."""
    provenance: Provenance = "recorded"
    calls: tuple[ToolCall, ...] = ()
    """What the user's side did with tools of its own before it spoke. The agent never sees it."""
    choice: UserChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Say no more, and why."""

    reason: str | None
    ended: EndReason = "diverged"
    mark: UserChoice | None = None
    """Set where the user's side failed: the mark of the turn that it could not take."""


Step = Say | Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a user is given to speak from: the recorded turns, and what came before them."""

    turns: Sequence[Turn]
    before: Sequence[Item] = ()
    calls: Mapping[int, tuple[ToolCall, ...]] = field(default_factory=dict)
    """The calls of the user's side, by the turn whose words follow them."""
    calls_seen: bool = True
    """False where the agent runs its tools by itself, so that no one sees its calls."""
    persona: str | None = None
    situation: str | None = None
    outcome: str | None = None
    graph: Graph | None = None
    """Who a simulated user is, why it calls, what it wants, and how such talks go."""


class User(Protocol):
    """Who speaks for the user in one talk."""

    adapts: bool
    """True where its words follow what was said, so that the talk goes on after a misfit."""

    @property
    def through(self) -> bool:
        """True where nothing is left to say, whatever the agent answers."""

    def next(self, *, misfit: str | None) -> Step | Awaitable[Step]:
        """Return what the user does next; `misfit` is the first one met so far."""

    def hear(self, record: TurnRecord) -> None:
        """Take note of a finished turn, one of an earlier process too."""


class Verbatim:
    """The recorded words, to the end. What follows a misfit is marked by the engine."""

    adapts = False

    def __init__(self, part: Part):
        self._turns = part.turns
        self._calls = part.calls
        self._place = 0

    @property
    def through(self) -> bool:
        """True after the last recorded turn."""
        return self._place >= len(self._turns)

    def next(self, *, misfit: str | None) -> Step:
        """Say the recorded words of the turn that is due."""
        if self._place >= len(self._turns):
            return Stop(reason=None, ended="finished")
        turn = self._turns[self._place]
        calls = self._calls.get(turn.index, ())
        return Say(messages=turn.user_messages, turn=turn, calls=calls)

    def hear(self, record: TurnRecord) -> None:
        """Go on to the next turn."""
        self._place += 1


class Strict(Verbatim):
    """The recorded words, up to the first misfit."""

    def next(self, *, misfit: str | None) -> Step:
        """Say the recorded words of the turn that is due, or stop where the talk has parted."""
        return Stop(reason=misfit) if misfit else super().next(misfit=misfit)


def user_of(policy: UserPolicy, part: Part, *, model: LanguageModel | None = None) -> User:
    """Return who speaks for the user.

    Raises:
        UsageError: where the policy needs a model and there is none.
    """
    if policy == "verbatim":
        return Verbatim(part)
    if policy == "strict":
        return Strict(part)
    if policy == "guided":
        from reenact.users.guided import Guided

        return Guided(part, model=model)
    from reenact.users.simulated import Simulated

    if model is None:
        raise _no_model()
    return Simulated(part, model=model)


def check_model(policy: UserPolicy, model: LanguageModel | None) -> None:
    """Raise UsageError where `policy` needs a model and there is none."""
    if policy == "simulated" and model is None:
        raise _no_model()


def _no_model() -> UsageError:
    return UsageError(
        "the simulated user is a language model, and none was given",
        where="user policy simulated",
        next_step="set REENACT_MODEL, or pass model= in Python; guided goes far without one",
    )
