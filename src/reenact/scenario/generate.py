"""From a frozen selection to a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reenact.domain.recording import Recording
from reenact.domain.scenario import Scenario
from reenact.domain.selection import ReplayType
from reenact.errors import UsageError
from reenact.scenario.graph import mine
from reenact.scenario.rows import rows_for

MOST_ROWS = 1000
"""Largest number of rows that may be asked for."""


def scenario_from(
    recordings: Sequence[Recording],
    *,
    id: str,
    project_id: str,
    name: str,
    replay_type: ReplayType,
    no_of_rows: int = 20,
    description: str = "",
    created_at: datetime,
) -> Scenario:
    """Return the scenario of `recordings`: their exact rows, and the graph of their talks.

    `no_of_rows` is kept as what was asked; exact rows are all made, were they more.

    Raises:
        UsageError: where `no_of_rows` is not 1 to 1000, or there is no recording.
    """
    if not 1 <= no_of_rows <= MOST_ROWS:
        raise UsageError(
            f"no_of_rows is {no_of_rows}",
            where=f"scenario {name}",
            next_step=f"ask for 1 to {MOST_ROWS} rows",
        )
    if not recordings:
        raise UsageError(
            "a scenario from a replay session needs at least one recording",
            where=f"scenario {name}",
            next_step="choose sessions or traces first",
        )
    conversations = [recording.conversation for recording in recordings]
    agent = next((c.agent_name for c in conversations if c.agent_name), project_id)
    return Scenario(
        id=id,
        project_id=project_id,
        name=name,
        source="replay",
        rows=rows_for(recordings, replay_type=replay_type),
        graph=mine(conversations),
        asked=no_of_rows,
        description=description or f"Generated from replay session for {agent}",
        created_at=created_at,
    )
