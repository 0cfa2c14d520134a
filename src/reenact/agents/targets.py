"""Targets: the words that name an agent, and the agent that they name.

Targets come from configuration alone: a command line, an agent file, a kept file. Nothing that
was read from telemetry ever gets here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from reenact.agents.address import endpoint, shown_url
from reenact.agents.agent_file import read_agent_file
from reenact.agents.port import Agent
from reenact.domain.agent import (
    AgentTarget,
    CallableTarget,
    CommandTarget,
    HttpTarget,
    ToolsMode,
)
from reenact.errors import AgentNotLoaded, UsageError

Stream = Literal["none", "sse", "jsonl", "text"]
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_SOURCE = re.compile(r".+\.py:[A-Za-z_][\w.]*")
_FILES = (".yaml", ".yml", ".json")
_FORMS = (
    "use module:function, agent.py:function, http://host/path, openai:http://host/v1, "
    "responses:http://host/v1, command:program and its arguments, or an agent file (.yaml, .json)"
)


def parse_target(
    text: str,
    *,
    tools: ToolsMode | None = None,
    model: str | None = None,
    stream: Stream | None = None,
    headers: Mapping[str, str] | None = None,
    stateless: bool | None = None,
) -> AgentTarget:
    """Return the target that `text` names; the options go before what an agent file says.

    `module:function` and `agent.py:function` are Python functions, `http://...` takes JSON,
    `openai:http://.../v1` speaks chat completions, `responses:http://.../v1` OpenAI's Responses
    API, `command:...` is a program that speaks JSON lines, and a path that ends in .yaml, .yml
    or .json is an agent file.

    Raises:
        AgentNotLoaded: when `text` is none of these, or the file does not say what it must.
        UsageError: for an option that such an agent does not have.
    """
    options = {
        "tools": tools,
        "model": model,
        "stream": stream,
        "headers": headers,
        "stateless": stateless,
    }
    given = {name: value for name, value in options.items() if value is not None}
    target = _named(text.strip())
    if not isinstance(target, HttpTarget):
        noun = "a Python function" if isinstance(target, CallableTarget) else "a program"
        for name in ("model", "stream", "headers"):
            if name in given:
                raise UsageError(
                    f"{noun} has no {name}",
                    where=text,
                    next_step=f"leave the {name} out; it belongs to agents behind HTTP",
                )
    return replace(target, **given)  # type: ignore[arg-type]


def connect(
    target: AgentTarget,
    *,
    environ: Mapping[str, str],
    turn_timeout_s: float,
    connect_retries: int,
    intercepted: Callable[[], frozenset[str]] = frozenset,
    trust_env: bool = False,
) -> Agent:
    """Return the agent that `target` names; a Python function is imported here.

    Args:
        target: What to reach.
        environ: Where `${NAME}` in headers is looked up.
        turn_timeout_s: The longest a program may take for an answer, and a connection to be
            made over HTTP, in seconds. Whoever replays bounds the whole turn.
        connect_retries: How often to try again while no connection can be made.
        intercepted: Names the tools of this process that a replay answers.
        trust_env: Use the proxies that the environment names.

    Raises:
        AgentNotLoaded: when the function does not import, or the target cannot work.
    """
    if isinstance(target, CallableTarget):
        from reenact.agents.callable import CallableAgent

        function = None
        if _SOURCE.fullmatch(target.path):
            from reenact.agents.source_file import load_function

            function = load_function(target.path)
        return CallableAgent(target, intercepted=intercepted, function=function)
    if isinstance(target, CommandTarget):
        from reenact.agents.command import CommandAgent

        return CommandAgent(target, environ=environ, timeout_s=turn_timeout_s)
    from reenact.agents.http import HttpAgent

    return HttpAgent(
        target,
        environ=environ,
        timeout_s=turn_timeout_s,
        connect_retries=connect_retries,
        trust_env=trust_env,
    )


def describe_target(target: AgentTarget) -> str:
    """Return `target` in one line for people: header names without their values."""
    if isinstance(target, CallableTarget):
        return f"python {target.path} (tools {target.tools})"
    if isinstance(target, CommandTarget):
        return f"command {shlex.join(target.command)} (tools {target.tools})"
    facts: list[str] = [target.template]
    if target.model:
        facts.append(f"model {target.model}")
    if target.stream != "none":
        facts.append(f"stream {target.stream}")
    facts.append(f"tools {target.tools}")
    if target.headers:
        facts.append("headers " + " ".join(sorted(target.headers)))
    return f"{target.method} {shown_url(target.url)} ({', '.join(facts)})"


def _named(text: str) -> AgentTarget:
    if text.startswith(("http://", "https://")):
        return _checked(HttpTarget(url=text))
    if text.startswith("openai:"):
        return _checked(HttpTarget(url=text.removeprefix("openai:"), template="openai"))
    if text.startswith("responses:"):
        return _checked(HttpTarget(url=text.removeprefix("responses:"), template="responses"))
    if text.startswith("command:"):
        return _program(text.removeprefix("command:"))
    if text.lower().endswith(_FILES):
        return read_agent_file(Path(text))
    if _SOURCE.fullmatch(text) or _FUNCTION.fullmatch(text):
        return CallableTarget(path=text)
    near = "for an address write http:// before it; " if _looks_like_an_address(text) else ""
    raise AgentNotLoaded("this names no agent", where=text[:200], next_step=near + _FORMS)


def _checked(target: HttpTarget) -> HttpTarget:
    endpoint(target)
    return target


def _program(text: str) -> CommandTarget:
    """Return the target of a command that is quoted as in a shell; nothing else is like there."""
    try:
        command = tuple(shlex.split(text))
    except ValueError as error:
        raise AgentNotLoaded(
            f"the command cannot be read: {error}", where=text[:200], next_step="close the quotes"
        ) from None
    if not command:
        raise AgentNotLoaded("the command is empty", next_step="write command:python agent.py")
    return CommandTarget(command=command)


def _looks_like_an_address(text: str) -> bool:
    host = text.partition("/")[0]
    return "." in host or "/" in text or host.rpartition(":")[2].isdigit()
