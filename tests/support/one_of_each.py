"""Stores in which the demo's project has one of everything that the API names."""

from __future__ import annotations

from collections.abc import Mapping

import reenact
from reenact.access.keys import Keys
from reenact.demo.loading import load
from reenact.demo.talks import PROJECT, TUESDAY
from reenact.runs.workspace import Workspace

AGENT = "reenact.demo.agents:fixed"


def fill(workspace: Workspace) -> Mapping[str, str]:
    """Replay and fork the demo's talk; return an id of each kind of thing."""
    load(workspace)
    settings, records = workspace.settings, workspace.records
    replayed = reenact.replay(
        AGENT, project=PROJECT, sessions=TUESDAY, user_policy="strict", settings=settings
    )
    reenact.fork(AGENT, project=PROJECT, talk=TUESDAY, at=4, user="Hm.", settings=settings)
    key = Keys(workspace.access).make(PROJECT, name="theirs", scopes=["read"]).key
    run = records.run(replayed.id)
    (session,) = records.replay_sessions(PROJECT)
    (scenario,) = [one for one in records.scenarios(PROJECT) if one.id == session.scenario_id]
    return {
        "projects": PROJECT,
        "sessions": TUESDAY,
        "conversations": f"sess:{TUESDAY}",
        "traces": workspace.spans.spans_of_session(PROJECT, TUESDAY)[0].span.trace_id,
        "replay-sessions": session.id,
        "agents": records.agents(PROJECT)[0].id,
        "scenarios": scenario.id,
        "rows": scenario.rows[0].id,
        "run-tests": run.run_test_id,
        "runs": run.id,
        "calls": records.calls(run.id)[0].id,
        "forks": workspace.forks.list(PROJECT)[0].id,
        "keys": key.id,
    }
