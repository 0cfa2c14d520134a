"""An agent that is a Python function of this process: `module:function`, sync or async."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import importlib
import inspect
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from reenact.agents.places import raised_at
from reenact.agents.port import AgentFailed, AgentReply, AgentRequest
from reenact.domain.agent import CallableTarget, ToolsMode
from reenact.domain.conversation import Usage
from reenact.errors import AgentNotLoaded

Function = Callable[..., Any]


class CallableAgent:
    """Calls `function(messages, message)`; a sync function runs in a thread of its own.

    `intercepted` names the tools that the replay answers; it is asked for after the import,
    because importing the agent is what decorates them.
    """

    def __init__(
        self,
        target: CallableTarget,
        *,
        intercepted: Callable[[], frozenset[str]],
        function: Function | None = None,
    ):
        self._target = target
        self._function = function or load(target.path)
        self._intercepted = intercepted
        self._is_async = inspect.iscoroutinefunction(self._function) or (
            inspect.iscoroutinefunction(getattr(self._function, "__call__", None))  # noqa: B004
        )

    @property
    def tools(self) -> ToolsMode:
        """Who runs its tools, as the target declares."""
        return self._target.tools

    @property
    def stateless(self) -> bool:
        """True unless the target says that the function keeps state."""
        return self._target.stateless

    @property
    def in_process(self) -> bool:
        """A function runs here."""
        return True

    @property
    def intercepted(self) -> frozenset[str]:
        """The tools decorated in this process."""
        return self._intercepted()

    async def ready(self) -> None:
        """It may be asked at any time."""

    async def reply(self, request: AgentRequest) -> AgentReply:
        """Call the function once; what it raises is the agent's failure."""
        try:
            answer = await self._call(request.messages, request.message)
        except AgentFailed:
            raise
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # it is us who stop
            raise AgentFailed("exception", "CancelledError: it cancelled itself") from error
        except (
            Exception,
            SystemExit,
            GeneratorExit,
        ) as error:  # an agent that exits must not end the run
            raise AgentFailed("exception", _told(error)) from error
        return as_reply(answer)

    async def forget(self, session_id: str) -> None:
        """Nothing is kept here; what the function keeps is its own."""

    async def aclose(self) -> None:
        """Nothing to let go of: a thread that hangs ends with the process."""

    async def _call(self, messages: list[dict[str, Any]], message: str) -> Any:
        if self._is_async:
            return await self._function(messages, message)
        answer = await _in_thread(self._function, messages, message)
        return await answer if inspect.isawaitable(answer) else answer


def _told(error: BaseException) -> str:
    """Return what was raised, and where in the agent's own code."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place = raised_at(error)
    return f"{text} ({place})" if place else text


async def _in_thread(function: Function, *args: Any) -> Any:
    """Run `function` in a thread of its own, in this context; return what it returns.

    The thread is a daemon: one that hangs past its time must not keep the process from ending,
    as a thread pool's would. There are never more of them than talks that run at once.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: Any, error: BaseException | None) -> None:
        if done.done():
            return  # timed out meanwhile
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)

    def run() -> None:
        outcome: tuple[Any, BaseException | None]
        try:
            outcome = (context.run(function, *args), None)
        except StopIteration as error:  # a future cannot carry it
            outcome = (None, RuntimeError(f"StopIteration: {error}"))
        except BaseException as error:
            outcome = (None, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name="reenact-agent", daemon=True).start()
    return await done


def as_reply(answer: Any) -> AgentReply:
    """Read what a function answered: text, an `AgentReply`, or an OpenAI-style message.

    Raises:
        AgentFailed: when it is none of these.
    """
    if isinstance(answer, AgentReply):
        return answer
    if isinstance(answer, str):
        return AgentReply(text=answer)
    if isinstance(answer, Mapping) and ("content" in answer or "tool_calls" in answer):
        usage = answer.get("usage")
        return AgentReply(
            text=answer.get("content"),
            tool_calls=answer.get("tool_calls") or (),
            usage=_usage(usage) if isinstance(usage, Mapping) else None,
            model=answer.get("model"),
        )
    raise AgentFailed(
        "nonsense",
        f"answered {type(answer).__name__}; expected text, an AgentReply, or a dict with "
        "'content' or 'tool_calls'",
    )


def load(path: str) -> Function:
    """Import the function that `module:function` names; the working folder is searched first.

    Raises:
        AgentNotLoaded: saying which part does not import and why.
    """
    module_name, _, attribute = path.partition(":")
    if not module_name or not attribute:
        raise AgentNotLoaded(
            "a Python agent is named module:function",
            where=path,
            next_step="for example support.agent:answer",
        )
    module = _imported(module_name, path)
    found: Any = module
    for name in attribute.split("."):
        if not hasattr(found, name):
            near = ", ".join(n for n in vars(module) if callable(getattr(module, n)))[:200]
            raise AgentNotLoaded(
                f"module {module_name} has no {attribute}",
                where=path,
                next_step=f"it has: {near}" if near else "check the name",
            )
        found = getattr(found, name)
    if not callable(found):
        raise AgentNotLoaded(f"{attribute} is a {type(found).__name__}, not a function", where=path)
    return found  # type: ignore[no-any-return]


def _imported(module_name: str, path: str) -> Any:
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        next_step = (
            "run from the folder that holds it, or install it into this environment"
            if module_name.startswith(missing)
            else f"install {missing} into this environment"
        )
        raise AgentNotLoaded(
            f"no module named {missing}", where=path, next_step=next_step
        ) from error
    except Exception as error:  # whatever the agent's own module raises while it is imported
        raise AgentNotLoaded(
            f"importing {module_name} failed: {type(error).__name__}: {error}",
            where=path,
            next_step=f"python -c 'import {module_name}' shows the whole traceback",
        ) from error


def _usage(usage: Mapping[str, Any]) -> Usage:
    def count(*names: str) -> int | None:
        found = next((usage[n] for n in names if isinstance(usage.get(n), int)), None)
        return found

    return Usage(
        input_tokens=count("input_tokens", "prompt_tokens"),
        output_tokens=count("output_tokens", "completion_tokens"),
    )
