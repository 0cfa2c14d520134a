"""`reenact reindex`: read stored spans again."""

from __future__ import annotations

from reenact.cli import console
from reenact.runs.workspace import Workspace


def reindex(*, all: bool = False, json: bool = False) -> int:
    """Read stored spans again with the readers of this version.

    What was captured is kept as it came; what is found by (sessions, words, tools, tokens) was
    read from it when it came. A newer Reenact may read more. A reindex that is stopped goes on
    where it was; spans are received meanwhile.

    Args:
        all: Read everything, and make lists and the full-text index again from nothing else.
        json: Print JSON.
    """
    with Workspace() as workspace:
        store = workspace.spans
        total = sum(p.traces for p in store.projects()) if all else store.stale()
        with console.notes().status(f"reading {total:,} traces") as status:
            done = store.reindex(
                everything=all,
                on_progress=lambda read: status.update(f"read {read:,} of {total:,} traces"),
            )
    if json:
        console.print_json(done)
        return 0
    console.data().print(
        f"{done.traces:,} traces read again, {done.changed:,} spans read otherwise"
        if done.traces
        else "nothing to read again: all was read by this version (--all reads it anyway)"
    )
    return 0
