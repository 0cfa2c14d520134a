from __future__ import annotations

from dataclasses import replace

import pytest

from reenact.compare.compare import compare
from reenact.domain.comparison import Comparison, TurnComparison
from reenact.domain.conversation import Conversation, Failure, Item, ModelCall, ToolCall
from reenact.domain.run import EndReason, TurnRecord
from support.replays import record, replay_of
from support.talks import REFUND, agent, call, talk, user


def one_turn(before: list[Item], after: list[Item]) -> TurnComparison:
    """Compare a talk of one turn with a replay of it."""
    found = compare(talk(user("Hi"), *before), [record(1, user("Hi"), *after)], ended="finished")
    (turn,) = found.turns
    return turn


def sentence(found: Comparison) -> str:
    assert found.first_divergence is not None
    return found.first_divergence.sentence


def replaced(conversation: Conversation, index: int, *items: Item) -> list[TurnRecord]:
    return [record(index, *items) if r.index == index else r for r in replay_of(conversation)]


def test_a_replay_that_did_the_same_is_the_same_and_has_no_divergence() -> None:
    found = compare(REFUND, replay_of(REFUND), ended="finished")
    assert [turn.status for turn in found.turns] == ["same", "same", "same"]
    assert found.first_divergence is None
    assert found.status == "same"
    assert [turn.note for turn in found.turns] == [None, None, None]


def test_the_refund_that_became_a_look_up_is_named_in_one_sentence() -> None:
    turns = replaced(
        REFUND,
        2,
        user("And what is happening with A-1003?"),
        call("check_status", {"order_id": "A-1003"}, {"status": "in transit"}),
        agent("It is in transit."),
    )
    found = compare(REFUND, turns, ended="finished")
    assert [turn.status for turn in found.turns] == ["same", "tools_changed", "same"]
    assert sentence(found) == (
        "Turn 2: issue_refund(order_id='A-1003', amount=49.9) "
        "became check_status(order_id='A-1003')"
    )
    assert [entry.op for entry in found.turns[1].tool_diff] == ["replaced"]
    assert any(step.op != "equal" for step in found.turns[1].text_diff)


def test_an_argument_that_changed_is_named_by_its_path() -> None:
    turn = one_turn(
        [call("find", {"order": {"id": "A-1001", "n": 1}}), agent("Yes.")],
        [call("find", {"order": {"id": "A-1002", "n": 1.0}}), agent("Yes.")],
    )
    assert turn.status == "arguments_changed"
    (entry,) = turn.tool_diff
    assert [(c.path, c.op) for c in entry.changes] == [("order.id", "changed")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([call("find", {"id": 1})], [], "Turn 1: find(id=1) was not called"),
        ([], [call("find", {"id": 1})], "Turn 1: find(id=1) was added"),
        (
            [call("find", {"id": "A-1001"})],
            [call("find", {"id": "A-1002"})],
            "Turn 1: find(id): 'A-1001' became 'A-1002'",
        ),
        (
            [call("find", {"a": 1, "b": 1})],
            [call("find", {"a": 2, "b": 2})],
            "Turn 1: find(a): 1 became 2 (and 1 more)",
        ),
        ([call("find", {})], [call("find", {"x": True})], "Turn 1: find: x=True was added"),
        ([call("find", {"x": None})], [call("find", {})], "Turn 1: find: x=None was left out"),
        ([call("find", "A")], [call("find", "B")], "Turn 1: find: 'A' became 'B'"),
        ([call("a"), call("b")], [call("b"), call("a")], "Turn 1: b() came in another order"),
    ],
)
def test_each_kind_of_tool_change_has_its_sentence(
    before: list[Item], after: list[Item], said: str
) -> None:
    found = compare(
        talk(user("Hi"), *before, agent("Done.")),
        [record(1, user("Hi"), *after, agent("Done."))],
        ended="finished",
    )
    assert sentence(found) == said


def test_a_changed_text_is_quoted_around_the_place_where_it_changed() -> None:
    before = "Thank you for waiting. " * 20 + "Your order will arrive on Friday."
    after = "Thank you for waiting. " * 20 + "Your order will arrive on Monday."
    found = compare(
        talk(user("Hi"), agent(before)),
        [record(1, user("Hi"), agent(after))],
        ended="finished",
    )
    said = sentence(found)
    assert found.turns[0].status == "text_changed"
    assert "Friday." in said
    assert "Monday." in said
    assert len(said) < 200


def test_long_arguments_are_shortened_in_the_sentence() -> None:
    found = compare(
        talk(user("Hi"), call("send", {"body": "x" * 10_000}), agent("Sent.")),
        [record(1, user("Hi"), call("post", {f"k{n}": n for n in range(999)}), agent("Sent."))],
        ended="finished",
    )
    assert len(sentence(found)) < 400
    assert "…" in sentence(found)


def test_calls_of_a_parallel_group_have_no_order() -> None:
    before = [replace(call("find", {"id": n}), group=7) for n in (1, 2, 3)]
    after = [call("find", {"id": n}) for n in (3, 1, 2)]
    assert one_turn([*before, agent("Done.")], [*after, agent("Done.")]).status == "same"


def test_the_same_calls_one_after_the_other_in_another_order_are_a_change() -> None:
    turn = one_turn(
        [call("find"), call("refund"), agent("Done.")],
        [call("refund"), call("find"), agent("Done.")],
    )
    assert turn.status == "tools_changed"


def test_equal_calls_are_paired_before_calls_of_one_name() -> None:
    turn = one_turn(
        [call("find", {"id": 1}), call("find", {"id": 2}), agent("Done.")],
        [call("find", {"id": 2}), agent("Done.")],
    )
    assert [entry.op for entry in turn.tool_diff] == ["removed", "same"]


def test_a_call_is_paired_with_the_nearest_of_its_name() -> None:
    turn = one_turn(
        [call("book", {"seat": "1A", "day": "Mon"}), agent("Done.")],
        [
            call("book", {"seat": "9F", "day": "Fri"}),
            call("book", {"seat": "1B", "day": "Mon"}),
            agent("Done."),
        ],
    )
    assert [entry.op for entry in turn.tool_diff] == ["added", "arguments"]


def test_an_added_call_stands_where_it_was_made() -> None:
    turn = one_turn(
        [call("a"), call("b"), agent("Done.")],
        [call("a"), call("new"), call("b"), agent("Done.")],
    )
    assert [(e.op, (e.replay or call("?")).name) for e in turn.tool_diff] == [
        ("same", "a"),
        ("added", "new"),
        ("same", "b"),
    ]


def test_a_refused_call_compares_as_any_other_and_its_note_says_so() -> None:
    refused = replace(call("issue_refund", {"id": 1}), provenance="refused", answered=False)
    turn = one_turn(
        [call("issue_refund", {"id": 1}), agent("Done.")],
        [replace(refused, error="refused: nothing recorded answers this call"), agent("Done.")],
    )
    assert (turn.status, turn.note) == ("same", "issue_refund was refused")


def test_calls_of_the_users_side_are_not_the_agents() -> None:
    theirs = replace(call("toggle_data"), requestor="user")
    assert one_turn([theirs, agent("Done.")], [agent("Done.")]).status == "same"


def test_arguments_that_the_capture_lost_are_not_called_changed() -> None:
    lost = ToolCall(name="find", arguments=None, arguments_raw='{"id": 1')
    turn = one_turn([lost, agent("Done.")], [call("find", {"id": 1}), agent("Done.")])
    assert turn.status == "same"
    assert turn.note is not None
    assert "not compared" in turn.note


def test_an_answer_that_failed_where_the_recording_had_one_is_an_error() -> None:
    found = compare(
        talk(user("Hi"), agent("Hello.")),
        [record(1, user("Hi"), Failure(error="no answer within 120 s", reason="timeout"))],
        ended="timeout",
        error="no answer within 120 s",
    )
    assert found.turns[0].status == "error"
    assert sentence(found) == "Turn 1: no answer: no answer within 120 s"


def test_words_before_a_failure_are_no_answer() -> None:
    turn = one_turn([agent("Hello.")], [agent("Let me look."), Failure(error="boom")])
    assert turn.status == "error"


def test_a_failure_that_the_agent_recovered_from_is_no_error() -> None:
    turn = one_turn([agent("Hello.")], [Failure(error="boom"), agent("Hello.")])
    assert turn.status == "same"


def test_a_turn_that_fails_as_the_recorded_one_did_is_not_worse() -> None:
    turn = one_turn([ModelCall(error="400")], [Failure(error="500")])
    assert turn.status == "same"
    assert turn.note == "no answer: 500; the recording has no answer either: 400"


def test_a_failure_where_the_capture_just_ends_is_an_error() -> None:
    assert one_turn([], [Failure(error="500")]).status == "error"


def test_an_answer_where_the_recording_failed_is_a_change_for_the_better() -> None:
    found = compare(
        talk(user("Hi"), ModelCall(error="400")),
        [record(1, user("Hi"), agent("Hello."))],
        ended="finished",
    )
    assert found.turns[0].status == "text_changed"
    assert sentence(found) == 'Turn 1: no answer became "Hello."'


@pytest.mark.parametrize(
    ("ended", "error", "note"),
    [
        ("diverged", "called x", "not run: the user's side stopped after turn 1 (called x)"),
        ("agent_error", "boom", "not run: the agent failed after turn 1 (boom)"),
        ("timeout", None, "not run: the agent gave no answer in time after turn 1"),
        ("unreachable", None, "not run: the agent could not be reached after turn 1"),
        ("cancelled", None, "not run: cancelled after turn 1"),
        ("finished", None, "not run: the replay ended after turn 1"),
        (None, None, "not run yet: the replay is after turn 1"),
    ],
)
def test_a_turn_that_was_not_run_is_missing_and_says_why(
    ended: EndReason | None, error: str | None, note: str
) -> None:
    found = compare(REFUND, replay_of(REFUND)[:1], ended=ended, error=error)
    assert [turn.status for turn in found.turns] == ["same", "missing", "missing"]
    assert found.turns[1].note == note
    assert sentence(found) == f"Turn 2: {note}"


def test_a_replay_without_any_turn_misses_them_all() -> None:
    found = compare(REFUND, [], ended="unreachable", error="connection refused")
    assert {turn.status for turn in found.turns} == {"missing"}
    assert "before the first turn (connection refused)" in sentence(found)


def test_a_turn_that_the_recording_lacks_is_extra() -> None:
    found = compare(
        REFUND, [*replay_of(REFUND), record(4, user("More"), agent("More."))], ended="finished"
    )
    assert found.turns[-1].status == "extra"
    assert sentence(found) == "Turn 4: the recording ends before this turn"


def test_a_greeting_that_no_one_asked_for_again_is_not_missing() -> None:
    greeted = talk(agent("Welcome!"), user("Hi"), agent("Hello."))
    found = compare(greeted, [record(1, user("Hi"), agent("Hello."))], ended="finished")
    assert [(turn.index, turn.status) for turn in found.turns] == [(1, "same")]


def test_only_the_turn_that_was_to_be_run_is_compared() -> None:
    found = compare(REFUND, [replay_of(REFUND)[1]], ended="finished", only_turn=2)
    assert [(turn.index, turn.status) for turn in found.turns] == [(2, "same")]
    absent = compare(REFUND, [], ended="unreachable", only_turn=2)
    assert [(turn.index, turn.status) for turn in absent.turns] == [(2, "missing")]


def test_turns_after_the_divergence_are_marked() -> None:
    turns = [replace(r, after_divergence=r.index > 1) for r in replay_of(REFUND)]
    found = compare(REFUND, turns, ended="finished")
    assert [turn.after_divergence for turn in found.turns] == [False, True, True]


def test_the_worst_status_wins() -> None:
    turn = one_turn(
        [call("find", {"id": 1}), call("pay"), agent("A.")],
        [call("find", {"id": 2}), agent("B.")],
    )
    assert turn.status == "tools_changed"
    assert turn.status == Comparison(turns=(turn,), first_divergence=None, metrics=()).status


def test_a_turn_with_thousands_of_calls_is_compared_within_bounds() -> None:
    before = [call("find", {"id": n}) for n in range(3000)]
    after = [call("find", {"id": n}) for n in range(1, 3001)]
    turn = one_turn([*before, agent("Done.")], [*after, agent("Done.")])
    ops = [entry.op for entry in turn.tool_diff]
    assert (ops.count("same"), ops.count("removed"), ops.count("added")) == (2999, 1, 1)


def test_a_sentence_is_one_line_that_cannot_drive_a_terminal() -> None:
    nasty = "pay\n\x1b[2J\u2028\ud800"
    found = compare(
        talk(user("Hi"), agent("Hello.")),
        [record(1, user("Hi"), call(nasty * 500, {nasty: nasty}), agent(nasty))],
        ended="finished",
    )
    said = sentence(found)
    assert said.isprintable()
    assert len(said) <= 600
    failed = compare(
        talk(user("Hi"), agent("A")), [record(1, Failure(error=nasty * 500))], ended="agent_error"
    )
    assert sentence(failed).isprintable()
