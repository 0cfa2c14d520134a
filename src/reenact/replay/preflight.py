"""The preflight: nothing happens in the world by accident.

A recording with tool calls is not replayed against an agent that runs its own tools, or while
a recorded tool has no interceptor, unless the user allows live tools by a flag of that name.
"""

from __future__ import annotations

from collections.abc import Iterable

from reenact.agents.port import Agent
from reenact.domain.run import RunOptions
from reenact.errors import UnguardedTools


def check_tools(recorded: Iterable[str], *, agent: Agent, options: RunOptions) -> tuple[str, ...]:
    """Return which of the `recorded` tools the agent would run for real, as the user allowed.

    Raises:
        UnguardedTools: where there are such tools and the user did not allow it.
    """
    unguarded = unguarded_tools(recorded, agent=agent)
    if not unguarded or options.allow_live_tools:
        return unguarded
    if agent.tools == "own":
        raise UnguardedTools(
            unguarded,
            reason="this agent runs its own tools, so a replay would run them for real",
            next_step="if it hands its tool calls back, say --tools returned; if its tools are "
            "decorated in this process, replay it as module:function; if it can call them at "
            "another address, --tools served; if they are harmless, pass --allow-live-tools",
        )
    raise UnguardedTools(
        unguarded,
        reason="no interceptor for tools that the recording calls, so a replay could run them "
        "for real",
        next_step="decorate them with @reenact.tool (name= where the telemetry names them "
        "otherwise), name those that a framework builds later to reenact.instrument(later=[...]), "
        "or say --tools returned if the agent hands its calls back, or pass --allow-live-tools",
    )


def unguarded_tools(recorded: Iterable[str], *, agent: Agent) -> tuple[str, ...]:
    """Return the names of recorded tools whose calls the replay could not answer."""
    if agent.tools == "returned":
        return ()
    guarded = agent.intercepted if agent.tools in ("intercepted", "served") else frozenset()
    return tuple(sorted(set(recorded) - guarded))
