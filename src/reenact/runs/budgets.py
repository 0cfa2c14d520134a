"""The budget of a run, and what is said of one that is spent."""

from __future__ import annotations

from dataclasses import replace

from reenact.domain.budget import Budget
from reenact.domain.run import Run, RunTest, StoppedBy
from reenact.errors import UsageError


def budget_of(run: Run, test: RunTest) -> Budget:
    """Return what `run` may take: what it was raised to, else what its run test says."""
    return test.options.budget if run.budget is None else run.budget


def raised(run: Run, test: RunTest, budget: Budget) -> Run:
    """Return `run` with the bounds of `budget` in place of its own, where these are given.

    Raises:
        UsageError: where it stopped for its budget, and nothing is raised.
    """
    if not budget.bounded:
        if run.stopped_by == "budget":
            raise UsageError(
                f"run {run.id} has spent its budget ({run.reason})",
                next_step="go on with a higher one: --max-turns, --max-seconds or --max-cost",
            )
        return run
    before = budget_of(run, test)
    return replace(
        run,
        budget=Budget(
            max_turns=budget.max_turns or before.max_turns,
            max_seconds=budget.max_seconds or before.max_seconds,
            max_cost_usd=budget.max_cost_usd or before.max_cost_usd,
        ),
    )


def through(run: Run, stopped_by: StoppedBy | None, reason: str | None) -> Run:
    """Return `run` as it ended: completed, or stopped between two turns."""
    if stopped_by is None:
        return replace(run, status="completed")
    how = " with a higher budget" if stopped_by == "budget" else ""
    said = f"{reason}; go on{how}: reenact runs resume {run.id}"
    return replace(run, status="cancelled", reason=said, stopped_by=stopped_by)
