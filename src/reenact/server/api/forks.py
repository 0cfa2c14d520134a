"""Forks: a talk as it was up to a turn, an edit there, and live from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from reenact.agents.folder import chosen_target
from reenact.domain.agent import AgentTarget
from reenact.domain.fork import Fork
from reenact.domain.fork_view import ForkTree
from reenact.domain.run import RunOptions
from reenact.errors import UsageError
from reenact.runs.executor import Executor
from reenact.runs.fork_edits import Edits
from reenact.runs.fork_tree import fork_trees
from reenact.runs.forks import Base, base_of_fork, base_of_talk, make_fork
from reenact.runs.workspace import Workspace
from reenact.server.api.asked import Asked, Id, Options, Target, Words
from reenact.server.api.callers import Asking, Caller
from reenact.server.api.owned import Owned
from reenact.server.api.routes import routes_of
from reenact.server.options import ServerOptions

_MOST_EDITS = 100


class ForkAsked(Asked):
    """Where to fork, what is other there, and who answers from then on."""

    at: Annotated[int, Field(ge=1, le=100_000)]
    """The first live turn."""
    project_id: Id | None = None
    conversation: Annotated[Id | None, Field(examples=["sess:chat-1184"])] = None
    """A conversation of `project_id`; or name a call, or a fork."""
    call_id: Id | None = None
    """Fork the recording behind this call execution."""
    parent: Id | None = None
    """Fork what this fork came to."""
    user: Words | None = None
    """What the user says on that turn."""
    system: Annotated[str, Field(max_length=200_000)] | None = None
    """A system prompt, told to the agent as the first message."""
    tool_results: Annotated[Mapping[Id, Any], Field(max_length=_MOST_EDITS)] = {}
    """What tool calls shall give. A call is named by its id, by turn and number such as `2.1`, or
    by its tool's name where only one fits."""
    tool_errors: Annotated[Mapping[Id, Words], Field(max_length=_MOST_EDITS)] = {}
    """Errors that tool calls shall fail with."""
    name: Annotated[str, Field(max_length=80)] | None = None
    target_name: Id | None = None
    target: Target | None = None
    """Who answers; with `parent` or `call_id` the agent of that run by default."""
    options: Options = RunOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkMade:
    """A fork, and the run that makes it live."""

    fork_id: str
    name: str
    run_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class _From:
    """What is forked, and the agent that answered there."""

    base: Base
    target: AgentTarget | None


def router(workspace: Workspace, options: ServerOptions, executor: Executor) -> APIRouter:
    """Return the routes of forks."""
    routes = routes_of("forks")

    @routes.get("/forks")
    def list_forks(
        who: Asking, project_id: str, conversation: str | None = None
    ) -> tuple[ForkTree, ...]:
        """Return the trees of forks of a project, or of one conversation of it."""
        who.must("read")
        if not who.sees(project_id):
            return ()
        talks = (one.conversation_id for one in workspace.forks.list(project_id))
        chosen = dict.fromkeys(talks) if conversation is None else [conversation]
        return tuple(tree for talk in chosen for tree in fork_trees(workspace, project_id, talk))

    @routes.get("/forks/flat")
    def list_flat(who: Asking, project_id: str) -> tuple[Fork, ...]:
        """Return the forks of a project as a list, newest first."""
        who.must("read")
        return workspace.forks.list(project_id) if who.sees(project_id) else ()

    @routes.post("/forks", status_code=202)
    def make(who: Asking, asked: ForkAsked) -> ForkMade:
        """Fork a talk and begin to run it as soon as there is room."""
        who.must("run")
        found = _found(workspace, who, asked)
        target = found.target
        if asked.target_name is not None or asked.target is not None or target is None:
            target = chosen_target(options.agents, name=asked.target_name, target=asked.target)
        made = make_fork(
            workspace,
            found.base,
            at=asked.at,
            edits=Edits(
                user=asked.user,
                system=asked.system,
                results=asked.tool_results,
                errors=asked.tool_errors,
            ),
            target=target,
            options=asked.options,
            name=asked.name,
        )
        calls = workspace.records.calls(made.run.id)
        run = executor.submit(made.run.id)
        return ForkMade(
            fork_id=made.fork.id, name=made.fork.name, run_id=run.id, call_id=calls[0].id
        )

    return routes


def _found(workspace: Workspace, who: Caller, asked: ForkAsked) -> _From:
    owned, records = Owned(workspace), workspace.records
    named = [one for one in (asked.conversation, asked.call_id, asked.parent) if one is not None]
    if len(named) != 1:
        raise UsageError(
            "name a conversation, a call or a fork, one of the three",
            where="conversation, call_id, parent",
        )
    if asked.parent is not None:
        parent = owned.fork(who, asked.parent)
        test = records.run_test(records.run(parent.run_id).run_test_id)
        return _From(base_of_fork(workspace, parent), test.target)
    if asked.call_id is not None:
        run = owned.run_of_call(who, asked.call_id)
        test = records.run_test(run.run_test_id)
        call = records.call(asked.call_id)
        scenario = records.scenario(call.scenario_id)
        row = next(row for row in scenario.rows if row.id == call.row_id)
        return _From(base_of_talk(records.recording(row.recording_hash or "")), test.target)
    if asked.project_id is None:
        raise UsageError("a conversation needs its project", where="project_id")
    who.may("read", of=asked.project_id)
    talk = workspace.conversations.get(asked.project_id, asked.conversation or "")
    return _From(base_of_talk(talk), None)
