"""Runs on a server: made there, watched from here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reenact import codec
from reenact.domain.agent import AgentTarget
from reenact.domain.budget import Budget, Estimate
from reenact.domain.progress import RunProgress
from reenact.domain.run import RunOptions
from reenact.errors import UsageError
from reenact.remote.client import Server
from reenact.remote.reading import RemoteRecords
from reenact.runs.choosing import Selection

GOES_ON = ("pending", "running")
_SOON_S = 0.1
_EVERY_S = 1.0

OnProgress = Callable[[RunProgress], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentThere:
    """The agent to run: one that the server lists by name, or one that it is told how to reach."""

    name: str | None = None
    target: AgentTarget | None = None

    def fields(self) -> dict[str, Any]:
        """Return it as fields of a request."""
        if self.name is not None:
            return {"target_name": self.name}
        return {} if self.target is None else {"target": codec.to_data(self.target)}


class RemoteRuns:
    """Makes runs on a server and waits for them."""

    def __init__(self, server: Server, records: RemoteRecords) -> None:
        self._server = server
        self._records = records

    def agent_names(self) -> list[str]:
        """Return the names of the agents that the server lists."""
        return [str(one["name"]) for one in self._server.get("/targets")]

    def select(self, chosen: Selection) -> str:
        """Freeze a selection; return the replay session's id."""
        body: dict[str, Any] = {
            "project_id": chosen.project,
            "replay_type": chosen.replay_type,
            "ids": list(chosen.ids),
            "select_all": chosen.select_all,
            "exclude_ids": list(chosen.exclude_ids),
        }
        if chosen.filter is not None:
            body["filter"] = codec.to_data(chosen.filter)
        made = self._server.send("POST", "/replay-sessions", body)
        return str(made["session"]["id"])

    def forget(self, session: str) -> None:
        """Delete a replay session."""
        self._server.send("DELETE", f"/replay-sessions/{session}")

    def estimated(self, session: str, agent: AgentThere, options: RunOptions) -> Estimate:
        """Return what a replay is expected to take; nothing is run."""
        body = {"replay_session_id": session, **agent.fields(), "options": codec.to_data(options)}
        found = self._server.send("POST", "/dry-runs", body)
        return codec.from_data(Estimate, found["estimate"], where="the server's answer")

    def generate(self, session: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Make the scenario; return what was made, as the API tells it."""
        path = f"/replay-sessions/{session}/generate-scenario"
        made: dict[str, Any] = self._server.send("POST", path, wanted)
        return made

    def begin(self, session: str, agent: AgentThere, options: RunOptions) -> str:
        """Make a run of a scenario and have it begin; return its id.

        Raises:
            UsageError: what the server says that keeps it from beginning.
        """
        body = {"replay_session_id": session, **agent.fields(), "options": codec.to_data(options)}
        test = self._server.send("POST", "/run-tests", body)
        return str(self._server.send("POST", f"/run-tests/{test['id']}/execute")["id"])

    def resume(self, run_id: str, budget: Budget) -> None:
        """Have a run go on, with a higher budget where one is given."""
        self._server.send("POST", f"/runs/{run_id}/resume", {"budget": codec.to_data(budget)})

    def fork(self, wanted: Mapping[str, Any]) -> str:
        """Fork a talk and have it begin to run; return the run's id."""
        return str(self._server.send("POST", "/forks", wanted)["run_id"])

    def wait(self, run_id: str, on_progress: OnProgress = lambda stands: None) -> RunProgress:
        """Return where a run stands when it has ended.

        Raises:
            UsageError: what kept it from beginning, such as tools that would run for real.
        """
        pause = _SOON_S
        while True:
            stands = self._records.progress(run_id)
            on_progress(stands)
            if stands.status not in GOES_ON:
                break
            time.sleep(pause)
            pause = min(_EVERY_S, pause * 1.5)
        if stands.status == "failed" and not stands.turns:
            what, _, next_step = (stands.reason or "it failed at its beginning").partition(
                "\n  -> "
            )
            raise UsageError(what, next_step=next_step or f"reenact runs show {run_id}")
        return stands
