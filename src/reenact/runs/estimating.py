"""The estimate of a replay that nothing was made of yet."""

from __future__ import annotations

from reenact.domain.agent import AgentTarget
from reenact.domain.budget import Estimate
from reenact.domain.run import RunOptions
from reenact.runs.choosing import Selection
from reenact.runs.estimate import estimate, sizes_of
from reenact.runs.workspace import Workspace
from reenact.scenario.rows import rows_for
from reenact.select.selection import select


def estimate_of(
    workspace: Workspace, selection: Selection, *, target: AgentTarget, options: RunOptions
) -> Estimate:
    """Return what replaying `selection` is expected to take; nothing is made or run."""
    recordings = select(
        workspace.conversations,
        listing=workspace.spans,
        project=selection.project,
        replay_type=selection.replay_type,
        ids=selection.ids,
        select_all=selection.select_all,
        filter=selection.filter,
        exclude_ids=selection.exclude_ids,
    )
    rows = rows_for(recordings, replay_type=selection.replay_type)
    return estimate(sizes_of(rows, recordings), options, target=target)
