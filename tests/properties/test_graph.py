"""The laws of the mined graph, for talks of any shape."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from reenact.domain.conversation import Conversation
from reenact.domain.turn import turns_of
from reenact.scenario.graph import END, MOST_NODES, START, mine
from support.talks import agent, call, talk, user

WORDS = ("please", "confirm", "order", "7", "A-1", "name", "yes?", "no.", "What", "is", "it?")
said = st.one_of(
    st.text(max_size=20),
    st.lists(
        st.sampled_from(WORDS),
        min_size=1,
        max_size=6,
    ).map(" ".join),
)
items = st.one_of(
    said.map(user), said.map(agent), st.sampled_from(("find", "check", "refund", "f")).map(call)
)
talks = st.lists(st.lists(items, max_size=12), max_size=30).map(
    lambda found: [numbered(talk(*items), n) for n, items in enumerate(found)]
)


def numbered(conversation: Conversation, number: int) -> Conversation:
    return replace(conversation, id=f"sess:{number}")


@given(talks)
@settings(max_examples=60)
def test_every_talk_is_a_path_and_every_count_adds_up(conversations: list[Conversation]) -> None:
    graph = mine(conversations)
    walked = Counter(pair for path in graph.paths.values() for pair in pairwise(path))
    visited = Counter(node for path in graph.paths.values() for node in path)
    assert {(e.source, e.target): e.count for e in graph.edges} == walked
    assert {n.id: n.count for n in graph.nodes if n.count} == visited
    for conversation in conversations:
        path = graph.paths[conversation.id]
        assert (path[0], path[-1]) == (START, END)
        assert len(path) == len(turns_of(conversation)) + 2
    assert len(graph.nodes) <= MOST_NODES + 2


@given(talks, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_the_talks_does_not_matter(
    conversations: list[Conversation], chance: random.Random
) -> None:
    shuffled = list(conversations)
    chance.shuffle(shuffled)
    one, other = mine(conversations), mine(shuffled)
    assert one.nodes == other.nodes
    assert sorted(e.count for e in one.edges) == sorted(e.count for e in other.edges)
