"""The decorator for an agent's tools: nothing outside a replay, the recording inside one."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, overload

from reenact.domain.conversation import Effect
from reenact.domain.tool_rules import ToolRules
from reenact.errors import UsageError
from reenact.tools.answer import Desk, ToolAnswer
from reenact.tools.desk import current_desk

Normalise = Callable[[Any], Any]
"""Takes a call's arguments and gives them back without what does not matter to the tool."""

P = ParamSpec("P")
R = TypeVar("R")


class ToolFailed(Exception):
    """Raised inside a replay where the recorded call had failed; holds the recorded text."""


class ToolRefused(Exception):
    """Raised inside a replay where a call was refused: nothing recorded answers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interceptor:
    """What is known of one decorated tool."""

    name: str
    effect: Effect
    raises: type[Exception]
    ignore: frozenset[str]
    signature: inspect.Signature
    returns: Any
    rules: ToolRules | None = None
    normalise: Normalise | None = None


_INTERCEPTORS: dict[str, Interceptor] = {}


def interceptors() -> dict[str, Interceptor]:
    """Return the tools that were decorated so far, by name."""
    return dict(_INTERCEPTORS)


@overload
def tool(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    effect: Effect = "unknown",
    raises: type[Exception] = ToolFailed,
    ignore: tuple[str, ...] = (),
    key_fields: tuple[str, ...] | None = None,
    volatile: tuple[str, ...] = (),
    normalise: Normalise | None = None,
    constant: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    effect: Effect = "unknown",
    raises: type[Exception] = ToolFailed,
    ignore: tuple[str, ...] = (),
    key_fields: tuple[str, ...] | None = None,
    volatile: tuple[str, ...] = (),
    normalise: Normalise | None = None,
    constant: bool = False,
) -> Any:
    """Let a replay answer the calls of a tool; outside a replay the tool runs as ever.

    Works on functions and methods, sync and async. Inside a replay a recorded failure is
    raised as `raises(text)`, a refused call as `ToolRefused`.

    Args:
        function: The tool, when the decorator is used without parentheses.
        name: The tool's name in the telemetry; the function's own by default.
        effect: Whether it reads or writes. A write is served once per recorded call.
        raises: The exception that the agent's code expects from a failing tool.
        ignore: Parameters that are not arguments of the model (a context, a client).
        key_fields: Calls that agree on these arguments are the same call.
        volatile: Arguments that never matter (a request id, the time of sending).
        normalise: Gives arguments back without what does not matter to the tool; must not
            change what it is given.
        constant: Say that no write changes the tool's results.
    """
    options = _Options(
        name=name,
        effect=effect,
        raises=raises,
        ignore=ignore,
        rules={"key_fields": key_fields, "volatile": volatile, "constant": constant},
        normalise=normalise,
    )
    if function is None:
        return functools.partial(_intercepted, options=options)
    return _intercepted(function, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What the decorator was given."""

    name: str | None
    effect: Effect
    raises: type[Exception]
    ignore: tuple[str, ...]
    rules: dict[str, Any]
    normalise: Normalise | None


def _intercepted(function: Callable[..., Any], *, options: _Options) -> Any:
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(_intercepted(function.__func__, options=options))
    called = options.name or getattr(function, "__name__", None) or type(function).__name__
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        raise UsageError(
            f"the tool {called} yields its results; a replay answers a tool once",
            next_step="decorate a function that returns them",
        )
    known = Interceptor(
        name=called,
        effect=options.effect,
        raises=options.raises,
        ignore=frozenset(options.ignore) | {"self", "cls"},
        signature=inspect.signature(function),
        returns=return_type(function),
        rules=ToolRules(tool=called, **options.rules),
        normalise=options.normalise,
    )
    _INTERCEPTORS[known.name] = known
    if inspect.iscoroutinefunction(function):
        return _answering_async(function, known)
    return _answering(function, known)


def _answering_async(function: Callable[..., Any], known: Interceptor) -> Callable[..., Any]:
    @functools.wraps(function)
    async def answered(*args: Any, **kwargs: Any) -> Any:
        desk = current_desk(known.name)
        if desk is None:
            return await function(*args, **kwargs)
        if desk.waits:  # for a model: the other talks of this loop must not wait with it
            import asyncio

            answer = await asyncio.to_thread(_ask, desk, known, args, kwargs, function)
        else:
            answer = _ask(desk, known, args, kwargs, function)
        if answer.provenance != "live":
            return _given(known, answer)
        try:
            result = await function(*args, **kwargs)
        except Exception as error:
            desk.finish_live(answer, result=None, error=str(error) or repr(error))
            raise
        desk.finish_live(answer, result=as_json(result), error=None)
        return result

    return answered


def _answering(function: Callable[..., Any], known: Interceptor) -> Callable[..., Any]:
    @functools.wraps(function)
    def answered(*args: Any, **kwargs: Any) -> Any:
        desk = current_desk(known.name)
        if desk is None:
            return function(*args, **kwargs)
        answer = _ask(desk, known, args, kwargs, function)
        if answer.provenance != "live":
            return _given(known, answer)
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            desk.finish_live(answer, result=None, error=str(error) or repr(error))
            raise
        desk.finish_live(answer, result=as_json(result), error=None)
        return result

    return answered


def _ask(
    desk: Desk,
    known: Interceptor,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    function: Callable[..., Any],
) -> ToolAnswer:
    return desk.ask(known.name, arguments_of(known, args, kwargs), run=function)


def arguments_of(known: Interceptor, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the call's arguments as JSON data, as the model would have sent them.

    A tool that takes one dict named `args`, `arguments`, `params` or `input` is a wrapper:
    its dict is what the model sent.
    """
    bound = known.signature.bind(*args, **kwargs)
    named: dict[str, Any] = {}
    for key, value in bound.arguments.items():
        if known.signature.parameters[key].kind is inspect.Parameter.VAR_KEYWORD:
            named.update(value)
        elif key not in known.ignore:
            named[key] = value
    if len(named) == 1:
        (key, only), *_ = named.items()
        if key in ("args", "arguments", "params", "input") and isinstance(only, dict):
            named = only
    return as_json(named)


def _given(known: Interceptor, answer: ToolAnswer) -> Any:
    if answer.provenance == "refused":
        raise ToolRefused(answer.error or "refused")
    if answer.error is not None:
        raise known.raises(answer.error)
    return as_returned(answer.result, known.returns)


def as_returned(result: Any, returns: Any) -> Any:
    """Give the recorded JSON back in the type that the tool says it returns."""
    if returns is None or returns is Any:
        return result
    if returns is str:
        return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    from pydantic import TypeAdapter, ValidationError
    from pydantic.errors import PydanticUserError

    try:
        return TypeAdapter(returns).validate_python(result)
    except (ValidationError, PydanticUserError):
        return result  # the annotation promises something that the recording did not hold


def return_type(function: Callable[..., Any]) -> Any:
    """Return the type that `function` says it returns; None where that cannot be read."""
    try:
        return inspect.get_annotations(function, eval_str=True).get("return")
    except (NameError, TypeError, SyntaxError, AttributeError):
        return None  # an annotation that only a type checker can resolve


def as_json(value: Any) -> Any:
    """Return `value` as JSON data; what has no such form becomes its repr."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value, fallback=repr)
