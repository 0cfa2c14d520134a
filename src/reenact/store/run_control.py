"""What another process may ask of a run, and see of it: to stop, and how far it has come."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select

from reenact.domain.progress import RunProgress
from reenact.domain.run import Run
from reenact.store.database import Database
from reenact.store.documents import microseconds
from reenact.store.record_tables import CALLS, STOP_REQUESTS, TURNS


class RunControl:
    """Requests to stop a run, and its progress."""

    def __init__(self, database: Database):
        self._database = database

    def ask_to_stop(self, run_id: str) -> None:
        """Ask whoever runs this run to stop after the turns that are under way."""
        if self.is_asked_to_stop(run_id):
            return
        row = {"run_id": run_id, "asked_us": microseconds(datetime.now(UTC))}
        with self._database.writing() as connection:
            connection.execute(insert(STOP_REQUESTS).values(row))

    def is_asked_to_stop(self, run_id: str) -> bool:
        """Tell whether somebody asked this run to stop."""
        mine = select(STOP_REQUESTS.c.run_id).where(STOP_REQUESTS.c.run_id == run_id)
        with self._database.reading() as connection:
            return connection.execute(mine).first() is not None

    def forget_request(self, run_id: str) -> None:
        """Take the request back: it was heard, or the run goes on."""
        with self._database.writing() as connection:
            connection.execute(delete(STOP_REQUESTS).where(STOP_REQUESTS.c.run_id == run_id))

    def progress(self, run: Run) -> RunProgress:
        """Return how far `run` has come."""
        statuses = select(CALLS.c.status, func.count()).where(CALLS.c.run_id == run.id)
        latest = (TURNS.c.call_id == CALLS.c.id) & (TURNS.c.attempt == CALLS.c.attempt)
        kept = select(func.count()).select_from(TURNS).join(CALLS, latest)
        with self._database.reading() as connection:
            rows = connection.execute(statuses.group_by(CALLS.c.status)).all()
            counts: dict[str, int] = {str(row[0]): int(row[1]) for row in rows}
            turns = connection.execute(kept.where(CALLS.c.run_id == run.id)).scalar_one()
        return RunProgress(
            run_id=run.id,
            status=run.status,
            reason=run.reason,
            calls=sum(counts.values()),
            completed=counts.get("completed", 0),
            failed=counts.get("failed", 0),
            turns=turns,
            stop_asked=self.is_asked_to_stop(run.id),
        )
