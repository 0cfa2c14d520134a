"""Commands that have a server do something: the run is made and runs over there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reenact import codec
from reenact.agents.targets import parse_target
from reenact.cli import console
from reenact.cli.desk import connected, run_id_of, server
from reenact.cli.fork_text import print_trees
from reenact.cli.outcome import announce, check_writable, finish
from reenact.domain.agent import AgentDefinition, HttpTarget, ToolsMode
from reenact.domain.budget import Budget, Estimate
from reenact.domain.progress import RunProgress
from reenact.domain.run import RunOptions
from reenact.domain.selection import ReplaySession
from reenact.errors import AgentNotLoaded, UsageError
from reenact.remote.reading import RemoteDesk
from reenact.remote.running import AgentThere, RemoteRuns
from reenact.runs.choosing import Naming, Selection
from reenact.runs.replay_sessions import Generated


@contextmanager
def _desk() -> Iterator[tuple[RemoteDesk, RemoteRuns]]:
    with connected(server() or "") as found:
        desk = RemoteDesk(found)
        yield desk, RemoteRuns(found, desk.made)


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """A replay that the server is to do; `server()` names it."""

    agent: str
    """One that the server lists, or how to reach it."""
    how: Mapping[str, Any]
    """What else is said of an agent that the server does not list."""
    options: RunOptions
    naming: Naming

    def replayed(self, chosen: Selection, *, json: bool, html: Path | None) -> int:
        """Replay, wait, and print the run as if it had run here."""
        check_writable(html)
        with _desk() as (desk, runs):
            agent = agent_there(runs, self.agent, **self.how)
            session = runs.select(chosen)
            made = runs.generate(session, _wanted(self.naming, agent))
            announce(_generated(desk, made), self.options, target=agent.target, quiet=json)
            run_id = runs.begin(session, agent, self.options)
            return _followed(desk, runs, run_id, json=json, html=html)

    def estimated(self, chosen: Selection) -> Estimate:
        """Return what the replay is expected to take; nothing of it stays there."""
        with _desk() as (_, runs):
            agent = agent_there(runs, self.agent, **self.how)
            session = runs.select(chosen)
            try:
                return runs.estimated(session, agent, self.options)
            finally:
                runs.forget(session)


def resume_there(run: str, *, budget: Budget, json: bool, html: Path | None) -> int:
    """Have the server go on with a run, wait, and print it."""
    check_writable(html)
    with _desk() as (desk, runs):
        run_id = run_id_of(desk.made, run)
        runs.resume(run_id, budget)
        return _followed(desk, runs, run_id, json=json, html=html)


def fork_there(
    wanted: Mapping[str, Any],
    *,
    agent: str | None,
    tools: ToolsMode | None,
    json: bool,
    html: Path | None,
) -> int:
    """Fork on the server, wait, and print the run and the tree that it grew."""
    check_writable(html)
    with _desk() as (desk, runs):
        who = AgentThere() if agent is None else agent_there(runs, agent, tools=tools)
        run_id = runs.fork({**wanted, **who.fields()})
        code = _followed(desk, runs, run_id, json=json, html=html)
        if not json:
            made = next(one for one in desk.made.forks(None) if one.run_id == run_id)
            print_trees(desk.made.trees(made.project_id, made.conversation_id))
        return code


def agent_there(runs: RemoteRuns, agent: str, **how: Any) -> AgentThere:
    """Return the agent that `agent` names: one that the server lists, or an address.

    Raises:
        UsageError: for what is neither: no name from a network makes a server run a function.
    """
    names = runs.agent_names()
    if agent in names:
        return AgentThere(name=agent)
    listed = f"the server lists {', '.join(names[:10])}" if names else "the server lists none"
    try:
        target = parse_target(agent, **how)
    except AgentNotLoaded as error:
        raise AgentNotLoaded(error.what, where=error.where, next_step=listed) from None
    if not isinstance(target, HttpTarget):
        raise UsageError(
            f"a {target.kind} is only run by a server that lists it; {listed}",
            where=f"--agent {agent}",
            next_step="start the server with --agents FOLDER and name one of these agents",
        )
    return AgentThere(target=target)


def _followed(
    desk: RemoteDesk, runs: RemoteRuns, run_id: str, *, json: bool, html: Path | None
) -> int:
    try:
        with console.notes().status("waiting") as status:

            def show(stands: RunProgress) -> None:
                ended = stands.completed + stands.failed
                status.update(f"{run_id} {stands.status}: {ended} of {stands.calls} talks")

            ended = runs.wait(run_id, show)
    except KeyboardInterrupt:
        console.notes().print(f"\nit goes on there; stop it with: reenact runs cancel {run_id}")
        raise
    if ended.status == "completed" and ended.reason:
        console.notes().print(ended.reason, soft_wrap=True, markup=False, style="yellow")
    return finish(desk.made.report(run_id), json=json, html=html)


def _wanted(naming: Naming, agent: AgentThere) -> dict[str, Any]:
    wanted = {
        "agent_name": naming.agent_name,
        "agent_description": naming.agent_description,
        "scenario_name": naming.scenario_name,
        "no_of_rows": naming.no_of_rows,
        "declared": [codec.to_data(one) for one in naming.declared],
        "tool_rules": [codec.to_data(one) for one in naming.tool_rules],
        "target_name": agent.name,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _generated(desk: RemoteDesk, made: Mapping[str, Any]) -> Generated:
    where = "the server's answer"
    return Generated(
        session=codec.from_data(ReplaySession, made["session"], where=where),
        scenario=desk.made.scenario(made["scenario"]["id"]),
        agent=codec.from_data(AgentDefinition, made["agent"], where=where),
        agent_version=made["agent_version"],
        scores=tuple(made["scores"]),
    )
