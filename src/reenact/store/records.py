"""The records: recordings, agents, replay sessions, scenarios, run tests, runs and their calls.

What is immutable (a recording, a scenario, a version of an agent) may be saved again as it is,
never with other content. Lists are newest first, agents by name, calls in the order of their run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, func, insert, select

from reenact.domain.agent import AgentDefinition
from reenact.domain.recording import Recording
from reenact.domain.run import CallExecution, Run, RunTest
from reenact.domain.scenario import Scenario
from reenact.domain.selection import ReplaySession
from reenact.errors import UnknownId
from reenact.store.agent_shelf import AgentShelf
from reenact.store.database import Database
from reenact.store.documents import (
    Shelf,
    attempt_columns,
    call_columns,
    microseconds,
    update_call,
)
from reenact.store.record_tables import (
    ATTEMPTS,
    CALLS,
    RECORDINGS,
    REPLAY_SESSIONS,
    RUN_TESTS,
    RUNS,
    SCENARIOS,
)

Seen = tuple[int, str] | None
"""The last thing seen of a list, newest first: microseconds since 1970, and its id."""


def open_records(url: str) -> Records:
    """Open the records at `url`, made or brought up to date where needed.

    Raises:
        StoreError: for a URL of an unknown kind, a file of something else, a newer version.
    """
    return Records(Database(url))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedRecordings:
    """Recordings that are gone, and the names of the scenarios that were made of them."""

    hashes: tuple[str, ...]
    scenarios: tuple[str, ...]


_SAVED_AT_ONCE = 200  # in one transaction: others shall not wait for long


class Records:
    """Everything but spans and blobs, each kind of thing on its own shelf."""

    def __init__(self, database: Database):
        self.engine = database
        self._recordings = Shelf(database, RECORDINGS, Recording, "recording", key="hash")
        self._agents = AgentShelf(database)
        self._replay_sessions = Shelf(database, REPLAY_SESSIONS, ReplaySession, "replay session")
        self._scenarios = Shelf(database, SCENARIOS, Scenario, "scenario")
        self._run_tests = Shelf(database, RUN_TESTS, RunTest, "run test")
        self._runs = Shelf(database, RUNS, Run, "run", next_step="list them: reenact runs list")
        self._calls = Shelf(database, CALLS, CallExecution, "call execution")

    def close(self) -> None:
        """Close every connection; the records are not used after this."""
        self.engine.close()

    # Recordings

    def save_recording(self, recording: Recording) -> None:
        """Keep `recording`. Raises UsageError where its hash names other content already."""
        self.save_recordings([recording])

    def save_recordings(self, recordings: Sequence[Recording]) -> None:
        """Keep `recordings`; raises as `save_recording`, and what came before then stays kept."""
        talks = [(one, one.conversation) for one in recordings]
        rows = [
            (one, {"hash": one.hash, "project": talk.project, "conversation_id": talk.id})
            for one, talk in talks
        ]
        for start in range(0, len(rows), _SAVED_AT_ONCE):
            self._recordings.add_all(rows[start : start + _SAVED_AT_ONCE])

    def recording(self, hash: str) -> Recording:
        """Return the recording called `hash`, or raise UnknownId."""
        return self._recordings.get(hash)

    def recordings(self, hashes: Collection[str]) -> tuple[Recording, ...]:
        """Return the recordings in the order of `hashes`, or raise UnknownId with all missing."""
        return self._recordings.get_all(hashes)

    def delete_recordings(self, project: str, conversation_id: str) -> DeletedRecordings:
        """Delete the recordings of a conversation, for good.

        A scenario that was made of one of them stays, but that row can no longer be run.
        """
        hashes = self._recordings.keys(
            RECORDINGS.c.project == project, RECORDINGS.c.conversation_id == conversation_id
        )
        scenarios = {
            scenario.name
            for hash in hashes
            for scenario in self._scenarios.list(
                SCENARIOS.c.document.contains(hash, autoescape=True), order=[SCENARIOS.c.name]
            )
        }
        for hash in hashes:
            self._recordings.remove(hash)
        return DeletedRecordings(hashes=hashes, scenarios=tuple(sorted(scenarios)))

    # Agents

    def save_agent(self, agent: AgentDefinition) -> None:
        """Keep the versions of `agent` that are new.

        Raises:
            UsageError: where a version is there with other content, or the name is taken.
        """
        self._agents.save(agent)

    def agent(self, id: str) -> AgentDefinition:
        """Return the agent called `id` with all its versions, or raise UnknownId."""
        return self._agents.get(id)

    def agent_named(self, project: str, name: str) -> AgentDefinition | None:
        """Return the agent of that name; None where the project has none."""
        return self._agents.named(project, name)

    def agents(self, project: str | None = None) -> tuple[AgentDefinition, ...]:
        """Return the agents of `project` (None: of all), by name."""
        return self._agents.list(project)

    # Replay sessions

    def save_replay_session(self, session: ReplaySession) -> None:
        """Keep `session` as it is now."""
        self._replay_sessions.put(
            session,
            id=session.id,
            project=session.project_id,
            step=session.step,
            created_us=microseconds(session.created_at),
        )

    def replay_session(self, id: str) -> ReplaySession:
        """Return the replay session called `id`, or raise UnknownId."""
        return self._replay_sessions.get(id)

    def replay_sessions(
        self, project: str | None = None, *, limit: int | None = None, after: Seen = None
    ) -> tuple[ReplaySession, ...]:
        """Return the replay sessions of `project` (None: of all), newest first."""
        return self._replay_sessions.newest(
            *_of(REPLAY_SESSIONS, project), limit=limit, after=after
        )

    def delete_replay_session(self, id: str) -> None:
        """Delete the replay session called `id`, or raise UnknownId.

        Its recordings, its scenario and the runs made of it stay.
        """
        self._replay_sessions.remove(id)

    # Scenarios

    def save_scenario(self, scenario: Scenario) -> None:
        """Keep `scenario`. Raises UsageError where its id names other content already."""
        self._scenarios.add(
            scenario,
            id=scenario.id,
            project=scenario.project_id,
            name=scenario.name,
            created_us=microseconds(scenario.created_at),
        )

    def scenario(self, id: str) -> Scenario:
        """Return the scenario called `id`, or raise UnknownId."""
        return self._scenarios.get(id)

    def scenarios(
        self, project: str | None = None, *, limit: int | None = None, after: Seen = None
    ) -> tuple[Scenario, ...]:
        """Return the scenarios of `project` (None: of all), newest first."""
        return self._scenarios.newest(*_of(SCENARIOS, project), limit=limit, after=after)

    def scenario_named(self, project: str, name: str) -> Scenario | None:
        """Return the newest scenario of that name; None where the project has none."""
        named = (SCENARIOS.c.project == project, SCENARIOS.c.name == name)
        return next(iter(self._scenarios.newest(*named, limit=1)), None)

    # Run tests, runs and their calls

    def save_run_test(self, test: RunTest) -> None:
        """Keep `test` as it is now."""
        self._run_tests.put(
            test,
            id=test.id,
            project=test.project_id,
            name=test.name,
            created_us=microseconds(test.created_at),
        )

    def run_test(self, id: str) -> RunTest:
        """Return the run test called `id`, or raise UnknownId."""
        return self._run_tests.get(id)

    def run_tests(
        self, project: str | None = None, *, limit: int | None = None, after: Seen = None
    ) -> tuple[RunTest, ...]:
        """Return the run tests of `project` (None: of all), newest first."""
        return self._run_tests.newest(*_of(RUN_TESTS, project), limit=limit, after=after)

    def save_run(self, run: Run) -> None:
        """Keep `run` as it is now; its run test must be there."""
        self._runs.put(
            run,
            id=run.id,
            run_test_id=run.run_test_id,
            project=run.project_id,
            status=run.status,
            created_us=microseconds(run.created_at),
        )

    def run(self, id: str) -> Run:
        """Return the run called `id`, or raise UnknownId."""
        return self._runs.get(id)

    def runs(
        self,
        project: str | None = None,
        *,
        run_test_id: str | None = None,
        limit: int | None = None,
        after: Seen = None,
    ) -> tuple[Run, ...]:
        """Return the runs of `project` (None: of all), or of one run test of it, newest first."""
        wanted = _of(RUNS, project)
        if run_test_id is not None:
            wanted.append(RUNS.c.run_test_id == run_test_id)
        return self._runs.newest(*wanted, limit=limit, after=after)

    def latest_run(self, project: str | None = None) -> Run | None:
        """Return the newest run of `project` (None: of all); None where there is none."""
        return next(iter(self._runs.newest(*_of(RUNS, project), limit=1)), None)

    def add_calls(self, calls: Iterable[CallExecution]) -> None:
        """Add the call executions of one run, behind those that it has, with their attempts.

        A call that has an attempt already is known to the journal by its trace key from now on.

        Raises:
            StoreError: where the run is unknown or an id is taken; none is added then.
        """
        added = list(calls)
        if not added:
            return
        with self.engine.writing() as connection:
            first = select(func.count()).where(CALLS.c.run_id == added[0].run_id)
            place = connection.execute(first).scalar_one()
            connection.execute(
                insert(CALLS),
                [
                    {"run_id": call.run_id, "place": place + n, **call_columns(call)}
                    for n, call in enumerate(added)
                ],
            )
            begun = [attempt_columns(call) for call in added if call.trace_key is not None]
            if begun:
                connection.execute(insert(ATTEMPTS), begun)

    def calls(self, run_id: str) -> tuple[CallExecution, ...]:
        """Return the call executions of a run, in its order; none for an unknown run."""
        return self._calls.list(CALLS.c.run_id == run_id, order=[CALLS.c.place])

    def call(self, id: str) -> CallExecution:
        """Return the call execution called `id`, or raise UnknownId."""
        return self._calls.get(id)

    def save_calls(self, calls: Iterable[CallExecution]) -> None:
        """Keep call executions that were added before as they are now, or raise UnknownId."""
        with self.engine.writing() as connection:
            missing = [call.id for call in calls if not update_call(connection, call)]
            if missing:
                raise UnknownId("call execution", missing)


def _of(table: Table, project: str | None) -> list[ColumnElement[bool]]:
    return [] if project is None else [table.c.project == project]
