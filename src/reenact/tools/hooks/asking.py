"""What every hook does with a call: the recording answers it, or the tool runs as ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from reenact.tools.answer import Desk, ToolAnswer
from reenact.tools.desk import current_desk, running_live
from reenact.tools.hooks.said import said
from reenact.tools.interceptor import as_json

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call that a framework is about to run."""

    name: str
    arguments: Any
    id: str | None = None
    steers: bool = False
    """True where it only steers the agent, such as a handoff: it runs and is noted."""


def desk_for(name: str) -> Desk | None:
    """Return who answers a call of the tool `name` made here; None outside a replay.

    Raises:
        NoDesk: where a replay runs and this thread belongs to none of its talks.
    """
    return current_desk(name)


def answer(
    desk: Desk,
    asked: Asked,
    *,
    run: Callable[[], R],
    give: Callable[[ToolAnswer], R],
    told: Callable[[R], Any] = lambda result: result,
) -> R:
    """Return what `give` makes of the recorded answer, or what `run` returns where it may run.

    `told` takes the tool's own result out of what `run` returned.
    """
    found = _found(desk, asked, run)
    if found.provenance != "live":
        return give(found)
    try:
        with running_live(asked.name):
            result = run()
    except Exception as error:
        desk.finish_live(found, result=None, error=str(error) or repr(error))
        raise
    desk.finish_live(found, result=as_json(told(result)), error=None)
    return result


async def answer_async(
    desk: Desk,
    asked: Asked,
    *,
    run: Callable[[], Awaitable[R]],
    give: Callable[[ToolAnswer], Awaitable[R]],
    told: Callable[[R], Any] = lambda result: result,
) -> R:
    """Do as `answer` does, where the framework awaits its tools."""
    if desk.waits:
        found = await asyncio.to_thread(_found, desk, asked, run)
    else:
        found = _found(desk, asked, run)
    if found.provenance != "live":
        return await give(found)
    try:
        with running_live(asked.name):
            result = await run()
    except Exception as error:
        desk.finish_live(found, result=None, error=str(error) or repr(error))
        raise
    desk.finish_live(found, result=as_json(told(result)), error=None)
    return result


def parsed(arguments: Any) -> Any:
    """Return arguments that a framework hands on as JSON text; other text stays as it is."""
    if not isinstance(arguments, str):
        return as_json(arguments)
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


def _found(desk: Desk, asked: Asked, run: Callable[[], Any]) -> ToolAnswer:
    if asked.steers or asked.name in said().steering:
        return desk.let(asked.name, asked.arguments, id=asked.id)
    return desk.ask(asked.name, asked.arguments, run=run, id=asked.id)
