"""The sweep goes on after a failure, and the failure is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from reenact.domain.selection import Retention
from reenact.server.meters import Meters
from reenact.server.sweeping import sweeping
from reenact.store.spans import open_span_store
from support.spans import a_span


def test_what_is_not_kept_goes_while_the_server_runs(tmp_path: Path) -> None:
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    store.append([a_span(1, session_id="s1")])
    store.set_retention("shop", Retention(keep=timedelta(days=1)))

    async def scene() -> None:
        done = asyncio.Event()
        async with sweeping(store, on_swept=lambda swept: done.set(), on_failed=print):
            await asyncio.wait_for(done.wait(), 10)

    asyncio.run(scene())
    assert store.count_sessions("shop") == 0
    store.close()


def test_a_sweep_that_fails_is_counted_and_tried_again(tmp_path: Path) -> None:
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    store.close()
    meters = Meters()
    failed: list[Exception] = []

    async def scene() -> None:
        twice = asyncio.Event()

        def note(error: Exception) -> None:
            failed.append(error)
            meters.sweep_failed(error)
            if len(failed) == 2:
                twice.set()

        async with sweeping(store, on_swept=meters.swept, on_failed=note, every_s=0):
            await asyncio.wait_for(twice.wait(), 10)

    asyncio.run(scene())
    assert b'reenact_failed_sweeps_total{error="StoreError"}' in meters.text()
