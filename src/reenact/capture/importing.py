"""Captures from files and folders into the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reenact.capture.captured import Captured, NotTraces, Post, captured_files, format_of, posts_in
from reenact.capture.ingest import Ingested, ingest
from reenact.capture.limits import Limits
from reenact.capture.otlp import decode
from reenact.domain.span import LogRecord, Span
from reenact.errors import DecodeError, UsageError
from reenact.store.spans import SpanStore

if TYPE_CHECKING:
    from reenact.capture.importers import Format

ImportFormat = Literal[
    "auto", "otlp", "openai_agents", "langgraph",
    "messages", "tau", "sgd", "abcd", "vapi", "retell",
]  # fmt: skip
BATCH_SPANS = 2_000
"""Spans that go to the store in one commit."""
FILE_LIMITS = Limits(body_bytes=256 * 2**20, inflated_bytes=512 * 2**20, spans=1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import took, left out, and why."""

    files: int = 0
    """Files that were read."""
    posts: int = 0
    """Request bodies in them (a file of JSON lines holds several)."""
    taken: int = 0
    duplicates: int = 0
    """Spans that the store held already."""
    rejected: int = 0
    """Spans and log records that could not be kept; `reasons` says why."""
    reasons: tuple[str, ...] = ()
    logs: int = 0
    """Log records of model calls that were taken."""
    ignored: int = 0
    """Other log records: read, and not kept."""
    skipped: tuple[Skipped, ...] = ()
    projects: tuple[str, ...] = ()
    replays: int = 0
    readers: dict[str, int] = field(default_factory=dict)
    """Spans by the dialect reader that read them."""
    conversations: dict[str, int] = field(default_factory=dict)
    """Conversations by project, as they are in the store now."""


def import_paths(
    paths: Sequence[Path | str],
    *,
    store: SpanStore,
    project: str | None = None,
    format: ImportFormat = "auto",
    is_replay: Callable[[str], bool] = lambda trace_id: False,
) -> ImportReport:
    """Read files and folders into `store` and tell what became of them.

    A file that cannot be read as what it claims to be is counted as skipped with the reason; the
    rest goes on. `auto` takes every file by its own looks.

    Raises:
        UsageError: a path that is not there, a format that is not known, or nothing to read.
    """
    run = _Run(store, project, is_replay)
    for path in map(Path, paths):
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path))
        run.take(path, format)
    run.flush()
    if run.files == 0 and not run.skipped:
        raise UsageError(
            "nothing to import here",
            where=", ".join(map(str, paths)),
            next_step="name a file, or a folder whose captures have .headers.json beside them",
        )
    return run.report()


class _Run:
    """One import: what was read so far, and what waits for the next commit."""

    def __init__(
        self, store: SpanStore, project: str | None, is_replay: Callable[[str], bool]
    ) -> None:
        self.store = store
        self.project = project
        self.is_replay = is_replay
        self.files = self.posts = self.rejected = self.ignored = 0
        self.reasons: dict[str, None] = {}
        self.skipped: list[Skipped] = []
        self._done: list[Ingested] = []
        self._waiting: list[Span] = []
        self._logs: list[LogRecord] = []

    def take(self, path: Path, format: ImportFormat) -> None:
        """Read one file or folder."""
        kind = format_of(path) if format == "auto" else format
        if kind == "otlp":
            for captured in captured_files(path):
                self._file(captured, lone=path.is_file())
        elif kind is not None:
            self._foreign(path, kind)
        elif path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.is_file()):
                self.take(file, format)
        else:
            self._skip(path, "not recognised: name its --format")

    def flush(self) -> None:
        """Commit what waits."""
        spans, self._waiting = self._waiting, []
        logs, self._logs = self._logs, []
        if spans or logs:
            self._done.append(
                ingest(
                    spans,
                    logs=logs,
                    store=self.store,
                    project=self.project,
                    is_replay=self.is_replay,
                )
            )

    def report(self) -> ImportReport:
        """Return the counts of the whole run."""
        readers: Counter[str] = Counter()
        for done in self._done:
            readers.update(done.readers)
        projects = sorted({name for done in self._done for name in done.projects})
        return ImportReport(
            files=self.files,
            posts=self.posts,
            taken=sum(done.taken for done in self._done),
            duplicates=sum(done.duplicates for done in self._done),
            logs=sum(done.logs for done in self._done),
            ignored=self.ignored,
            rejected=self.rejected,
            reasons=tuple(self.reasons),
            skipped=tuple(self.skipped),
            projects=tuple(projects),
            replays=sum(done.replays for done in self._done),
            readers=dict(readers.most_common()),
            conversations={name: self._conversations(name) for name in projects},
        )

    def _conversations(self, project: str) -> int:
        from reenact.capture.joining import joined

        loose = joined(self.store.loose_traces(project))
        return self.store.count_sessions(project) + len(loose)

    def _file(self, captured: Captured, *, lone: bool) -> None:
        """Read the request bodies of one file; the file counts where one of them was read."""
        try:
            posts = posts_in(captured, lone=lone, limits=FILE_LIMITS)
        except NotTraces as why:
            self._skip(captured.file, str(why))
            return
        self.files += sum(map(self._post, posts)) > 0

    def _post(self, post: Post) -> bool:
        try:
            decoded = decode(
                post.body,
                content_type=post.content_type,
                content_encoding=post.content_encoding,
                signal=post.signal,
                limits=FILE_LIMITS,
                where=post.where,
            )
        except DecodeError as error:
            self._skip(post.where, error.what)
            return False
        self.posts += 1
        self.rejected += decoded.rejected
        self.reasons.update(dict.fromkeys(decoded.reasons))
        self.ignored += decoded.ignored
        self._logs.extend(decoded.logs)
        self._add(decoded.spans)
        return True

    def _skip(self, path: Path | str, reason: str) -> None:
        self.skipped.append(Skipped(path=str(path), reason=reason))

    def _foreign(self, path: Path, kind: str) -> None:
        from reenact.capture.importers import format_named

        one = format_named(kind)
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            self._foreign_file(file, one)

    def _foreign_file(self, file: Path, one: Format) -> None:
        from reenact.capture.importers import talks_in

        def reject(reason: str) -> None:
            self._skip(file, reason)

        project = self.project or file.stem
        try:
            for spans in talks_in(file, one, project=project, on_reject=reject):
                self._add(spans)
        except DecodeError as error:
            reject(error.what)
            return
        self.files += 1

    def _add(self, spans: Iterable[Span]) -> None:
        self._waiting.extend(spans)
        if len(self._waiting) + len(self._logs) >= BATCH_SPANS:
            self.flush()
