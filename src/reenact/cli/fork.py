"""`reenact fork` and `reenact forks`: change something in a recorded talk, live from there."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from reenact import codec
from reenact.agents.targets import parse_target
from reenact.cli import console
from reenact.cli.desk import LocalDesk, opened, server
from reenact.cli.finding import find_conversation
from reenact.cli.fork_text import print_trees
from reenact.cli.outcome import check_writable, finish, running
from reenact.cli.progress import talks_progress
from reenact.cli.tables import table_of
from reenact.cli.there import fork_there
from reenact.domain.agent import AgentTarget, ToolsMode
from reenact.domain.fork import Fork
from reenact.domain.fork_view import ForkTree
from reenact.domain.run import MissPolicy, RunOptions, UserPolicy
from reenact.errors import UnknownId, UsageError
from reenact.runs.fork_edits import Edits, edit_text
from reenact.runs.fork_tree import fork_trees
from reenact.runs.forks import Base, base_of_fork, base_of_talk, make_fork
from reenact.runs.replay import reach
from reenact.runs.running import execute
from reenact.runs.views import run_view
from reenact.runs.workspace import Workspace

forks = App(name="forks", help="List forks, or show a talk's tree with what changed on each.")
# Plain words, two at a time: of a list of pairs cyclopts would read `{...}` as JSON itself.
Pairs = Annotated[list[str] | None, Parameter(negative="", n_tokens=2)]
_MOST_BYTES = 1_000_000


def fork(
    talk: str | None = None,
    *,
    at: int,
    of: str | None = None,
    name: str | None = None,
    user: str | None = None,
    tool_result: Pairs = None,
    tool_error: Pairs = None,
    system: Path | None = None,
    agent: str | None = None,
    project: str | None = None,
    user_policy: UserPolicy = "verbatim",
    tools: ToolsMode | None = None,
    on_miss: MissPolicy = "refuse",
    allow_live_tools: bool = False,
    repeats: int = 1,
    turn_timeout: float = 120.0,
    json: bool = False,
    html: Path | None = None,
) -> int:
    """Fork a recorded talk: told as it was up to a turn, with an edit there, live from then on.

    Nothing that is there already is changed: a fork is a branch with a name of its own.

    Args:
        talk: A session or trace id; or name a fork with --of.
        at: The first live turn.
        of: Fork this fork, by name or id, rather than the recording.
        name: The fork's name; fork-1 and so on by default.
        user: What the user says on that turn.
        tool_result: A call and the JSON it shall give. A call is named by its id, by turn and
            number such as 2.1, or by its tool's name where only one fits.
        tool_error: A call and the error it shall fail with.
        system: A file with the system prompt to tell the agent as its first message.
        agent: As for replay; with --of the parent's by default.
        project: The project; not needed where only one holds the id.
        user_policy: How the user goes on after that turn: verbatim, or strict.
        tools: Who runs the agent's tools: intercepted, returned or own.
        on_miss: What a read gets that nothing recorded answers.
        allow_live_tools: Let the agent run tools that no one intercepts.
        repeats: How often the fork is run.
        turn_timeout: The longest an answer may take, in seconds.
        json: Print the run as JSON.
        html: Write the report to this file.
    """
    options = RunOptions(
        user_policy=user_policy,
        on_miss=on_miss,
        allow_live_tools=allow_live_tools,
        repeats=repeats,
        turn_timeout_s=turn_timeout,
    )
    edits = Edits(
        user=user,
        system=_text_of(system) if system else None,
        results={call: _json_of(text, call) for call, text in _pairs(tool_result)},
        errors=dict(_pairs(tool_error)),
    )
    check_writable(html)
    if server() is not None:
        wanted = _wanted(talk, of, project, at=at, name=name, edits=edits, options=options)
        return fork_there(wanted, agent=agent, tools=tools, json=json, html=html)
    with Workspace() as workspace:
        base = _base(workspace, talk, of, project)
        target = _target(workspace, base, agent, tools)
        with console.agents_words_apart():
            reached = reach(target, options)
        made = make_fork(
            workspace, base, at=at, edits=edits, target=target, options=options, name=name
        )
        with running(made.run.id, json=json), talks_progress(repeats, made.run.id) as on_end:
            run = execute(workspace, made.run, agent=reached, on_end=on_end)
        code = finish(run_view(workspace, run), json=json, html=html)
        if not json:
            print_trees(fork_trees(workspace, made.fork.project_id, made.fork.conversation_id))
        return code


@forks.command(name="list")
def list_forks(*, project: str | None = None, json: bool = False) -> int:
    """List the forks, newest first.

    Args:
        project: Only those of this project.
        json: Print JSON.
    """
    with opened() as desk:
        found = desk.made.forks(project)
        if json:
            console.print_json(list(found), kind=list[Fork])
            return 0
        names = {one.id: one.name for one in found}
        table = table_of("fork", "of", "turn", "what is other", "run", "made (UTC)", right="2")
        for one in found:
            parent = names.get(one.parent_id or "", one.conversation_id)
            what = "; ".join(map(edit_text, one.point.edits)) or "nothing"
            table.add_row(
                console.shown(one.name),
                console.shown(parent),
                str(one.point.turn),
                console.shown(console.one_line(what, 60)),
                one.run_id,
                f"{one.created_at:%Y-%m-%d %H:%M}",
            )
        console.data().print(table if found else "no forks yet: reenact fork --help")
    return 0


@forks.command
def show(name: str, *, project: str | None = None, json: bool = False) -> int:
    """Show the tree of a talk's forks, with the first divergence on each branch.

    Args:
        name: A session or trace id, or a fork's name or id.
        project: The project; not needed where only one holds it.
        json: Print the trees as JSON.
    """
    with opened() as desk:
        try:
            named = desk.made.fork(name, project=project)
            found = desk.made.trees(named.project_id, named.conversation_id)
        except UnknownId:
            talk = find_conversation(desk, name, project=project).conversation
            found = desk.made.trees(talk.project, talk.id)
    if json:
        console.print_json(list(found), kind=list[ForkTree])
    elif not found:
        console.data().print("no forks of it yet: reenact fork --help")
    else:
        print_trees(found)
    return 0


def _wanted(
    talk: str | None,
    of: str | None,
    project: str | None,
    *,
    at: int,
    name: str | None,
    edits: Edits,
    options: RunOptions,
) -> dict[str, Any]:
    """Return the fork as the API takes it; what it forks is looked up on the server."""
    _check_one(talk, of)
    with opened() as desk:
        if of is not None:
            base = {"parent": desk.made.fork(of, project=project).id}
        else:
            found = find_conversation(desk, talk or "", project=project).conversation
            base = {"project_id": found.project, "conversation": found.id}
    told = {
        **base,
        "at": at,
        "name": name,
        "user": edits.user,
        "system": edits.system,
        "tool_results": dict(edits.results),
        "tool_errors": dict(edits.errors),
        "options": codec.to_data(options),
    }
    return {key: value for key, value in told.items() if value is not None}


def _base(workspace: Workspace, talk: str | None, of: str | None, project: str | None) -> Base:
    _check_one(talk, of)
    if of is not None:
        return base_of_fork(workspace, workspace.forks.named(of, project=project))
    return base_of_talk(find_conversation(LocalDesk(workspace), talk or "", project=project))


def _check_one(talk: str | None, of: str | None) -> None:
    if (talk is None) == (of is None):
        raise UsageError(
            "name a talk or a fork, one of the two",
            next_step="reenact fork SESSION --at N, or: reenact fork --of FORK --at N",
        )


def _target(
    workspace: Workspace, base: Base, agent: str | None, tools: ToolsMode | None
) -> AgentTarget:
    if agent is not None:
        return parse_target(agent, tools=tools)
    if base.parent is None:
        raise UsageError("no agent is named", next_step="--agent TARGET, as for reenact replay")
    run = workspace.records.run(base.parent.run_id)
    return workspace.records.run_test(run.run_test_id).target


def _pairs(words: list[str] | None) -> list[tuple[str, str]]:
    given = words or []
    return list(zip(given[::2], given[1::2], strict=True))


def _json_of(text: str, call: str) -> Any:
    try:
        return json_text.loads(text)
    except ValueError as error:
        raise UsageError(
            f"the result is no JSON: {error}",
            where=f"--tool-result {call}",
            next_step="quote a text twice: --tool-result CALL '\"in transit\"'",
        ) from None


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"larger than {_MOST_BYTES:,} bytes", where=f"--system {path}")
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=f"--system {path}") from None
    if not text:
        raise UsageError("the file holds no prompt", where=f"--system {path}")
    return text
