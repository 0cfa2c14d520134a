"""The journal of turns: what a run has done, kept before the next step is taken.

Kept means that no kill of a process takes it. A power cut may take turns that an agent can be
asked again; what touched the world outlives that too.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from reenact import codec
from reenact.domain.run import CallExecution, TurnRecord
from reenact.store import journal_rows
from reenact.store.database import Database, Rows
from reenact.store.documents import UPDATE_CALL, attempt_columns, call_values
from reenact.store.grouped_writes import GroupedWrites, Step, Write
from reenact.store.record_tables import ATTEMPTS, CALLS, LIVE_CALLS, TURNS

TRACE_KEY_DIGITS = 16
"""Hex digits that all trace ids of an attempt start with."""

_CALLS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A tool call that was let through to the world; whether it came back is not known."""

    turn: int
    place: int
    """Its place among the tool calls of that turn, from 0."""
    tool: str
    arguments: Any
    """None where they could not be written as JSON."""


@dataclass(slots=True)
class _Execution:
    """One go at a call execution within this process, and how far its live calls came."""

    call: CallExecution
    name: str
    places: dict[int, int] = field(default_factory=dict)


class Journal:
    """The turns of every attempt, by call, attempt and index; each is kept once.

    Usable from any event loop; reads are plain functions. Several processes may read it while
    one runs.
    """

    def __init__(self, database: Database):
        self._database = database
        self._writes = GroupedWrites(database, where=database.where)
        self._process = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._executions: dict[tuple[str, int], _Execution] = {}
        self._made = 0
        self._lookup: Any = None
        engine = database.engine
        self._attempt_rows = Rows(engine, journal_rows.ADD_ATTEMPT, ATTEMPTS.c.keys())
        self._turn_rows = Rows(engine, journal_rows.ADD_TURN, TURNS.c.keys())
        self._ending_rows = Rows(engine, journal_rows.END_ATTEMPT, ["status"])
        self._call_rows = Rows(engine, UPDATE_CALL, ["status", "attempt", "document"])
        known = select(ATTEMPTS.c.attempt).where(ATTEMPTS.c.trace_key == bindparam("key"))
        self._known = str(known.compile(dialect=database.engine.dialect))

    async def begin(self, call: CallExecution) -> None:
        """Note that `call.attempt` starts, with its session id and trace key.

        Raises:
            StoreError: where the call was never added, or the attempt has begun otherwise.
        """
        if call.trace_key is None or call.session_id is None:
            raise ValueError(f"call {call.id} has no trace key or session id to begin with")
        steps = (
            (self._attempt_rows, attempt_columns(call)),
            (self._call_rows, call_values(call)),
        )
        await self._writes.durable(Write(apply=lambda c: journal_rows.begin(c, call), steps=steps))

    async def commit(self, turn: TurnRecord) -> None:
        """Keep a finished turn; a kill leaves it there. The same turn again changes nothing.

        A power cut may take the last turns, but none in which a tool was run live.

        Raises:
            StoreError: where the turn is there with other content, or its attempt never began.
        """
        row = journal_rows.turn_row(turn)
        steps = () if journal_rows.ran_live(turn) else ((self._turn_rows, row),)
        await self._writes.durable(Write(apply=lambda c: journal_rows.commit(c, row), steps=steps))

    async def finish(self, call: CallExecution, last: TurnRecord | None = None) -> None:
        """Keep the last turn as `commit` does, and note how `call` ended; both or neither.

        Raises:
            StoreError: as `commit`.
            UnknownId: where the call was never added.
        """
        row = None if last is None else journal_rows.turn_row(last)
        steps: tuple[Step, ...] = ()
        if last is None or not journal_rows.ran_live(last):
            ending = journal_rows.ending(call)
            steps = ((self._ending_rows, ending), (self._call_rows, call_values(call)))
            steps = steps if row is None else ((self._turn_rows, row), *steps)
        await self._writes.durable(
            Write(apply=lambda c: journal_rows.finish(c, call, row), steps=steps)
        )
        with self._lock:
            self._executions.pop((call.id, call.attempt), None)

    def note_live(
        self, call: CallExecution, turn: int, place: int, tool: str, arguments: Any
    ) -> bool:
        """Note a live tool call before it is run; durable when it returns.

        False where an earlier, interrupted go at this turn has noted the same call: it may have
        happened then and must not happen again. `place` counts the turn's tool calls from 0.
        """
        execution = self._execution(call, turn, place)
        row = {
            "call_id": call.id,
            "attempt": call.attempt,
            "turn": turn,
            "execution": execution,
            "place": place,
            "tool": tool,
            "arguments": _written(arguments),
        }
        noted: bool = self._writes.durable_now(
            Write(apply=lambda c: journal_rows.note_live(c, row))
        )
        return noted

    def live_calls(self, call_id: str, attempt: int) -> tuple[LiveCall, ...]:
        """Return the live tool calls of an attempt, by turn and place."""
        columns = (LIVE_CALLS.c.turn, LIVE_CALLS.c.place, LIVE_CALLS.c.tool, LIVE_CALLS.c.arguments)
        statement = (
            select(*columns)
            .where(LIVE_CALLS.c.call_id == call_id, LIVE_CALLS.c.attempt == attempt)
            .order_by(LIVE_CALLS.c.turn, LIVE_CALLS.c.place, LIVE_CALLS.c.execution)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return tuple(
            LiveCall(turn=turn, place=place, tool=tool, arguments=json.loads(text or "null"))
            for turn, place, tool, text in rows
        )

    def turns(self, call_id: str, attempt: int) -> tuple[TurnRecord, ...]:
        """Return the finished turns of an attempt, in order."""
        statement = (
            select(TURNS.c.document)
            .where(TURNS.c.call_id == call_id, TURNS.c.attempt == attempt)
            .order_by(TURNS.c.turn)
        )
        with self._database.reading() as connection:
            found = connection.execute(statement).scalars().all()
        return tuple(_turn(text, call_id) for text in found)

    def turns_of_run(self, run_id: str) -> Iterator[tuple[str, TurnRecord]]:
        """Yield the call's id and the turn, for every turn of the calls' latest attempts.

        By call, in the run's order, then by turn. Few calls are read at a time.
        """
        latest = (TURNS.c.call_id == CALLS.c.id) & (TURNS.c.attempt == CALLS.c.attempt)
        statement = (
            select(CALLS.c.id, TURNS.c.document)
            .join(TURNS, latest)
            .where(CALLS.c.run_id == run_id)
            .order_by(CALLS.c.place, TURNS.c.turn)
        )
        last = select(CALLS.c.place).where(CALLS.c.run_id == run_id).order_by(CALLS.c.place.desc())
        with self._database.reading() as connection:
            end = connection.execute(last.limit(1)).scalar()
        for first in range(0, -1 if end is None else end + 1, _CALLS_AT_ONCE):
            places = CALLS.c.place.between(first, first + _CALLS_AT_ONCE - 1)
            with self._database.reading() as connection:
                rows = connection.execute(statement.where(places)).all()
            for call_id, text in rows:
                yield call_id, _turn(text, call_id)

    def replays_among(self, trace_ids: Collection[str]) -> frozenset[str]:
        """Return those of `trace_ids` that a replay gave out: an attempt has their key."""
        # Asked for every trace that is received, hence past SQLAlchemy.
        with self._lock:
            try:
                lookup = self._lookup = self._lookup or self._database.engine.raw_connection()
                cursor, found = lookup.cursor(), []
                for trace_id in trace_ids:
                    cursor.execute(self._known, (trace_id[:TRACE_KEY_DIGITS],))
                    if cursor.fetchone() is not None:
                        found.append(trace_id)
                cursor.close()
                lookup.rollback()
            except self._database.engine.dialect.loaded_dbapi.Error as error:
                raise self._database.described(error) from error
        return frozenset(found)

    def close(self) -> None:
        """Write what is queued and stop; the journal is not used after this."""
        self._writes.close()
        with self._lock:
            if self._lookup is not None:
                self._lookup.close()
                self._lookup = None

    async def aclose(self) -> None:
        """As `close`, without holding the event loop up."""
        await asyncio.to_thread(self.close)

    def _execution(self, call: CallExecution, turn: int, place: int) -> str:
        """Return the name of the go at `call` that this live call belongs to.

        A go holds one CallExecution value and counts places up; anything else is another go.
        """
        key = (call.id, call.attempt)
        with self._lock:
            known = self._executions.get(key)
            if known is None or known.call is not call or place <= known.places.get(turn, -1):
                self._made += 1
                known = _Execution(call=call, name=f"{self._process}-{self._made}")
                self._executions[key] = known
            known.places[turn] = place
            return known.name


def _written(arguments: Any) -> str:
    """Return arguments as canonical JSON; "" where they cannot be: then any two are alike."""
    try:
        return codec.canonical(arguments)
    except (TypeError, ValueError, RecursionError):
        return ""


def _turn(text: str, call_id: str) -> TurnRecord:
    return codec.from_json(TurnRecord, text, where=f"the journal of call execution {call_id}")
