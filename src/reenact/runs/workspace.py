"""The stores that one process works with, opened when they are first needed."""

from __future__ import annotations

import os
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from reenact.settings import Settings, read_settings

if TYPE_CHECKING:
    from reenact.capture.conversations import Conversations
    from reenact.llm.port import LanguageModel
    from reenact.store.access import AccessRecords
    from reenact.store.forks import Forks
    from reenact.store.journal import Journal
    from reenact.store.records import Records
    from reenact.store.run_control import RunControl
    from reenact.store.spans import SpanStore


class Workspace:
    """Spans, records and journal under one set of settings. Use as a context manager."""

    def __init__(self, settings: Settings | None = None):
        self.settings = settings or read_settings()

    @cached_property
    def spans(self) -> SpanStore:
        """The span store."""
        from reenact.capture.facts import FACTS
        from reenact.store.spans import open_span_store

        return open_span_store(self.settings.spans_url, facts=FACTS)

    @cached_property
    def records(self) -> Records:
        """The records: recordings, agents, scenarios, runs."""
        from reenact.store.records import open_records

        return open_records(self.settings.database_url)

    @cached_property
    def journal(self) -> Journal:
        """The journal of turns; knows which traces are replays."""
        from reenact.store.journal import Journal

        return Journal(self.records.engine)

    @cached_property
    def control(self) -> RunControl:
        """Requests to stop runs, and how far they have come."""
        from reenact.store.run_control import RunControl

        return RunControl(self.records.engine)

    @cached_property
    def forks(self) -> Forks:
        """The forks of recorded talks."""
        from reenact.store.forks import Forks

        return Forks(self.records.engine)

    @cached_property
    def access(self) -> AccessRecords:
        """The password, logins and API keys."""
        from reenact.store.access import AccessRecords

        return AccessRecords(self.records.engine)

    @cached_property
    def conversations(self) -> Conversations:
        """The conversations assembled from the spans."""
        from reenact.capture.conversations import Conversations

        return Conversations(self.spans)

    @cached_property
    def model(self) -> LanguageModel | None:
        """The language model of the settings, if they name one."""
        from reenact.llm.models import model_of

        return model_of(self.settings, environ=os.environ)

    def close(self) -> None:
        """Close what was opened."""
        for name in ("journal", "records", "spans"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
