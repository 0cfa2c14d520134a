"""Runs one run in a process of its own: `python -m reenact.runs.worker RUN_ID`.

What it is told comes from the environment (`REENACT_*`), its arguments and the stores. Events go
to stdout, a line of JSON each; what the agent prints goes to stderr. SIGTERM stops it at once:
finished turns are kept, and the run can go on.

A process a run: the agent's code is read afresh each time, and whatever it does to its process
it does to this one alone. See docs/decisions/0023.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TextIO

from reenact import codec
from reenact.domain.budget import Budget
from reenact.domain.progress import Event
from reenact.errors import ReenactError
from reenact.runs.executor import LocalExecutor
from reenact.runs.replay import reach
from reenact.runs.workspace import Workspace


def main(arguments: list[str]) -> int:
    """Go on with a run; return the exit code of what went wrong, 0 where the run has ended."""
    run_id, *more = arguments
    budget = codec.from_json(Budget, more[0], where="budget") if more else Budget()
    events = _Events()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Workspace() as workspace:
        executor = LocalExecutor(workspace, reach=reach, listener=events)
        try:
            executor.resume(run_id, budget=budget)
        except KeyboardInterrupt:
            return 130
        except ReenactError as error:
            _note_failure(workspace, run_id, error)
            sys.stderr.write(f"{error.render()}\n")
            return error.exit_code
    return 0


class _Events:
    """Takes events to where stdout was; whatever prints to stdout from now on prints to stderr."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._to: TextIO | None = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
        os.dup2(2, 1)

    def __call__(self, event: Event, /) -> None:
        """Write `event`; where nobody reads any more, the run goes on to its end all the same."""
        if self._to is None:
            return
        try:
            self._to.write(codec.to_json(event).decode() + "\n")
        except BrokenPipeError:
            self._to = None


def _note_failure(workspace: Workspace, run_id: str, error: ReenactError) -> None:
    """Let the run say why it never began, where nobody else has said so."""
    run = workspace.records.run(run_id)
    if run.status in ("pending", "running"):
        failed = replace(run, status="failed", reason=error.render(), ended_at=datetime.now(UTC))
        workspace.records.save_run(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
