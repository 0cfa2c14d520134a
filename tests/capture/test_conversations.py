"""Conversations read out of the store: listed, joined, found by id."""

from __future__ import annotations

from pathlib import Path

import pytest

from reenact.capture.conversations import Conversations
from reenact.domain.selection import Filter
from reenact.errors import UnknownId
from reenact.store.spans import SpanStore, open_span_store
from support.conformance import captured
from support.ingesting import ingest
from support.telling import agent, model, span, user


@pytest.fixture
def store(tmp_path: Path):
    found = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    yield found
    found.close()


def talk(store: SpanStore) -> Conversations:
    spans = [
        model(1, [user("Hi")], agent("Yo"), trace="a", session="s1"),
        model(20, [user("Ho")], agent("Ya"), trace="b", session="s2"),
        model(30, [user("He")], agent("Ye"), trace="c", session=None),
        model(40, [user("He"), agent("Ye"), user("Bye")], agent("So."), trace="d", session=None),
    ]
    ingest(spans, store=store, project="p")
    return Conversations(store)


def test_conversations_are_listed_newest_first(store: SpanStore):
    found = [r.conversation.id for r in talk(store).list("p")]

    assert found == [f"trace:{'c' * 32}", "sess:s2", "sess:s1"]
    assert [r.conversation.id for r in talk(store).list("p", kind="session")] == found[1:]
    assert [r.conversation.id for r in talk(store).list("p", kind="trace")] == found[:1]


def test_a_joined_conversation_is_listed_where_one_of_its_traces_fits(store: SpanStore):
    [found] = talk(store).list("p", filter=Filter(text="bye"))

    assert found.conversation.trace_ids == ("c" * 32, "d" * 32)


def test_the_first_of_joined_traces_gives_all_and_a_later_one_itself(store: SpanStore):
    conversations = talk(store)
    whole = conversations.get("p", f"trace:{'c' * 32}").conversation
    later = conversations.get("p", f"trace:{'d' * 32}").conversation

    assert len(whole.items) == 6
    assert (len(later.items), len(later.history)) == (3, 2)
    assert conversations.trace("p", "c" * 32).conversation.trace_ids == ("c" * 32,)


def test_a_trace_of_a_session_may_be_looked_at_alone(store: SpanStore):
    found = talk(store).trace("p", "a" * 32).conversation

    assert (found.kind, found.session_id, found.id) == ("trace", None, f"trace:{'a' * 32}")


@pytest.mark.parametrize("id", ["sess:nope", "trace:nope", "nope"])
def test_an_unknown_id_is_an_error_that_names_it(store: SpanStore, id: str):
    with pytest.raises(UnknownId, match="nope"):
        talk(store).get("p", id)


def test_a_recording_is_known_by_its_content(store: SpanStore):
    conversations = talk(store)

    assert conversations.session("p", "s1") == conversations.get("p", "sess:s1")
    assert conversations.session("p", "s1").hash != conversations.session("p", "s2").hash


def test_a_trace_in_which_nothing_was_said_or_done_is_no_conversation(store: SpanStore):
    ingest([span(1, trace="a", session=None, gen_ai__operation__name="create_agent")],
           store=store, project="p")  # fmt: skip

    assert Conversations(store).list("p") == ()
    assert store.count_traces("p") == 1, "it is kept, and listed among the traces"


def test_the_empty_trace_of_a_real_capture_is_left_out(shared: Path):
    found = captured(shared / "data" / "otlp" / "traceloop_langchain", "shop")

    assert len(found) == 5
