"""Executors: who runs a run. What runs here is described by ids alone.

Run, run test, scenarios, recordings and the agent's target are all in the store and can be
written as JSON, so that an executor may hand a run to other machines by its id. There is one
that runs it in this process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from reenact.agents.port import Agent
from reenact.domain.agent import AgentTarget
from reenact.domain.budget import Budget
from reenact.domain.progress import Listener, RunProgress
from reenact.domain.run import Run, RunOptions
from reenact.runs.budgets import raised
from reenact.runs.running import OnEnd, OnServing, execute, resumable
from reenact.runs.workspace import Workspace

Reach = Callable[[AgentTarget, RunOptions], Agent]
"""How an agent is reached: from its target, which any process can read."""
_NOTHING = Budget()


class Executor(Protocol):
    """Runs runs, here or elsewhere."""

    def submit(self, run_id: str) -> Run:
        """Have a new run executed; return it as it is then: it may still be running."""

    def resume(self, run_id: str, *, budget: Budget = _NOTHING) -> Run:
        """Have a run go on at its first missing turn, with a higher budget where one is given.

        Raises:
            UsageError: when it has ended by itself, or its budget is spent and not raised.
        """

    def cancel(self, run_id: str) -> RunProgress:
        """Ask a run to stop after the turns that are under way; return where it stands."""

    def progress(self, run_id: str) -> RunProgress:
        """Return where a run stands."""


class LocalExecutor:
    """Runs in this process, and returns when the run has ended."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        reach: Reach,
        on_end: OnEnd = lambda call: None,
        listener: Listener | None = None,
        on_serving: OnServing = lambda urls: None,
    ):
        self._workspace = workspace
        self._reach = reach
        self._on_end = on_end
        self._listener = listener
        self._on_serving = on_serving

    def submit(self, run_id: str) -> Run:
        """Execute a run to its end; raises as `execute` does."""
        return self._executed(self._workspace.records.run(run_id))

    def resume(self, run_id: str, *, budget: Budget = _NOTHING) -> Run:
        """Go on with a run at its first missing turn; raises as the protocol says."""
        run = resumable(self._workspace.records.run(run_id))
        test = self._workspace.records.run_test(run.run_test_id)
        return self._executed(raised(run, test, budget))

    def cancel(self, run_id: str) -> RunProgress:
        """Ask whichever process runs this run to stop; one that nobody has begun is stopped."""
        run = resumable(self._workspace.records.run(run_id))
        if run.status == "pending":
            reason = f"cancelled before it began; go on with: reenact runs resume {run.id}"
            stopped = replace(run, status="cancelled", reason=reason, stopped_by="user")
            self._workspace.records.save_run(stopped)
        elif run.status == "running":
            self._workspace.control.ask_to_stop(run.id)
        return self.progress(run_id)

    def progress(self, run_id: str) -> RunProgress:
        """Return where a run stands, whichever process runs it."""
        return self._workspace.control.progress(self._workspace.records.run(run_id))

    def _executed(self, run: Run) -> Run:
        test = self._workspace.records.run_test(run.run_test_id)
        agent = self._reach(test.target, test.options)
        return execute(
            self._workspace,
            run,
            agent=agent,
            on_end=self._on_end,
            listener=self._listener,
            on_serving=self._on_serving,
        )
