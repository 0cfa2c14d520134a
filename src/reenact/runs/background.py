"""Runs in the background, each in a process of its own, and whoever wants to hear of them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from reenact import codec
from reenact.domain.budget import Budget
from reenact.domain.progress import Event, Listener, RunEnded, RunProgress
from reenact.domain.run import Run
from reenact.errors import UnknownId
from reenact.runs.budgets import raised
from reenact.runs.environment import environment_of
from reenact.runs.executor import LocalExecutor
from reenact.runs.process_marks import ProcessMarks
from reenact.runs.replay import reach
from reenact.runs.running import resumable
from reenact.runs.workspace import Workspace

AT_ONCE = 2
"""Runs that go at the same time; more of them wait for their turn."""
_LAST_LINES = 8
_LINE_CHARS = 300
_POLITE_S = 8.0
_LOOK_EVERY_S = 0.02
_NOTHING = Budget()
_GOES_ON = ("pending", "running")


@dataclass(slots=True)
class _Job:
    """A run that waits or goes."""

    run_id: str
    budget: Budget
    process: subprocess.Popen[bytes] | None = None
    future: Future[None] | None = None


class BackgroundExecutor:
    """An `Executor` that returns at once. Several threads may use it; `close` ends it.

    A process that dies, whatever its agent did, leaves its run `failed` with what it said last.
    `folder` is where agents are imported from. `listener` hears the events of all runs.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        listener: Listener,
        folder: Path | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._workspace = workspace
        self._folder = folder
        self._listener = listener
        self._local = LocalExecutor(workspace, reach=reach)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="reenact-background")
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._marks = ProcessMarks(workspace.settings.home / "workers")
        for run_id in self._marks.orphans():
            self._close_books(run_id, "its process ended with the server", deque())

    def submit(self, run_id: str) -> Run:
        """Have a new run executed as soon as there is room; return it as it stands."""
        return self._queued(self._workspace.records.run(run_id), _NOTHING)

    def resume(self, run_id: str, *, budget: Budget = _NOTHING) -> Run:
        """Have a run go on; return it as it stands. Raises as the protocol says."""
        run = resumable(self._workspace.records.run(run_id))
        raised(run, self._workspace.records.run_test(run.run_test_id), budget)
        if run.status not in _GOES_ON:
            self._wait(lambda: self.runs_here(run_id))  # its process is about to end
        return self._queued(run, budget)

    def cancel(self, run_id: str) -> RunProgress:
        """Ask a run to stop, wherever it goes; one that waits for its turn never begins."""
        with self._lock:
            job = self._jobs.get(run_id)
            if job is not None and job.future is not None and job.future.cancel():
                del self._jobs[run_id]
                job = None
        if job is not None:
            self._wait_until_begun(job)
        return self._local.cancel(run_id)

    def progress(self, run_id: str) -> RunProgress:
        """Return where a run stands, whoever runs it."""
        return self._local.progress(run_id)

    def runs_here(self, run_id: str) -> bool:
        """Tell whether this executor runs a run, or is about to."""
        with self._lock:
            return run_id in self._jobs

    def close(self) -> None:
        """Stop what runs after the turns under way, and drop what waits; both can go on later."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
        for job in jobs:
            with suppress(Exception):  # it may have ended meanwhile; the others must be asked too
                self.cancel(job.run_id)
        stopping = threading.Timer(_POLITE_S, _terminate, [jobs])
        stopping.start()
        self._threads.shutdown(wait=True)
        stopping.cancel()

    def _wait_until_begun(self, job: _Job) -> None:
        """Wait while a process starts: it would take no note of being cancelled before."""
        self._wait(
            lambda: (
                self.runs_here(job.run_id)
                and self._workspace.records.run(job.run_id).status == "pending"
            )
        )

    def _wait(self, still: Callable[[], bool]) -> None:
        until = time.monotonic() + _POLITE_S
        while still() and time.monotonic() < until:
            time.sleep(_LOOK_EVERY_S)

    def _queued(self, run: Run, budget: Budget) -> Run:
        with self._lock:
            if self._closed or run.id in self._jobs:
                return run
            waiting = replace(run, status="pending", reason=None, stopped_by=None, ended_at=None)
            if run.started_at is not None:
                self._workspace.control.forget_request(run.id)
            self._workspace.records.save_run(waiting)
            job = self._jobs[run.id] = _Job(run.id, budget)
            job.future = self._threads.submit(self._run, job)
        return waiting

    def _run(self, job: _Job) -> None:
        said: deque[str] = deque(maxlen=_LAST_LINES)
        try:
            with self._started(job) as process:
                job.process = process
                self._marks.put(job.run_id, process.pid)
                reading = threading.Thread(target=_keep_last, args=(process.stderr, said))
                reading.start()
                self._hear(process)
                code = process.wait()
                reading.join()
            self._close_books(job.run_id, f"its process ended with {_exit(code)}", said)
        except Exception as error:
            self._close_books(job.run_id, f"{type(error).__name__}: {error}", said)
        finally:
            self._marks.remove(job.run_id)
            with self._lock:
                self._jobs.pop(job.run_id, None)

    def _started(self, job: _Job) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "reenact.runs.worker", job.run_id]
        if job.budget.bounded:
            command.append(codec.to_json(job.budget).decode())
        return subprocess.Popen(  # noqa: S603  (this interpreter, and an id of our own making)
            command,
            cwd=self._folder,
            env=environment_of(self._workspace.settings, os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is the server's; it stops its runs itself
        )

    def _hear(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101  (it is a pipe, as asked)
        for line in process.stdout:
            self._listener(codec.from_json(Event, line, where="an event"))  # type: ignore[arg-type]

    def _close_books(self, run_id: str, how: str, said: deque[str]) -> None:
        """Let a run that nobody runs any more say so; one that has ended says it by itself."""
        try:
            run = self._workspace.records.run(run_id)
        except UnknownId:  # of other stores, under the same home
            return
        if run.status not in _GOES_ON:
            return
        last = "\n".join(said)
        failed = replace(
            run,
            status="failed",
            reason=f"{how}; it can go on{': ' if last else ''}{last}",
            ended_at=datetime.now(UTC),
        )
        self._workspace.records.save_run(failed)
        self._listener(
            RunEnded(at=datetime.now(UTC), run_id=run_id, status="failed", stopped_by=None)
        )


def _keep_last(errors: IO[bytes] | None, said: deque[str]) -> None:
    assert errors is not None  # noqa: S101  (it is a pipe, as asked)
    while line := errors.readline(_LINE_CHARS * 4):
        if text := line.decode(errors="replace").rstrip():
            said.append(text[:_LINE_CHARS])


def _exit(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _terminate(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.process is not None and job.process.poll() is None:
            job.process.terminate()
