"""The OpenAI Agents SDK: `FunctionTool.on_invoke_tool`, which every function tool is run by.

It is a field of each tool, not a method, so that the hook is a property of the class: it stands
before the field of tools that exist already, and of copies of a tool.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from reenact.tools.answer import ToolAnswer
from reenact.tools.desk import NoDesk
from reenact.tools.hooks.asking import Asked, answer_async, desk_for, parsed
from reenact.tools.hooks.hook import Hook, HookMoved, attribute
from reenact.tools.interceptor import as_returned, return_type

FIELD = "on_invoke_tool"
_KEPT = "_reenact_invoker"
_TOOLS: list[type] = []


def _hook(module: ModuleType) -> None:
    tool = attribute(module, "FunctionTool")
    if not dataclasses.is_dataclass(tool) or FIELD not in tool.__dataclass_fields__:
        raise HookMoved(f"FunctionTool has no field {FIELD}")
    if hasattr(tool, FIELD) or hasattr(tool, "__slots__"):
        raise HookMoved(f"{FIELD} is no plain field of FunctionTool")
    setattr(tool, FIELD, property(_get, _set))
    _TOOLS.append(tool)


HOOK = Hook(
    hooked="The OpenAI Agents SDK's tools",
    distribution="openai-agents",
    since="0.2",
    until="1",
    places={"agents.tool": _hook},
    kinds=_TOOLS,
    names_of=lambda tool: (tool.__dict__.get("name"),),
)


def _get(tool: Any) -> Any:
    """Return the tool's own invoker; in a replay the one that answers."""
    own = tool.__dict__[FIELD]
    try:
        if desk_for(tool.name) is None:
            return own
    except NoDesk:
        pass  # the call will hear of it
    kept = tool.__dict__.get(_KEPT)
    # The framework compares invokers, so that a tool must keep its one; a copy has its own.
    if kept is None or kept.tool is not tool or kept.__wrapped__ is not own:
        kept = tool.__dict__[_KEPT] = _Answering(tool, own)
    return kept


def _set(tool: Any, invoker: Any) -> None:
    tool.__dict__[FIELD] = invoker.__wrapped__ if isinstance(invoker, _Answering) else invoker


class _Answering:
    """Invokes a tool: asks the recording first."""

    def __init__(self, tool: Any, own: Callable[..., Any]):
        functools.update_wrapper(self, own)
        self.tool = tool
        self.__wrapped__ = own

    async def __call__(self, context: Any, arguments: str) -> Any:
        desk = desk_for(self.tool.name)
        if desk is None:
            return await self.__wrapped__(context, arguments)

        async def give(found: ToolAnswer) -> Any:
            if found.error is not None:
                return found.error  # in this framework an error that the model hears is a result
            return as_returned(found.result, self._returns())

        return await answer_async(
            desk,
            Asked(
                name=self.tool.name,
                arguments=parsed(arguments),
                id=getattr(context, "tool_call_id", None),
                steers=bool(getattr(self.tool, "_is_agent_tool", False)),
            ),
            run=lambda: self.__wrapped__(context, arguments),
            give=give,
        )

    def _returns(self) -> Any:
        find = getattr(self.__wrapped__, "_get_wrapped_callable", None)
        try:
            return return_type(find()) if find is not None else None
        except AttributeError:
            return None
