from __future__ import annotations

from reenact.compare.compare import compare
from reenact.compare.summary import metric_means, turn_status_counts
from support.replays import record, replay_of
from support.talks import REFUND, agent, model, talk, user

TALK = talk(user("Hi"), model(100, 10), agent("Hello."))
SAME = compare(TALK, replay_of(TALK), ended="finished")
LONGER = compare(
    TALK, [record(1, user("Hi"), model(140, 10), agent("Hello, you!"))], ended="finished"
)
UNKNOWN = compare(TALK, [record(1, user("Hi"), agent("Hello."))], ended="finished")


def test_a_mean_covers_the_comparisons_that_have_the_number_on_both_sides() -> None:
    (tokens,) = [m for m in metric_means([SAME, LONGER, UNKNOWN]) if m.name == "input_tokens"]
    assert (tokens.baseline, tokens.replay, tokens.change) == (100, 120, 20)
    assert (tokens.change_percent, tokens.counted, tokens.better) == (20.0, 2, "lower")


def test_a_metric_that_no_comparison_has_is_none_not_zero() -> None:
    (cost,) = [m for m in metric_means([SAME, UNKNOWN]) if m.name == "cost_usd"]
    assert (cost.baseline, cost.replay, cost.change, cost.counted) == (None, None, None, 0)


def test_statuses_are_counted_over_all_turns_worst_first() -> None:
    stopped = compare(REFUND, replay_of(REFUND)[:1], ended="cancelled")
    assert turn_status_counts([SAME, LONGER, stopped]) == {
        "error": 0,
        "missing": 2,
        "extra": 0,
        "tools_changed": 0,
        "arguments_changed": 0,
        "text_changed": 1,
        "same": 2,
    }
    assert list(turn_status_counts([])) == list(turn_status_counts([SAME]))


def test_no_comparison_gives_no_means() -> None:
    assert metric_means([]) == ()
