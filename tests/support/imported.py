"""What an import of a file, or of a folder, gives: the report and the conversations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reenact.capture.conversations import Conversations
from reenact.capture.importing import ImportFormat, ImportReport, import_paths
from reenact.domain.conversation import Conversation
from reenact.store.spans import SpanStore, open_span_store
from support.views import Views, views_of

PROJECT = "shop"
DATA = Path(__file__).resolve().parents[1] / "capture" / "data"
"""Small exports of real libraries."""


@dataclass(frozen=True)
class Imported:
    report: ImportReport
    conversations: tuple[Conversation, ...]
    views: Views


@contextmanager
def a_store() -> Iterator[SpanStore]:
    with TemporaryDirectory() as home:
        store = open_span_store(f"sqlite:///{Path(home) / 'spans.db'}")
        try:
            yield store
        finally:
            store.close()


def imported(path: Path, *, format: ImportFormat = "auto") -> Imported:
    with a_store() as store:
        report = import_paths([path], store=store, project=PROJECT, format=format)
        found = tuple(recording.conversation for recording in Conversations(store).list(PROJECT))
        return Imported(report, found, views_of(store, PROJECT))


def imported_files(folder: Path, files: Mapping[str, str]) -> Imported:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return imported(folder)
