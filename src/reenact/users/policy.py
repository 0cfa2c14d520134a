"""User policies: `verbatim` says the recorded words to the end, `strict` stops at a misfit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reenact.domain.conversation import Message, Provenance
from reenact.domain.run import UserPolicy
from reenact.domain.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say these messages; the last of them is the one the agent answers."""

    messages: tuple[Message, ...]
    provenance: Provenance = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Say no more, and why."""

    reason: str


class User(Protocol):
    """Who speaks for the user."""

    def next(self, turn: Turn, *, misfit: str | None) -> Say | Stop:
        """Return what the user does on `turn`; `misfit` is the first one met so far."""


class Verbatim:
    """The recorded words, to the end. What follows a misfit is marked by the engine."""

    def next(self, turn: Turn, *, misfit: str | None) -> Say | Stop:
        """Say the recorded words of `turn`."""
        return Say(messages=turn.user_messages)


class Strict:
    """The recorded words, up to the first misfit."""

    def next(self, turn: Turn, *, misfit: str | None) -> Say | Stop:
        """Say the recorded words of `turn`, or stop where the talk has parted."""
        return Stop(reason=misfit) if misfit else Say(messages=turn.user_messages)


USERS: dict[UserPolicy, type[Verbatim] | type[Strict]] = {"verbatim": Verbatim, "strict": Strict}
