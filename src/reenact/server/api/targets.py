"""The agents that a server may run by name, and dry runs of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from reenact.agents.folder import agents_in, chosen_target
from reenact.domain.run import RunOptions
from reenact.runs.dry_run import DryRun, dry_run
from reenact.runs.preflight import Answer, Question, ask
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Id, Options, Target
from reenact.server.api.callers import Asking
from reenact.server.api.owned import Owned
from reenact.server.api.routes import routes_of
from reenact.server.options import ServerOptions


class DryRunAsked(Asked):
    """An agent, and how it would be run."""

    replay_session_id: Id
    target_name: Annotated[Id | None, Field(examples=["fixed.yaml"])] = None
    target: Target | None = None
    options: Options = RunOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChoice:
    """An agent that this server may run by name."""

    name: str
    shown: str
    kind: str
    tools: str


def router(workspace: Workspace, options: ServerOptions) -> APIRouter:
    """Return the routes of agents that may be run."""
    routes = routes_of("replay")
    owned = Owned(workspace)

    @routes.get("/targets")
    def list_targets(who: Asking) -> tuple[TargetChoice, ...]:
        """List the agents that this server may run by name."""
        who.must("read")
        found = agents_in(options.agents).targets if options.agents else ()
        return tuple(
            TargetChoice(
                name=one.name, shown=one.shown, kind=one.target.kind, tools=one.target.tools
            )
            for one in found
        )

    @routes.post("/dry-runs")
    def try_dry(who: Asking, asked: DryRunAsked) -> DryRun:
        """Say what a replay could answer from the recordings, and what it would run for real."""
        who.must("run")
        session = owned.replay_session(who, asked.replay_session_id)

        def asking(question: Question) -> Answer:
            return ask(question, settings=workspace.settings, folder=options.agents)

        target = chosen_target(options.agents, name=asked.target_name, target=asked.target)
        return dry_run(workspace, session, target=target, options=asked.options, ask=asking)

    return routes
