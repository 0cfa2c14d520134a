"""Things by id, for who may see them: another project's is told as one that is not there."""

from __future__ import annotations

from typing import Protocol, TypeVar

from reenact.domain.agent import AgentDefinition
from reenact.domain.fork import Fork
from reenact.domain.run import CallExecution, Run, RunTest
from reenact.domain.scenario import Scenario
from reenact.domain.selection import ReplaySession
from reenact.errors import UnknownId
from reenact.runs.workspace import Workspace
from reenact.server.api.callers import Caller


class _InProject(Protocol):
    @property
    def project_id(self) -> str: ...


T = TypeVar("T", bound=_InProject)


class Owned:
    """Reads things of a workspace for a caller. All raise UnknownId, and Forbidden."""

    def __init__(self, workspace: Workspace):
        self._records = workspace.records
        self._forks = workspace.forks

    def replay_session(self, who: Caller, id: str) -> ReplaySession:
        """Return a replay session."""
        return self._seen(who, self._records.replay_session(id), "replay session", id)

    def agent(self, who: Caller, id: str) -> AgentDefinition:
        """Return an agent."""
        return self._seen(who, self._records.agent(id), "agent", id)

    def scenario(self, who: Caller, id: str) -> Scenario:
        """Return a scenario."""
        return self._seen(who, self._records.scenario(id), "scenario", id)

    def run_test(self, who: Caller, id: str) -> RunTest:
        """Return a run test."""
        return self._seen(who, self._records.run_test(id), "run test", id)

    def run(self, who: Caller, id: str) -> Run:
        """Return a run."""
        return self._seen(who, self._records.run(id), "run", id, next_step=_RUNS)

    def fork(self, who: Caller, id: str) -> Fork:
        """Return a fork."""
        return self._seen(who, self._forks.get(id), "fork", id, next_step=_FORKS)

    def run_of_call(self, who: Caller, id: str) -> Run:
        """Return the run of a call execution: it is the first part of the id."""
        try:
            return self.run(who, id.partition("/")[0])
        except UnknownId:
            raise UnknownId("call execution", [id]) from None

    def calls(self, who: Caller, run_id: str) -> tuple[CallExecution, ...]:
        """Return the call executions of a run."""
        return self._records.calls(self.run(who, run_id).id)

    def _seen(
        self, who: Caller, thing: T, noun: str, id: str, *, next_step: str | None = None
    ) -> T:
        who.must("read")
        if not who.sees(thing.project_id):
            raise UnknownId(noun, [id], next_step=next_step)
        return thing


_RUNS = "list them: reenact runs list"
_FORKS = "reenact forks list"
