from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reenact.codec import canonical
from reenact.compare.compare import compare
from reenact.compare.html import render
from reenact.compare.tool_calls import tool_diff
from reenact.domain.conversation import Conversation, Failure, Item, ToolCall
from reenact.domain.turn import turns_of
from support.pages import Page
from support.replays import record, replay_of, tau2_talks
from support.run_views import call_view, run_view
from support.talks import agent, call, talk, user

CALLS = st.lists(
    st.builds(
        lambda name, number, group: replace(call(name, {"n": number}), group=group),
        st.sampled_from(["find", "pay", "book"]),
        st.integers(0, 2),
        st.sampled_from([None, None, 1]),
    ),
    max_size=6,
)
TURNS: st.SearchStrategy[list[Item]] = st.builds(
    lambda asked, calls, answer: [user(asked), *calls, answer],
    st.text(max_size=20),
    CALLS,
    st.one_of(st.text(max_size=20).map(agent), st.just(Failure(error="boom"))),
)
TALKS = st.lists(TURNS, max_size=4).map(lambda turns: talk(*(i for turn in turns for i in turn)))


def asked(calls: list[ToolCall]) -> Counter[str]:
    return Counter(canonical([c.name, c.arguments]) for c in calls)


@given(TALKS)
def test_a_replay_that_did_the_same_is_all_same(conversation: Conversation) -> None:
    found = compare(conversation, replay_of(conversation), ended="finished")
    assert {turn.status for turn in found.turns} <= {"same"}
    assert found.first_divergence is None


@given(TALKS, TALKS)
def test_there_is_a_divergence_exactly_where_a_turn_is_not_the_same(
    before: Conversation, after: Conversation
) -> None:
    found = compare(before, replay_of(after), ended="finished")
    indexes = {turn.index for turn in (*turns_of(before), *turns_of(after))}
    assert {turn.index for turn in found.turns} == indexes
    first = next((turn.index for turn in found.turns if turn.status != "same"), None)
    divergence = found.first_divergence
    assert (divergence.turn if divergence else None) == first
    if divergence:
        assert divergence.sentence.startswith(f"Turn {first}: ")
        assert "\n" not in divergence.sentence
        assert len(divergence.sentence) < 600


@given(CALLS, CALLS)
def test_every_call_is_in_the_tool_diff_exactly_once(
    before: list[ToolCall], after: list[ToolCall]
) -> None:
    diff = tool_diff(before, after)
    assert [entry.baseline for entry in diff if entry.baseline] == before
    assert asked([entry.replay for entry in diff if entry.replay]) == asked(after)
    for entry in diff:
        assert (entry.op == "arguments") == bool(entry.changes)


@given(CALLS, st.randoms(use_true_random=False))
def test_a_parallel_group_is_the_same_in_any_order(calls: list[ToolCall], random: Any) -> None:
    together = [replace(c, group=1) for c in calls]
    shuffled = [replace(c, group=None) for c in calls]
    random.shuffle(shuffled)
    assert {entry.op for entry in tool_diff(together, shuffled)} <= {"same"}
    assert {entry.op for entry in tool_diff(shuffled, together)} <= {"same"}


@given(CALLS, CALLS)
def test_tool_diff_is_all_same_exactly_for_the_same_calls_in_the_same_order(
    before: list[ToolCall], after: list[ToolCall]
) -> None:
    before = [replace(c, group=None) for c in before]
    after = [replace(c, group=None) for c in after]
    same = {entry.op for entry in tool_diff(before, after)} <= {"same"}
    assert same == (
        [(c.name, c.arguments) for c in before] == [(c.name, c.arguments) for c in after]
    )


PAIRS = ["retail", "airline"]


def pair(shared: Path, domain: str) -> list[tuple[Conversation, Conversation]]:
    folder = shared / "data" / "conversations" / "tau2_runs"
    before = tau2_talks(folder / f"{domain}_gpt-4.1_baseline.json")
    after = tau2_talks(folder / f"{domain}_gpt-4.1_sft_changed.json")
    return [(before[task], after[task]) for task in before if task in after]


@pytest.mark.parametrize("domain", PAIRS)
def test_real_talks_replayed_as_they_were_are_all_same(shared: Path, domain: str) -> None:
    talks = [talk for both in pair(shared, domain) for talk in both]
    assert talks
    for conversation in talks:
        found = compare(conversation, replay_of(conversation), ended="finished")
        assert found.status == "same"
        assert all(m.change in (0, None) for m in found.metrics)


@pytest.mark.parametrize("domain", PAIRS)
def test_the_real_before_and_after_part_where_a_plain_walk_says_so(
    shared: Path, domain: str
) -> None:
    for before, after in pair(shared, domain):
        found = compare(before, replay_of(after), ended="finished")
        assert found.first_divergence is not None
        assert found.first_divergence.turn == _first_that_differs(before, after)


def _first_that_differs(before: Conversation, after: Conversation) -> int:
    """Walk both talks in the plainest way: the first turn with other words or other calls."""
    ours = {t.index: t for t in turns_of(before) if t.index > 0}
    theirs = {t.index: t for t in turns_of(after) if t.index > 0}
    for index in sorted(ours.keys() | theirs.keys()):
        if index not in ours or index not in theirs:
            return index
        one, other = ours[index], theirs[index]
        called = [asked([c for c in t.tool_calls if c.requestor == "agent"]) for t in (one, other)]
        if one.assistant != other.assistant or called[0] != called[1]:
            return index
    raise AssertionError("the talks do not differ")


def test_a_talk_cut_short_is_same_up_to_the_cut_and_missing_after_it(shared: Path) -> None:
    for before, _ in pair(shared, "airline"):
        turns = replay_of(before)
        found = compare(before, turns[:2], ended="cancelled")
        expected = ["same"] * 2 + ["missing"] * (len(turns) - 2)
        assert [turn.status for turn in found.turns] == expected[: len(turns)]


def test_an_agent_that_fails_gives_an_error_whatever_it_was_asked(shared: Path) -> None:
    for before, _ in pair(shared, "airline"):
        found = compare(before, [record(1, Failure(error="boom"))], ended="agent_error")
        assert found.turns[0].status == "error"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_ever_changes_the_markup_of_the_report(asked: str, answered: str) -> None:
    def tags(one: str, other: str) -> list[tuple[str, list[str]]]:
        arguments = {other.replace(".", ""): one}
        baseline = talk(user(one), call(one, arguments, other), agent("a b"))
        turns = [record(1, user(one), call(one, arguments, other), agent("a c"))]
        document = render(run_view(call_view(baseline, turns, row=one), scenario=other))
        document.encode("utf-8")
        return [(tag, sorted(attrs)) for tag, attrs in Page(document).tags]

    assert tags(f"x{asked}", f"y{answered}") == tags("x", "y")
