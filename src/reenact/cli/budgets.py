"""The flags that bound a run, and its estimate in words."""

from __future__ import annotations

from dataclasses import dataclass

from cyclopts import Parameter

from reenact.domain.budget import Budget, Estimate


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFlags:
    """What a run may take; it stops cleanly and can go on with more."""

    max_turns: int | None = None
    """Stop before more turns than this are run."""
    max_seconds: float | None = None
    """Stop once it has run for so long; turns under way are finished."""
    max_cost: float | None = None
    """Stop once the agent's model calls have cost so much, in USD; unknown cost is told."""


def budget_from(flags: BudgetFlags | None) -> Budget:
    """Return the budget that `flags` give; raises UsageError for one that lets nothing run."""
    given = flags or BudgetFlags()
    return Budget(
        max_turns=given.max_turns,
        max_seconds=given.max_seconds,
        max_cost_usd=given.max_cost,
    )


def estimate_text(expected: Estimate, *, concurrency: int) -> str:
    """Return an estimate in one line; what is not known is said to be."""
    tokens = "tokens unknown"
    if expected.input_tokens is not None and expected.output_tokens is not None:
        tokens = f"{expected.input_tokens:,} in and {expected.output_tokens:,} out tokens"
    cost = "cost unknown" if expected.cost_usd is None else f"{expected.cost_usd:.4g} USD"
    time = "time unknown" if expected.seconds is None else f"{expected.seconds:,.3g} s"
    at_once = "" if expected.seconds is None else f" at {concurrency} at once"
    return (
        f"estimate from the recording: {expected.talks:,} talk{'s' * (expected.talks != 1)}, "
        f"{expected.turns:,} turn{'s' * (expected.turns != 1)}, {tokens}, {cost}, {time}{at_once}"
    )
