"""Spans into the store: projects, replays, counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from reenact.capture.conversations import Conversations
from reenact.capture.ingest import project_of
from reenact.store.spans import SpanStore, open_span_store
from support.ingesting import ingest
from support.telling import agent, model, root, span, user


@pytest.fixture
def store(tmp_path: Path):
    found = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    yield found
    found.close()


@pytest.mark.parametrize(
    ("resource", "project"),
    [
        ({"service.name": "a", "project_name": "b", "openinference.project.name": "c"}, "c"),
        ({"service.name": "a", "project_name": "b"}, "b"),
        ({"service.name": "a"}, "a"),
        ({"service.name": " "}, "default"),
        ({"host.name": "vm"}, "default"),
    ],
)
def test_the_project_is_what_the_resource_names(resource: dict, project: str):
    assert project_of(resource) == project


def test_a_given_project_wins(store: SpanStore):
    done = ingest([span(1)], store=store, project="mine")

    assert done.projects == ("mine",)
    assert [project.id for project in store.projects()] == ["mine"]


def test_spans_of_replays_never_show(store: SpanStore):
    known = model(1, [user("Hi")], agent("Yo"), trace="a")
    marked = [root(2, trace="b", reenact__run="run-1"), model(3, [user("Hi")], trace="b", parent=2)]
    done = ingest(
        [known, *marked], store=store, project="p", replays_among=lambda ids: {"a" * 32} & set(ids)
    )

    assert (done.taken, done.replays) == (3, 2)
    assert Conversations(store).list("p") == ()
    assert len(store.spans_of_traces("p", ["a" * 32, "b" * 32], origin="replay")) == 3


def test_readers_are_counted(store: SpanStore):
    done = ingest([root(1), span(2), span(3, ai__operationId="ai.toolCall")], store=store)

    assert done.readers == {"otel_genai": 1, "generic": 1, "vercel_ai": 1}
