"""Budgets of a run, what it has spent, and what it is expected to take."""

from __future__ import annotations

from dataclasses import dataclass

from reenact.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run may take; None sets no bound.

    It is looked at before each turn: turns that are under way are finished, so seconds and
    money may be passed by what one turn of each talk that runs takes.
    """

    max_turns: int | None = None
    max_seconds: float | None = None
    """Seconds of running, those before an interruption included."""
    max_cost_usd: float | None = None
    """What the agent's model calls cost, as its answers, its spans and the price list tell."""

    def __post_init__(self) -> None:
        """Refuse a budget that lets nothing run."""
        for name in ("max_turns", "max_seconds", "max_cost_usd"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(f"{name} is {value}; a budget must be above 0")

    @property
    def bounded(self) -> bool:
        """True where anything is bounded."""
        return (self.max_turns, self.max_seconds, self.max_cost_usd) != (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a run with a budget has taken so far."""

    turns: int
    seconds: float
    cost_usd: float | None = None
    """The money of the turns whose cost is known; None where that is none of them."""
    unpriced_turns: int | None = None
    """Turns whose cost is not known; None where money was not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run is expected to take, if every turn takes what it took when it was recorded.

    A number is None where the recordings lack it; `unknown` says of how many rows.
    """

    talks: int
    turns: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    seconds: float | None
    """At the run's concurrency, without the time of tools: they answer at once."""
    unknown: tuple[str, ...] = ()
