"""The journal's rows: what is written for each of its steps.

Each function may be repeated: what is there already with the same content is left as it is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from reenact.domain.conversation import ToolCall
from reenact.domain.run import CallExecution, TurnRecord
from reenact.errors import StoreError, UnknownId
from reenact.store.documents import attempt_columns, document, same_content, update_call
from reenact.store.record_tables import ATTEMPTS, LIVE_CALLS, TURNS

ADD_ATTEMPT = insert(ATTEMPTS)
ADD_TURN = insert(TURNS)
END_ATTEMPT = (
    update(ATTEMPTS)
    .where(
        ATTEMPTS.c.call_id == bindparam("of_call"), ATTEMPTS.c.attempt == bindparam("of_attempt")
    )
    .values(status=bindparam("new_status"))
)


def turn_row(turn: TurnRecord) -> dict[str, Any]:
    """Return the columns of a finished turn."""
    return {
        "call_id": turn.call_id,
        "attempt": turn.attempt,
        "turn": turn.index,
        "document": document(turn),
    }


def ran_live(turn: TurnRecord) -> bool:
    """Say whether a tool ran for real in a turn."""
    return any(isinstance(item, ToolCall) and item.provenance == "live" for item in turn.items)


def ending(call: CallExecution) -> dict[str, Any]:
    """Return the values of `END_ATTEMPT`."""
    return {"of_call": call.id, "of_attempt": call.attempt, "new_status": call.status}


def begin(connection: Connection, call: CallExecution) -> None:
    """Note that an attempt starts; raises StoreError where it has begun otherwise."""
    key = (ATTEMPTS.c.call_id == call.id) & (ATTEMPTS.c.attempt == call.attempt)
    kept = connection.execute(select(ATTEMPTS.c.trace_key).where(key)).scalar()
    if kept is None:
        connection.execute(ADD_ATTEMPT, attempt_columns(call))
    elif kept != call.trace_key:
        raise StoreError(
            f"attempt {call.attempt} has begun already, under another trace key",
            where=f"call execution {call.id}",
            next_step="another process may be running this run; let it finish",
        )
    update_call(connection, call)


def commit(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a finished turn; raises StoreError where it is there with other content."""
    names = ("call_id", "attempt", "turn")
    mine = [TURNS.c[name] == row[name] for name in names]
    kept = connection.execute(select(TURNS.c.document).where(*mine)).scalar()
    if kept is None:
        connection.execute(ADD_TURN, row)
    elif not same_content(TurnRecord, kept, row["document"]):
        raise StoreError(
            f"turn {row['turn']} of attempt {row['attempt']} is kept already with other content",
            where=f"call execution {row['call_id']}",
            next_step="another process may be running this run; let it finish",
        )


def finish(connection: Connection, call: CallExecution, last: dict[str, Any] | None) -> None:
    """Keep the last turn, if any, and how the talk ended; raises as `commit`, and UnknownId."""
    if last is not None:
        commit(connection, last)
    connection.execute(END_ATTEMPT, ending(call))
    if not update_call(connection, call):
        raise UnknownId("call execution", [call.id])


def note_live(connection: Connection, row: dict[str, Any]) -> bool:
    """Note a live call; False where another go at this talk has noted it."""
    # Of any attempt: an agent that starts again must not do again what it did.
    same = [LIVE_CALLS.c[n] == row[n] for n in ("call_id", "turn", "tool", "arguments")]
    earlier = select(LIVE_CALLS.c.place).where(*same, LIVE_CALLS.c.execution != row["execution"])
    if connection.execute(earlier.limit(1)).first() is not None:
        return False
    connection.execute(insert(LIVE_CALLS).values(row))
    return True
