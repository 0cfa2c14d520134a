"""What the receiver does with what it has decoded: into the store, under the right project."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from reenact.capture.ingest import Ingested, ingest_readied
from reenact.capture.parallel import PostRead
from reenact.runs.workspace import Workspace
from reenact.server.inbox import Store
from reenact.server.meters import Meters

OnStored = Callable[[Ingested], Any]


def storing(workspace: Workspace, *, meters: Meters, on_stored: OnStored) -> Store:
    """Return what stores several posts at once.

    Raises:
        StoreError: when a store of the workspace cannot be opened.
    """
    span_store, replays_among = workspace.spans, workspace.journal.replays_among

    def store(group: Sequence[PostRead]) -> None:
        for home in dict.fromkeys(post.project for post in group):
            among = [post for post in group if post.project == home]
            began = time.perf_counter()
            done = ingest_readied(
                [span for post in among for span in post.spans],
                logs=[log for post in among for log in post.logs],
                store=span_store,
                project=home,
                replays_among=replays_among,
            )
            meters.stored(done, time.perf_counter() - began)
            on_stored(done)

    return store
