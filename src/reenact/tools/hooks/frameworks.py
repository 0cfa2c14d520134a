"""`reenact.instrument()`: the hooks of all frameworks, and what is guarded by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reenact.domain.conversation import Effect
from reenact.tools.desk import look_elsewhere
from reenact.tools.hooks import (
    google_adk,
    incoming,
    langchain,
    openai_agents,
    pydantic_ai,
    smolagents,
)
from reenact.tools.hooks.families import living
from reenact.tools.hooks.hook import Hook
from reenact.tools.hooks.importing import when_imported
from reenact.tools.hooks.said import said, say
from reenact.tools.interceptor import interceptors

HOOKS: tuple[Hook, ...] = (
    langchain.HOOK,
    openai_agents.HOOK,
    pydantic_ai.HOOK,
    smolagents.HOOK,
    google_adk.HOOK,
    *incoming.HOOKS,
)
_PLACED: set[tuple[str, str]] = set()


def instrument(
    *,
    later: Iterable[str] = (),
    steering: Iterable[str] = (),
    effects: Mapping[str, Effect] | None = None,
) -> None:
    """Let a replay answer the tools of agent frameworks; outside a replay they run as ever.

    LangChain and LangGraph, the OpenAI Agents SDK, Pydantic AI, smolagents and Google ADK; no
    tool needs a decorator. May be called before or after a framework is imported, and again.
    `reenact replay` does it by itself for an agent that is a Python function.

    Args:
        later: Names of tools that the agent builds while it runs (those of an MCP server, for
            instance): they are not there yet when a replay checks that every tool is guarded.
        steering: Names of tools that only steer the agent, such as a handoff, or an agent that
            is called as a tool. They run, and what they call in turn is intercepted.
        effects: What tools do: `read`, `write` or `unknown`. A write is served once.
    """
    look_elsewhere(incoming.remote_desk)
    say(later=frozenset(later), steering=frozenset(steering), effects=effects or {})
    for hook in HOOKS:
        for module in hook.places:
            if (hook.hooked, module) not in _PLACED:
                _PLACED.add((hook.hooked, module))
                when_imported(module, hook.install)


def guarded_tools() -> frozenset[str]:
    """Return the names of the tools of this process that a replay answers."""
    names: set[str] = {*interceptors(), *said().later, *said().steering}
    kinds = {kind: hook for hook in HOOKS for kind in hook.kinds}
    for thing in living(kinds):
        hook = next(kinds[kind] for kind in type(thing).__mro__ if kind in kinds)
        names.update(name for name in hook.names_of(thing) if isinstance(name, str))
    return frozenset(names)


def known_effects() -> dict[str, Effect]:
    """Return what the program says of its tools' effects, by name."""
    decorated = {name: known.effect for name, known in interceptors().items()}
    return {**decorated, **said().effects}
