"""What the receiver does with what it has decoded: into the store, under the right project."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from reenact.capture.ingest import Ingested, ingest
from reenact.capture.limits import Decoded
from reenact.runs.workspace import Workspace
from reenact.server.inbox import Store
from reenact.server.meters import Meters

OnStored = Callable[[Ingested], Any]


def storing(
    workspace: Workspace, *, project: str | None, meters: Meters, on_stored: OnStored
) -> Store:
    """Return what stores several posts at once.

    The project of the key that a post came with wins over `project`, and that over what the
    spans say.

    Raises:
        StoreError: when a store of the workspace cannot be opened.
    """
    span_store, replays_among = workspace.spans, workspace.journal.replays_among

    def store(group: Sequence[Decoded]) -> None:
        for home in dict.fromkeys(decoded.project or project for decoded in group):
            among = [decoded for decoded in group if (decoded.project or project) == home]
            began = time.perf_counter()
            done = ingest(
                [span for decoded in among for span in decoded.spans],
                logs=[log for decoded in among for log in decoded.logs],
                store=span_store,
                project=home,
                replays_among=replays_among,
            )
            meters.stored(done, time.perf_counter() - began)
            on_stored(done)

    return store
