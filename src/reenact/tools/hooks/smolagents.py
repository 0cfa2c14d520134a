"""smolagents: `Tool.__call__`, which both kinds of agents run a tool by.

The code of a `CodeAgent` runs in a thread that does not inherit the talk it belongs to: the hook
hands it over. Code that runs in another process or container is out of reach, and is refused.
"""

from __future__ import annotations

import contextvars
import functools
import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import ModuleType
from typing import Any

from reenact.tools.answer import ToolAnswer
from reenact.tools.hooks.asking import Asked, answer, desk_for
from reenact.tools.hooks.families import wrap_family
from reenact.tools.hooks.hook import Hook, HookMoved, attribute
from reenact.tools.interceptor import ToolFailed, ToolRefused, as_json

_KINDS: list[type] = []
_FINAL = "final_answer"
"""Calling it is how the model answers."""


def _hook_tools(module: ModuleType) -> None:
    tool = attribute(module, "Tool")
    if "__call__" not in tool.__dict__ or not callable(getattr(tool, "forward", None)):
        raise HookMoved("Tool has no __call__ that runs forward")
    convert = getattr(module, "handle_agent_output_types", None)
    if convert is None:
        raise HookMoved("there is no handle_agent_output_types")
    wrap_family(tool, "__call__", functools.partial(_around, convert))
    _KINDS.append(tool)


def _hook_agents(module: ModuleType) -> None:
    agent = attribute(module, "MultiStepAgent")
    wrap_family(agent, "__call__", _around_agent)
    _KINDS.append(agent)


def _hook_threads(module: ModuleType) -> None:
    if getattr(module, "ThreadPoolExecutor", None) is ThreadPoolExecutor:
        module.ThreadPoolExecutor = _Handing  # type: ignore[attr-defined]


def _hook_elsewhere(module: ModuleType) -> None:
    wrap_family(attribute(module, "RemotePythonExecutor"), "send_tools", _around_sending)


HOOK = Hook(
    hooked="smolagents' tools",
    distribution="smolagents",
    since="1.20",
    until="2",
    places={
        "smolagents.tools": _hook_tools,
        "smolagents.agents": _hook_agents,
        "smolagents.local_python_executor": _hook_threads,
        "smolagents.remote_executors": _hook_elsewhere,
    },
    kinds=_KINDS,
    names_of=lambda one: (getattr(one, "name", None),),
)


class _Handing(ThreadPoolExecutor):
    """Hands the context of whoever submits work to the thread that does it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return super().submit(contextvars.copy_context().run, fn, *args, **kwargs)


def _around(
    convert: Callable[..., Any],
    tool: Any,
    call: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    if tool.name == _FINAL or (desk := desk_for(tool.name)) is None:
        return call(*args, **kwargs)
    clean = bool(kwargs.get("sanitize_inputs_outputs"))

    def give(found: ToolAnswer) -> Any:
        if found.provenance == "refused":
            raise ToolRefused(found.error)
        if found.error is not None:
            raise ToolFailed(found.error)
        result = found.result
        if tool.output_type == "string" and not isinstance(result, str):
            result = json.dumps(result, ensure_ascii=False)
        return convert(result, tool.output_type) if clean else result

    asked = Asked(name=tool.name, arguments=_arguments(tool, args, kwargs))
    return answer(desk, asked, run=lambda: call(*args, **kwargs), give=give, told=_plain)


def _around_agent(
    agent: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Note that an agent was called as a tool, and let it run: its own tools are intercepted."""
    name = getattr(agent, "name", None)
    desk = desk_for(name) if isinstance(name, str) else None
    if desk is None:
        return call(*args, **kwargs)
    arguments = as_json({**dict(zip(("task",), args, strict=False)), **kwargs})
    asked = Asked(name=str(name), arguments=arguments, steers=True)
    return answer(desk, asked, run=lambda: call(*args, **kwargs), give=lambda found: found.result)


def _around_sending(
    executor: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    if desk_for("a tool of a remote executor") is None:
        return call(*args, **kwargs)
    raise ToolRefused(
        f"{type(executor).__name__} runs the tools elsewhere, where no replay can answer them; "
        "replay this agent with executor_type='local'"
    )


def _arguments(tool: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the arguments by name; code that a model wrote passes them by place too."""
    given = {key: value for key, value in kwargs.items() if key != "sanitize_inputs_outputs"}
    first = args[0] if len(args) == 1 and not given else None
    if isinstance(first, dict) and all(key in tool.inputs for key in first):
        return as_json(first)
    return as_json({**dict(zip(tool.inputs, args, strict=False)), **given})


def _plain(result: Any) -> Any:
    return str(result) if isinstance(result, str) else result  # a text of theirs is a str too
