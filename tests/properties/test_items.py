"""The law of imported conversations: as spans and back, nothing is lost or changed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reenact.capture.facts import facts_of
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import (
    BlobPart,
    Conversation,
    Cost,
    DataPart,
    Failure,
    Handoff,
    Message,
    ModelCall,
    Retrieval,
    SessionScore,
    TextPart,
    ToolCall,
    ToolDefinition,
    Usage,
)

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
maybe = st.none() | text
number = st.floats(allow_nan=False, allow_infinity=False)
count = st.none() | st.integers(0, 2**40)
times = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | number | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(text, data, max_size=3)
parts = st.one_of(
    st.builds(TextPart, text=text),
    st.builds(BlobPart, media_type=text, ref=text),
    st.builds(DataPart, data=data),
)
span: dict[str, Any] = {"trace_id": maybe, "span_id": maybe, "started_at": times}
timed: dict[str, Any] = {**span, "ended_at": times}
usage = st.builds(Usage, input_tokens=count, output_tokens=count)
items = st.one_of(
    st.builds(
        Message,
        role=st.sampled_from(("user", "assistant", "operator", "system")),
        parts=st.lists(parts, max_size=3).map(tuple),
        author=maybe,
        **timed,
    ),
    st.builds(
        ModelCall,
        agent=maybe,
        model=maybe,
        system_prompt=maybe,
        usage=usage,
        cost=st.none() | st.builds(Cost, amount=number),
        error=maybe,
        **timed,
    ),
    st.builds(
        ToolCall,
        name=text,
        arguments=data,
        arguments_raw=maybe,
        result=data,
        error=maybe,
        id=maybe,
        requestor=st.sampled_from(("agent", "user")),
        group=st.none() | st.integers(0, 9),
        answered=st.booleans(),
        **timed,
    ),
    st.builds(Retrieval, query=maybe, documents=st.lists(data, max_size=2).map(tuple), **timed),
    st.builds(Handoff, source=maybe, target=maybe, **span),
    st.builds(Failure, error=text, **timed),
)
talks = st.lists(items, max_size=6).map(tuple)
conversations = st.builds(
    Conversation,
    id=text,
    project=text,
    kind=st.sampled_from(("session", "trace")),
    session_id=maybe,
    trace_ids=st.lists(text, max_size=2).map(tuple),
    items=talks,
    history=talks,
    tools=st.lists(
        st.builds(ToolDefinition, name=text, parameters=st.none() | objects), max_size=2
    ).map(tuple),
    tags=st.lists(text, max_size=2).map(tuple),
    metadata=objects,
    scores=st.lists(st.builds(SessionScore, name=text, value=number), max_size=2).map(tuple),
    started_at=times,
    ended_at=times,
    time_synthetic=st.booleans(),
    spoken=st.booleans(),
    cost=st.none() | st.builds(Cost, amount=number),
    usage=usage,
    gaps=st.dictionaries(st.sampled_from(("model", "audio")), text, max_size=2),
)


@given(conversations, st.randoms(use_true_random=False))
def test_a_conversation_survives_the_way_through_spans(
    conversation: Conversation, chance: random.Random
) -> None:
    spans = list(spans_of(conversation))
    chance.shuffle(spans)
    assert conversation_from(spans) == conversation


@given(conversations)
def test_every_span_of_a_conversation_can_be_stored_and_listed(conversation: Conversation) -> None:
    spans = spans_of(conversation)
    assert len({(s.trace_id, s.span_id) for s in spans}) == len(conversation.items) + 1
    for made in spans:
        assert 0 <= made.start_ns <= made.end_ns < 2**63
        assert facts_of(made).reader == "reenact"
