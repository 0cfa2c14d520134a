"""A journal in memory, for tests of the loop; the real one is tested in tests/store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reenact.domain.run import CallExecution, TurnRecord


class MemoryJournal:
    """Keeps what it is told, in order; `fail_after` makes the n-th commit raise."""

    def __init__(self, *, fail_after: int | None = None) -> None:
        self.begun: list[CallExecution] = []
        self.committed: list[TurnRecord] = []
        self.finished: list[CallExecution] = []
        self.live: set[tuple[str, int, int]] = set()
        self._fail_after = fail_after

    async def begin(self, call: CallExecution) -> None:
        self.begun.append(call)

    async def commit(self, turn: TurnRecord) -> None:
        if self._fail_after is not None and len(self.committed) >= self._fail_after:
            raise OSError("the disk is full")
        self.committed.append(turn)

    async def finish(self, call: CallExecution, last: TurnRecord | None = None) -> None:
        if last is not None:
            await self.commit(last)
        self.finished.append(call)

    def turns(self, call_id: str, attempt: int) -> Sequence[TurnRecord]:
        return [t for t in self.committed if (t.call_id, t.attempt) == (call_id, attempt)]

    def note_live(
        self, call: CallExecution, turn: int, place: int, tool: str, arguments: Any
    ) -> bool:
        key = (call.id, turn, place)
        known = key in self.live
        self.live.add(key)
        return not known
