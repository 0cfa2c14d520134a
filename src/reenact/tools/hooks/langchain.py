"""LangChain and LangGraph: `BaseTool.run` and `arun`, through which every tool is run.

A replay lets them run on a copy of the tool whose own function gives the recorded answer. What
the framework does around it stays: validation, callbacks, tool messages, what is injected.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import ModuleType
from typing import Any

from reenact.tools.answer import ToolAnswer
from reenact.tools.hooks.asking import Asked, answer, answer_async, desk_for
from reenact.tools.hooks.families import wrap_family
from reenact.tools.hooks.hook import Hook, HookMoved, attribute
from reenact.tools.interceptor import as_json, as_returned, return_type

_TOOLS: list[type] = []
_STAND_IN = "_reenact_stand_in"


def _hook(module: ModuleType) -> None:
    tool = attribute(module, "BaseTool")
    for method in ("run", "arun", "_run", "_arun"):
        if not callable(getattr(tool, method, None)):
            raise HookMoved(f"BaseTool has no {method}")
    failed = attribute(module, "ToolException")
    wrap_family(tool, "run", _answered(failed))
    wrap_family(tool, "arun", _answered_async(failed))
    _TOOLS.append(tool)


HOOK = Hook(
    hooked="LangChain's tools",
    distribution="langchain-core",
    since="0.3",
    until="2",
    places={"langchain_core.tools.base": _hook},
    kinds=_TOOLS,
    names_of=lambda tool: (tool.name,),
)


def _answered(failed: type) -> Callable[..., Any]:
    def around(
        tool: Any, run: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if _STAND_IN in tool.__dict__ or (desk := desk_for(tool.name)) is None:
            return run(*args, **kwargs)
        return answer(
            desk,
            _asked(tool, args, kwargs),
            run=lambda: run(*args, **kwargs),
            give=lambda found: _given(tool, run, found, args, kwargs, failed),
            told=_content,
        )

    return around


def _answered_async(failed: type) -> Callable[..., Any]:
    async def around(
        tool: Any, run: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if _STAND_IN in tool.__dict__ or (desk := desk_for(tool.name)) is None:
            return await run(*args, **kwargs)

        async def give(found: ToolAnswer) -> Any:
            return await _given(tool, run, found, args, kwargs, failed)

        return await answer_async(
            desk,
            _asked(tool, args, kwargs),
            run=lambda: run(*args, **kwargs),
            give=give,
            told=_content,
        )

    return around


def _given(
    tool: Any,
    run: Callable[..., Any],
    found: ToolAnswer,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    failed: type,
) -> Any:
    """Run the tool's stand-in instead of the tool, by the method that was about to run it."""
    method = run.__func__  # type: ignore[attr-defined]
    stand_in = _stand_in(tool, found, failed=failed, for_model=_id(kwargs) is not None)
    return method(stand_in, *args, **kwargs)


def _stand_in(tool: Any, found: ToolAnswer, *, failed: type, for_model: bool) -> Any:
    """Return a copy of `tool` that gives what was found.

    An error goes to the model as the framework's own tool message. Code that calls the tool by
    itself, without a model's call, gets it as its exception.
    """
    stand_in = copy.copy(tool)
    result = _result(tool, found)

    def _run(*args: Any, **kwargs: Any) -> Any:
        if found.error is not None:
            raise failed(found.error)
        return result

    async def _arun(*args: Any, **kwargs: Any) -> Any:
        return _run()

    own: dict[str, Any] = {_STAND_IN: True, "_run": _run, "_arun": _arun}
    if for_model:
        own["handle_tool_error"] = True
    stand_in.__dict__.update(own)
    return stand_in


def _result(tool: Any, found: ToolAnswer) -> Any:
    function = getattr(tool, "func", None) or getattr(tool, "coroutine", None) or tool._run
    if getattr(tool, "response_format", None) == "content_and_artifact":
        return found.result, None  # no telemetry holds the artifact
    return as_returned(found.result, return_type(function))


def _asked(tool: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Asked:
    given = args[0] if args else kwargs.get("tool_input")
    return Asked(name=tool.name, arguments=as_json(_of_model(tool, given)), id=_id(kwargs))


def _of_model(tool: Any, given: Any) -> Any:
    """Return the arguments without what the framework injects: state, store, runtime."""
    if not isinstance(given, dict):
        return given
    filtered = getattr(tool, "_filter_injected_args", None)
    if filtered is not None:
        return filtered(given)
    # Before langchain-core 1.0: what the whole schema has and the model's has not.
    injected = _fields(tool.get_input_schema()) - _fields(tool.tool_call_schema)
    return {key: value for key, value in given.items() if key not in injected}


def _fields(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        return set(schema.get("properties", {}))
    fields = schema.model_fields if hasattr(schema, "model_fields") else schema.__fields__
    return set(fields)


def _id(kwargs: dict[str, Any]) -> str | None:
    id = kwargs.get("tool_call_id")
    return id if isinstance(id, str) else None


def _content(result: Any) -> Any:
    return getattr(result, "content", result)
