"""A folder of agents: what a server may run by name. Nothing in it is imported to list it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reenact.agents.agent_file import MOST_BYTES, read_agent_file
from reenact.agents.targets import describe_target
from reenact.domain.agent import AgentTarget, CallableTarget, HttpTarget
from reenact.errors import AgentNotLoaded, UsageError

_AGENT_FILES = (".yaml", ".yml", ".json")
_MOST_FILES = 500
_HISTORY = ("messages", "history")
"""How the first parameter of an agent function is called; its second is the new message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTarget:
    """An agent of the folder."""

    name: str
    """`prod.yaml`, or `refund.py:answer`: unique, and as stable as the file."""
    shown: str
    target: AgentTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The agents of a folder, and the files that should be one and are not, with the reason."""

    targets: tuple[NamedTarget, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()


def agents_in(folder: Path) -> Listing:
    """Return the agents of `folder`: its agent files, and the agent functions of its modules.

    An agent function stands at the top of a module, takes the messages so far and the new one,
    and calls them `messages` (or `history`) first. Any other can be named by an agent file.
    """
    targets: list[NamedTarget] = []
    unreadable: list[tuple[str, str]] = []
    files = sorted(path for path in folder.iterdir() if path.is_file())[:_MOST_FILES]
    for file in files:
        try:
            targets.extend(_of_file(file))
        except AgentNotLoaded as error:
            unreadable.append((file.name, error.what))
    return Listing(targets=tuple(targets), unreadable=tuple(unreadable))


def chosen_target(
    folder: Path | None, *, name: str | None, target: AgentTarget | None
) -> AgentTarget:
    """Return what somebody at the other end of a network may have run.

    Either `name`, which is one of `folder`'s, or `target`, which must be an HTTP endpoint: a
    function or a program of this machine is never run because somebody sent its name.

    Raises:
        UsageError: for anything else.
    """
    if (name is None) == (target is None):
        raise UsageError(
            "name an agent of this server or describe an HTTP endpoint, one of the two",
            where="target_name, target",
            next_step="GET /api/v1/targets lists the agents of this server",
        )
    if target is not None:
        if not isinstance(target, HttpTarget):
            raise UsageError(
                f"a {target.kind} is only run where the server lists it",
                where="target",
                next_step="start the server with --agents FOLDER and pass its target_name",
            )
        return target
    found = agents_in(folder).targets if folder is not None else ()
    for one in found:
        if one.name == name:
            return one.target
    names = ", ".join(one.name for one in found[:10])
    raise UsageError(
        f"this server has no agent called {str(name)[:100]!r}",
        where="target_name",
        next_step=f"it has: {names}" if names else "start it with --agents FOLDER",
    )


def _of_file(file: Path) -> Iterator[NamedTarget]:
    if file.suffix.lower() in _AGENT_FILES:
        target = read_agent_file(file)
        yield NamedTarget(name=file.name, shown=describe_target(target), target=target)
    elif file.suffix == ".py":
        for function in _functions(file):
            target = CallableTarget(path=f"{file.absolute()}:{function}")
            shown = f"python {file.name}:{function}"
            yield NamedTarget(name=f"{file.name}:{function}", shown=shown, target=target)


def _functions(file: Path) -> Iterator[str]:
    """Yield the names of the agent functions of a module, read and not run."""
    if file.stat().st_size > MOST_BYTES:
        raise AgentNotLoaded(f"larger than {MOST_BYTES >> 20} MB", where=str(file))
    try:
        module = ast.parse(file.read_bytes(), filename=file.name)
    except (SyntaxError, ValueError, RecursionError, OSError) as error:
        raise AgentNotLoaded(f"not readable as Python: {error}", where=str(file)) from None
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_agent(node):
            yield node.name


def _is_agent(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    taken = [*node.args.posonlyargs, *node.args.args]
    needed = len(taken) - len(node.args.defaults)
    return (
        not node.name.startswith("_")
        and len(taken) >= 2 >= needed
        and taken[0].arg in _HISTORY
        and all(default is not None for default in node.args.kw_defaults)
    )
