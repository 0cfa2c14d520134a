"""Fetches from a served source into a store, as the command does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reenact.capture.fetching.access import Access, SourceName
from reenact.capture.fetching.client import Client
from reenact.capture.fetching.fetch import FetchReport, fetch
from reenact.capture.fetching.httpx_transport import HttpxTransport
from reenact.capture.fetching.progress import FileMemory
from reenact.capture.fetching.sources import source_of
from reenact.store.spans import SpanStore, open_span_store
from support.http_source import HttpSource
from support.imported import PROJECT
from support.views import Views, views_of

HOUR = 3600 * 10**9


@dataclass
class Fetching:
    """One source, one store, one clock that a test may turn on."""

    source: HttpSource
    name: SourceName
    folder: Path
    from_project: str | None
    now: int
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store: SpanStore = open_span_store(f"sqlite:///{self.folder / 'spans.db'}")

    def __call__(self, **options: Any) -> FetchReport:
        with HttpxTransport(loopback=True) as transport:
            client = Client(
                transport,
                Access(url=self.source.url, loopback=True),
                sleep=self.slept.append,
                now=lambda: datetime.now(UTC),
            )
            return fetch(
                source_of(self.name, client, project=PROJECT, from_project=self.from_project),
                store=self.store,
                project=PROJECT,
                memory=FileMemory(self.folder / "fetch", self.name),
                now=lambda: self.now,
                **options,
            )

    @property
    def views(self) -> Views:
        return views_of(self.store, PROJECT)
