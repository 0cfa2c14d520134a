"""`reenact serve` stops at once, also while a page watches a run."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import httpx2

from support.one_of_each import fill
from support.processes import serving
from support.workspaces import workspace_in


def test_a_page_that_watches_a_run_does_not_hold_the_server_up(tmp_path: Path) -> None:
    with workspace_in(tmp_path) as workspace:
        things = fill(workspace)
        run = workspace.records.run(things["runs"])
        workspace.records.save_run(replace(run, status="running"))  # by another process
    with serving(tmp_path) as server:
        events = f"{server.url}/api/v1/runs/{run.id}/events"
        with httpx2.stream("GET", events, timeout=30) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: progress"
            server.process.send_signal(signal.SIGTERM)
            assert '"status":"running"' in "".join(lines)  # up to its end: it was not cut off
        assert server.process.wait(timeout=15) == 0
        assert "graceful" not in server.process.stderr.read()
