"""Google ADK: `run_async` of every tool.

Errors go to the model as this framework's own tools tell theirs: `{"error": ...}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from reenact.tools.answer import ToolAnswer
from reenact.tools.hooks.asking import Asked, answer_async, desk_for
from reenact.tools.hooks.families import wrap_family
from reenact.tools.hooks.hook import Hook, HookMoved, attribute
from reenact.tools.interceptor import as_json

_KINDS: list[type] = []
_STEERING_TOOLS = frozenset(
    {"AgentTool", "NodeTool", "TransferToAgentTool", "SetModelResponseTool"}
)
_STEERING_NAMES = frozenset({"transfer_to_agent", "exit_loop", "set_model_response"})


def _hook_tools(module: ModuleType) -> None:
    tool = attribute(module, "BaseTool")
    if not callable(getattr(tool, "run_async", None)):
        raise HookMoved("BaseTool has no run_async")
    wrap_family(tool, "run_async", _around)
    _KINDS.append(tool)


def _hook_agents(module: ModuleType) -> None:
    _KINDS.append(attribute(module, "LlmAgent"))


HOOK = Hook(
    hooked="Google ADK's tools",
    distribution="google-adk",
    since="1",
    until="3",
    places={
        "google.adk.tools.base_tool": _hook_tools,
        "google.adk.agents.llm_agent": _hook_agents,
    },
    kinds=_KINDS,
    names_of=lambda one: _names_of(one),
)


async def _around(
    tool: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    desk = desk_for(tool.name)
    if desk is None:
        return await call(*args, **kwargs)

    async def give(found: ToolAnswer) -> Any:
        return found.result if found.error is None else {"error": found.error}

    return await answer_async(
        desk,
        Asked(
            name=tool.name,
            arguments=as_json(kwargs.get("args")),
            id=getattr(kwargs.get("tool_context"), "function_call_id", None),
            steers=_steers(tool),
        ),
        run=lambda: call(*args, **kwargs),
        give=give,
    )


def _names_of(one: Any) -> Iterator[Any]:
    own = getattr(one, "name", None)
    given = one.__dict__.get("tools")
    if given is None:
        yield own
        return
    yield from _STEERING_NAMES  # of an agent
    for tool in given:
        # A plain function becomes a tool while the agent runs.
        yield getattr(tool, "__name__", None) or getattr(tool, "name", "")


def _steers(tool: Any) -> bool:
    """Tell whether a tool of the framework only hands over to an agent or ends a loop."""
    kinds = {kind.__name__ for kind in type(tool).__mro__}
    if kinds & _STEERING_TOOLS:
        return True
    function = getattr(tool, "func", None)
    theirs = str(getattr(function, "__module__", "")).startswith("google.adk.")
    return tool.name in _STEERING_NAMES and theirs
