"""The captures of real libraries, fact by fact against their truth."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from reenact.capture.conversations import Conversations
from reenact.capture.facts import FACTS
from reenact.capture.importing import import_paths
from reenact.domain.conversation import Conversation
from reenact.store.spans import SpanStore, open_span_store
from support.call_facts import SENT_OTHERWISE, call_facts, sent
from support.captures import posts_of
from support.conformance import DUE, score
from support.ingesting import ingest

LLM_ERRORS = (
    "langfuse_llmerror", "oi_openai_llmerror", "otel_openai_v2_latest_llmerror",
    "vercel_ai_llmerror",
)  # fmt: skip
ALL = (*DUE, *LLM_ERRORS)


@pytest.fixture
def store(tmp_path: Path):
    found = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}", facts=FACTS)
    yield found
    found.close()


def told(store: SpanStore, project: str) -> tuple[Conversation, ...]:
    return tuple(recording.conversation for recording in Conversations(store).list(project))


@pytest.mark.parametrize("name", DUE)
def test_every_fact_that_is_due_is_found(shared: Path, name: str):
    result = score(shared / "data" / "otlp" / name)

    assert result.differences == []
    assert sum(result.of.values()) > 150


def test_the_score_notices_a_wrong_fact(shared: Path):
    folder = shared / "data" / "otlp" / "oi_openai_rooted"

    assert score(folder, []).found["sessions"] == 0
    assert not score(folder, []).complete


@pytest.mark.parametrize("name", DUE)
def test_posts_in_any_order_and_twice_give_the_same(shared: Path, store: SpanStore, name: str):
    posts = posts_of(shared / "data" / "otlp" / name)
    for post in posts:
        ingest(post.spans, logs=post.logs, store=store, project="in-order")
    shuffled = [*posts, *posts]
    random.Random(name).shuffle(shuffled)
    done = [
        ingest(
            random.Random(n).sample(post.spans, len(post.spans)),
            logs=post.logs,
            store=store,
            project="shuffled",
        )
        for n, post in enumerate(shuffled)
    ]

    sent = sum(len(post.spans) for post in posts)
    assert sum(one.taken for one in done) == sent
    assert sum(one.duplicates for one in done) == sent
    for one, other in zip(told(store, "in-order"), told(store, "shuffled"), strict=True):
        assert one.items == other.items
        assert one.history == other.history
        assert one.trace_ids == other.trace_ids


def test_a_capture_imported_twice_doubles_nothing(shared: Path, store: SpanStore):
    wire = shared / "data" / "otlp" / "langfuse" / "wire"
    first = import_paths([wire], store=store, project="shop")
    before = told(store, "shop")
    again = import_paths([wire], store=store, project="shop")

    assert (first.taken, first.duplicates) == (47, 0)
    assert (again.taken, again.duplicates) == (0, 47)
    assert told(store, "shop") == before
    assert again.conversations == {"shop": 5}


@pytest.mark.parametrize("name", ALL)
def test_every_fact_of_a_model_call_that_is_sent_is_found_and_no_other(shared: Path, name: str):
    result = call_facts(shared / "data" / "otlp" / name)

    assert {kind: result.found[kind] for kind in result.of} == {
        kind: sent(name, kind, of) for kind, of in result.of.items()
    }
    wrong = {
        kind: said for kind, said in result.wrong.items() if (name, kind) not in SENT_OTHERWISE
    }
    assert wrong == {}
    assert result.of["calls"] >= 5


def test_all_captures_are_held_to_their_truth(shared: Path):
    there = {folder.name for folder in (shared / "data" / "otlp").iterdir() if folder.is_dir()}

    assert there == set(ALL)
