"""The embedded span store: one SQLite file that several threads and processes may use."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path

from reenact.domain.selection import (
    Choices,
    Filter,
    ProjectSummary,
    Retention,
    SessionSummary,
    UserSummary,
)
from reenact.domain.span import Origin, StoredLog, StoredSpan
from reenact.errors import UsageError
from reenact.store.spans import (
    ANY,
    AS_GIVEN,
    Appended,
    Deleted,
    FactsReader,
    LooseTrace,
    Reindexed,
    Seen,
)
from reenact.store.sqlite.append import append_spans, project_row
from reenact.store.sqlite.deleting import (
    delete_traces,
    drop_lone_logs,
    traces_named,
    traces_of_sessions,
)
from reenact.store.sqlite.facets import choices_of
from reenact.store.sqlite.files import SqliteFile
from reenact.store.sqlite.filter import listed
from reenact.store.sqlite.reading import (
    counted,
    loose,
    page,
    project_number,
    projects_of,
    spans_where,
    summary,
    trace_ids_of,
)
from reenact.store.sqlite.restating import append_logs, restate, stale, traces_after
from reenact.store.sqlite.retention import read_retentions, write_retention
from reenact.store.sqlite.rollup import unpacked_rollup, value_of
from reenact.store.sqlite.settling import (
    TraceChange,
    TraceState,
    rebuild_lists,
    settle,
)
from reenact.store.sqlite.texts import unindex
from reenact.store.sqlite.users import users_of

BATCH = 5000
"""Spans of one transaction: others wait for the lock no longer than that takes."""
REINDEX_BATCH = 500
"""Traces of one transaction of a reindex."""


class SqliteSpanStore:
    """A `SpanStore` in one file; the protocol says what its methods promise."""

    def __init__(self, path: str | Path, *, facts: FactsReader = AS_GIVEN):
        self._file = SqliteFile(Path(path))
        self._facts = facts

    def close(self) -> None:
        """See `SpanStore.close`."""
        self._file.close()

    def append(self, spans: Iterable[StoredSpan]) -> Appended:
        """See `SpanStore.append`."""
        taken = duplicates = 0
        remaining = iter(spans)
        while batch := list(islice(remaining, BATCH)):
            with self._file.writing(batch) as connection:
                done = append_spans(connection, batch, self._facts)
            taken += done.taken
            duplicates += done.duplicates
        return Appended(taken=taken, duplicates=duplicates)

    def append_logs(self, logs: Iterable[StoredLog]) -> Appended:
        """See `SpanStore.append_logs`."""
        batch = list(logs)
        with self._file.writing(logs=batch) as connection:
            taken = append_logs(connection, batch, self._facts)
        return Appended(taken=taken, duplicates=len(batch) - taken)

    def mark_replay(self, project: str, trace_key: str) -> int:
        """See `SpanStore.mark_replay`."""
        if not re.fullmatch("[0-9a-f]{16,32}", trace_key):
            raise UsageError(f"a trace key is 16 hex digits, not {trace_key!r}")
        with self._file.writing() as connection:
            number = project_number(connection, project)
            # Ids are lower-case hex, so every id that starts with the key sorts before key + g.
            rows = connection.execute(
                "SELECT id, trace_id, session, rollup FROM traces WHERE project = ? "
                "AND trace_id >= ? AND trace_id < ? AND origin = 'production'",
                (number, trace_key, trace_key + "g"),
            ).fetchall()
            changes = []
            for id, trace_id, session, content in rows:
                rollup = unpacked_rollup(content)
                before = TraceState(
                    id=id, project=number, trace_id=trace_id, session=session, rollup=rollup
                )
                unindex(connection, id)
                changes.append(TraceChange(before=before, origin="replay", after=rollup))
            settle(connection, changes)
        return len(changes)

    def projects(self) -> tuple[ProjectSummary, ...]:
        """See `SpanStore.projects`."""
        with self._file.reading() as connection:
            return projects_of(connection)

    def sessions(
        self,
        project: str,
        filter: Filter = ANY,
        *,
        limit: int | None = None,
        offset: int = 0,
        after: Seen = None,
    ) -> tuple[SessionSummary, ...]:
        """See `SpanStore.sessions`."""
        with self._file.reading() as connection:
            rows = page(
                connection, "session", project, filter, limit=limit, offset=offset, after=after
            )
            traces = trace_ids_of(connection, [row for row, _, _ in rows])
        return tuple(
            summary(
                rollup,
                id=f"sess:{session_id}",
                project=project,
                session_id=session_id,
                trace_ids=tuple(traces[row]),
            )
            for row, session_id, rollup in rows
        )

    def traces(
        self,
        project: str,
        filter: Filter = ANY,
        *,
        limit: int | None = None,
        offset: int = 0,
        after: Seen = None,
    ) -> tuple[SessionSummary, ...]:
        """See `SpanStore.traces`."""
        with self._file.reading() as connection:
            rows = page(
                connection, "trace", project, filter, limit=limit, offset=offset, after=after
            )
        return tuple(
            summary(
                rollup,
                id=f"trace:{trace_id}",
                project=project,
                session_id=value_of(rollup.session),
                trace_ids=(trace_id,),
            )
            for _, trace_id, rollup in rows
        )

    def count_sessions(self, project: str, filter: Filter = ANY) -> int:
        """See `SpanStore.count_sessions`."""
        with self._file.reading() as connection:
            return counted(connection, "session", project, filter)

    def count_traces(self, project: str, filter: Filter = ANY) -> int:
        """See `SpanStore.count_traces`."""
        with self._file.reading() as connection:
            return counted(connection, "trace", project, filter)

    def users(
        self, project: str, *, text: str | None = None, limit: int, after: Seen = None
    ) -> tuple[UserSummary, ...]:
        """See `SpanStore.users`."""
        with self._file.reading() as connection:
            number = project_number(connection, project)
            return users_of(connection, number, text=text, limit=limit, after=after)

    def choices(self, project: str) -> Choices:
        """See `SpanStore.choices`."""
        with self._file.reading() as connection:
            return choices_of(connection, project_number(connection, project))

    def spans_of_session(self, project: str, session_id: str) -> tuple[StoredSpan, ...]:
        """See `SpanStore.spans_of_session`."""
        with self._file.reading() as connection:
            return spans_where(
                connection,
                "t.session = (SELECT id FROM sessions WHERE project = ? AND session_id = ?)",
                (project_number(connection, project), session_id),
                project=project,
                origin="production",
            )

    def spans_of_traces(
        self, project: str, trace_ids: Collection[str], *, origin: Origin = "production"
    ) -> tuple[StoredSpan, ...]:
        """See `SpanStore.spans_of_traces`."""
        with self._file.reading() as connection:
            return spans_where(
                connection,
                "t.project = ? AND t.origin = ? AND t.trace_id IN (SELECT value FROM json_each(?))",
                (project_number(connection, project), origin, listed(list(trace_ids))),
                project=project,
                origin=origin,
            )

    def replay_spans(self, trace_ids: Collection[str]) -> tuple[StoredSpan, ...]:
        """See `SpanStore.replay_spans`."""
        with self._file.reading() as connection:
            names = connection.execute("SELECT name FROM projects ORDER BY name").fetchall()
        return tuple(
            span
            for (name,) in names
            for span in self.spans_of_traces(name, trace_ids, origin="replay")
        )

    def loose_traces(self, project: str) -> tuple[LooseTrace, ...]:
        """See `SpanStore.loose_traces`."""
        with self._file.reading() as connection:
            return loose(connection, project)

    def delete(
        self, project: str, *, sessions: Collection[str] = (), traces: Collection[str] = ()
    ) -> Deleted:
        """See `SpanStore.delete`."""
        with self._file.writing() as connection:
            number = project_number(connection, project)
            rows = [
                *traces_of_sessions(connection, number, sessions),
                *traces_named(connection, number, traces),
            ]
            return delete_traces(connection, dict.fromkeys(rows))

    def drop_lone_logs(self, project: str, *, before: datetime) -> int:
        """See `SpanStore.drop_lone_logs`."""
        with self._file.writing() as connection:
            return drop_lone_logs(connection, project_number(connection, project), before)

    def compact(self) -> None:
        """See `SpanStore.compact`."""
        self._file.compact()

    def stale(self) -> int:
        """See `SpanStore.stale`."""
        with self._file.reading() as connection:
            return stale(connection, self._facts.version)

    def reindex(
        self,
        *,
        everything: bool = False,
        on_progress: Callable[[int], None] = lambda traces: None,
    ) -> Reindexed:
        """See `SpanStore.reindex`."""
        read = changed = last = 0
        while True:
            with self._file.writing() as connection:
                version = None if everything else self._facts.version
                batch = traces_after(connection, last, version=version, limit=REINDEX_BATCH)
                if not batch:
                    break
                changed += restate(connection, batch, self._facts)
            read, last = read + len(batch), batch[-1]
            on_progress(read)
        if everything:
            with self._file.writing() as connection:
                rebuild_lists(connection)
        return Reindexed(traces=read, changed=changed)

    def retention(self, project: str) -> Retention | None:
        """See `SpanStore.retention`."""
        return dict(self.retentions()).get(project)

    def set_retention(self, project: str, retention: Retention | None) -> None:
        """See `SpanStore.set_retention`."""
        with self._file.writing() as connection:
            write_retention(connection, project_row(connection, project), retention)

    def retentions(self) -> tuple[tuple[str, Retention], ...]:
        """See `SpanStore.retentions`."""
        with self._file.reading() as connection:
            return read_retentions(connection)
