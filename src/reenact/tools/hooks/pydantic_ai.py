"""Pydantic AI: `call_tool` of every toolset, the outermost of which an agent asks.

The outermost toolset knows a tool by the name that the model uses, and what it returns is what
the telemetry holds.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from reenact.tools.answer import ToolAnswer
from reenact.tools.hooks.asking import Asked, answer_async, desk_for, parsed
from reenact.tools.hooks.families import wrap_family
from reenact.tools.hooks.hook import Hook, HookMoved, attribute
from reenact.tools.interceptor import as_json

_TOOLSETS: list[type] = []
_OWN_KINDS = ("tool-search", "capability-load")
"""Tools of the framework itself: what they find changes which tools an agent has."""


def _hook(module: ModuleType) -> None:
    toolset = attribute(module, "AbstractToolset")
    method = getattr(toolset, "call_tool", None)
    expected = ["self", "name", "tool_args", "ctx", "tool"]
    if method is None or list(inspect.signature(method).parameters) != expected:
        raise HookMoved(f"AbstractToolset has no call_tool({', '.join(expected[1:])})")
    wrap_family(toolset, "call_tool", _around)
    _TOOLSETS.append(toolset)


HOOK = Hook(
    hooked="Pydantic AI's tools",
    distribution="pydantic-ai-slim",
    since="1",
    until="3",
    places={"pydantic_ai.toolsets.abstract": _hook},
    kinds=_TOOLSETS,
    names_of=lambda toolset: _names_in(toolset),
)


async def _around(
    toolset: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    given = inspect.signature(call).bind(*args, **kwargs).arguments
    name, context, tool = given["name"], given["ctx"], given["tool"]
    if _is_output(tool) or (desk := desk_for(name)) is None:
        return await call(*args, **kwargs)

    async def give(found: ToolAnswer) -> Any:
        if found.error is not None:
            raise _failed()(found.error)
        return found.result

    return await answer_async(
        desk,
        Asked(
            name=name,
            arguments=_arguments(context, given["tool_args"]),
            id=context.tool_call_id,
            steers=getattr(tool.tool_def, "tool_kind", None) in _OWN_KINDS,
        ),
        run=lambda: call(*args, **kwargs),
        give=give,
    )


def _is_output(tool: Any) -> bool:
    """Tell whether calling this tool is how the model answers."""
    return getattr(tool.tool_def, "kind", None) == "output"


def _failed() -> type[Exception]:
    """Return the exception by which a tool says to the model that it failed."""
    module = sys.modules["pydantic_ai.exceptions"]
    failed: type[Exception] = getattr(module, "ToolFailed", None) or module.ModelRetry
    return failed


def _arguments(context: Any, validated: Any) -> Any:
    """Return what the model sent: validated arguments have defaults and types in them."""
    for message in reversed(context.messages):
        for part in getattr(message, "parts", ()):
            if (
                getattr(part, "part_kind", None) == "tool-call"
                and part.tool_call_id == context.tool_call_id
            ):
                return parsed(part.args)
    return as_json(validated)


def _names_in(toolset: Any) -> set[str]:
    """Return the names that the model knows the tools of a toolset by, as far as it has them."""
    own = toolset.__dict__
    names = {name for name in own.get("tools") or () if isinstance(name, str)}
    for inner in (own.get("wrapped"), *(own.get("toolsets") or ())):
        if inner is not None:
            names |= _names_in(inner)
    if isinstance(prefix := own.get("prefix"), str):
        names |= {f"{prefix}_{name}" for name in names}
    if isinstance(renamed := own.get("name_map"), dict):
        names |= {new for new, old in renamed.items() if old in names}
    return names
