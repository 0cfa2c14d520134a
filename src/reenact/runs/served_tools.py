"""Which tools a run offers at its tool server, and a word where nobody asked for any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reenact.agents.port import Agent
from reenact.domain.run import Run
from reenact.domain.scenario import Scenario
from reenact.domain.tool_rules import merged
from reenact.replay.served import ServedAgent
from reenact.runs.workspace import Workspace
from reenact.tools.hooks.frameworks import known_effects
from reenact.tools.interceptor import interceptors
from reenact.tools.served.definitions import Catalogue, ServedTool

_READ_AT_ONCE = 32


def offered_tools(
    workspace: Workspace, scenarios: Mapping[str, Scenario]
) -> tuple[ServedTool, ...]:
    """Return the tools of all recordings and declared results of `scenarios`.

    All of them for every talk: the changed agent may need one that this talk never called.
    """
    rows = [row for scenario in scenarios.values() for row in scenario.rows]
    coded = [one.rules for one in interceptors().values() if one.rules]
    rules = merged([*coded, *(one for row in rows for one in row.tool_rules)])
    catalogue = Catalogue(known_effects(), rules=rules.values())
    hashes = list(dict.fromkeys(row.recording_hash for row in rows if row.recording_hash))
    for start in range(0, len(hashes), _READ_AT_ONCE):
        for recording in workspace.records.recordings(hashes[start : start + _READ_AT_ONCE]):
            catalogue.add(recording.conversation)
    for row in rows:
        catalogue.declare(row.declared)
    return catalogue.tools()


def noted_if_silent(workspace: Workspace, run: Run, agent: Agent) -> Run:
    """Return `run`; with a reason, where its agent should have asked the server and never did."""
    if not isinstance(agent, ServedAgent) or not agent.silent:
        return run
    noted = replace(
        run,
        reason="the agent never called a tool at the tool server; if it calls its tools "
        "elsewhere, they ran for real: give it the address that each request brings",
    )
    workspace.records.save_run(noted)
    return noted
