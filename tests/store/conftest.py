"""One span store per backend: tests of what every store promises ask for `store` or `opened`.

Tests of the journal share `records`, and a `journal` over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reenact.store.journal import Journal
from reenact.store.records import Records, open_records
from reenact.store.spans import AS_GIVEN, FactsReader, SpanStore, open_span_store


@pytest.fixture(params=["sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., SpanStore]]:
    """Opens the same store each time it is called. A second backend is one more parameter."""
    urls = {"sqlite": f"sqlite:///{tmp_path / 'home' / 'spans.db'}"}
    stores: list[SpanStore] = []

    def open_again(facts: FactsReader = AS_GIVEN) -> SpanStore:
        stores.append(open_span_store(urls[request.param], facts=facts))
        return stores[-1]

    yield open_again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[..., SpanStore]) -> SpanStore:
    return opened()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reenact.db"


@pytest.fixture
def records(path: Path) -> Iterator[Records]:
    opened = open_records(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def journal(records: Records) -> Iterator[Journal]:
    opened = Journal(records.engine)
    yield opened
    opened.close()
