"""Captures from files and folders into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from reenact.capture.captured import Captured, NotTraces, Post, captured_files, format_of, posts_in
from reenact.capture.ingest import ReplaysAmong, no_replays
from reenact.capture.limits import Limits
from reenact.capture.parallel import read_posts, worthwhile
from reenact.capture.taking import Taken, Taking
from reenact.errors import DecodeError, UsageError
from reenact.store.spans import SpanStore

if TYPE_CHECKING:
    from reenact.capture.importers import Format

ImportFormat = Literal[
    "auto", "otlp", "openai_agents", "langgraph", "langfuse", "langsmith", "phoenix", "mlflow",
    "messages", "tau", "sgd", "abcd", "vapi", "retell",
]  # fmt: skip
FILE_LIMITS = Limits(body_bytes=256 * 2**20, inflated_bytes=512 * 2**20, spans=1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport(Taken):
    """What an import took, left out, and why."""

    files: int = 0
    """Files that were read."""
    posts: int = 0
    """Request bodies in them (a file of JSON lines holds several)."""
    skipped: tuple[Skipped, ...] = ()


def import_paths(
    paths: Sequence[Path | str],
    *,
    store: SpanStore,
    project: str | None = None,
    format: ImportFormat = "auto",
    replays_among: ReplaysAmong = no_replays,
) -> ImportReport:
    """Read files and folders into `store` and tell what became of them.

    A file that cannot be read as what it claims to be is counted as skipped with the reason; the
    rest goes on. `auto` takes every file by its own looks.

    Raises:
        UsageError: a path that is not there, a format that is not known, or nothing to read.
    """
    run = _Run(store, project, replays_among)
    for path in map(Path, paths):
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path))
        run.take(path, format)
    if run.files == 0 and not run.skipped:
        raise UsageError(
            "nothing to import here",
            where=", ".join(map(str, paths)),
            next_step="name a file, or a folder whose captures have .headers.json beside them",
        )
    return run.report()


class _Run:
    """One import: what was read so far, and what waits for the next commit."""

    def __init__(self, store: SpanStore, project: str | None, replays_among: ReplaysAmong) -> None:
        self.project = project
        self.taking = Taking(store, project=project, replays_among=replays_among)
        self.files = self.posts = 0
        self.skipped: list[Skipped] = []

    def take(self, path: Path, format: ImportFormat) -> None:
        """Read one file or folder."""
        kind = format_of(path) if format == "auto" else format
        if kind == "otlp":
            self._captures(list(captured_files(path)), lone=path.is_file())
        elif kind is not None:
            self._foreign(path, kind)
        elif path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.is_file()):
                self.take(file, format)
        else:
            self._skip(path, "not recognised: name its --format")

    def report(self) -> ImportReport:
        """Commit what waits; return the counts of the whole run."""
        self.taking.flush()
        found = self.taking.account()
        return ImportReport(
            files=self.files,
            posts=self.posts,
            skipped=tuple(self.skipped),
            **{field.name: getattr(found, field.name) for field in fields(found)},
        )

    def _captures(self, captures: Sequence[Captured], *, lone: bool) -> None:
        """Read the request bodies of files; a file counts where one of them was read."""
        items = chain.from_iterable(_posts(captured, lone=lone) for captured in captures)
        helped = worthwhile(sum(_size(captured.file) for captured in captures))
        read: set[str] = set()
        for item in read_posts(items, project=self.project, limits=FILE_LIMITS, helped=helped):
            if isinstance(item, Skipped):
                self.skipped.append(item)
                continue
            post, held = item
            if held.refused is not None:
                self._skip(post.where, held.refused)
                continue
            read.add(post.file)
            self.posts += 1
            self.taking.reject(*held.reasons, count=held.rejected)
            self.taking.ignore(held.ignored)
            self.taking.add_readied(held.spans, held.logs)
        self.files += len(read)

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
            if one.spans:
                self.taking.reject(f"{file.name}: {reason}")
            else:
                self._skip(file, reason)

        project = self.project or file.stem
        try:
            for spans in talks_in(file, one, project=project, on_reject=reject):
                self.taking.add(spans)
        except DecodeError as error:
            self._skip(file, error.what)
            return
        self.files += 1


def _posts(captured: Captured, *, lone: bool) -> Sequence[Post | Skipped]:
    try:
        return posts_in(captured, lone=lone, limits=FILE_LIMITS)
    except NotTraces as why:
        return [Skipped(path=str(captured.file), reason=str(why))]


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0
