from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reenact.compare.compare import compare
from reenact.domain.comparison import Comparison, Metric
from reenact.domain.conversation import Cost, Failure, Item, Message, ModelCall, ToolCall, words
from support.replays import record, replay_of
from support.talks import REFUND, agent, call, model, talk, user

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(item: Item, start_ms: int, end_ms: int) -> Item:
    times = {
        "started_at": NOON + timedelta(milliseconds=start_ms),
        "ended_at": NOON + timedelta(milliseconds=end_ms),
    }
    return replace(item, **times)  # type: ignore[arg-type]


def named(found: Comparison, name: str) -> Metric:
    return next(metric for metric in found.metrics if metric.name == name)


def numbers(metric: Metric) -> tuple[float | None, float | None, float | None, float | None]:
    return (metric.baseline, metric.replay, metric.change, metric.change_percent)


def against(before: list[Item], after: list[Item], *, synthetic: bool = False) -> Comparison:
    baseline = replace(talk(), items=tuple(before), time_synthetic=synthetic)
    return compare(baseline, [record(1, *after)], ended="finished")


def test_the_metrics_are_those_of_the_contract_in_its_order() -> None:
    found = compare(REFUND, replay_of(REFUND), ended="finished")
    assert [(m.name, m.unit, m.better) for m in found.metrics] == [
        ("turn_count", "turns", None),
        ("latency_ms", "ms", "lower"),
        ("time_to_first_token_ms", "ms", "lower"),
        ("input_tokens", "tokens", "lower"),
        ("output_tokens", "tokens", "lower"),
        ("output_tokens_per_turn", "tokens", "lower"),
        ("tool_calls", "calls", None),
        ("errors", "turns", "lower"),
        ("cost_usd", "USD", "lower"),
    ]


def test_latency_takes_the_union_of_tool_time_off_on_both_sides() -> None:
    hi = at(user("Hi"), 0, 0)
    before = [
        hi,
        at(call("a"), 100, 400),
        at(call("b"), 200, 500),
        at(call("late"), 900, 2000),
        at(agent("Done."), 1000, 1000),
    ]
    found = against(before, [hi, at(call("a"), 100, 101), at(agent("Done."), 251, 251)])
    # 1000 - (100..500) - (900..1000, the part inside the turn); and 251 - 1.
    assert numbers(named(found, "latency_ms")) == (500.0, 250.0, -250.0, -50.0)


def test_made_up_times_give_no_latency_and_no_time_to_first_token() -> None:
    streamed = replace(model(), time_to_first_token_ms=20.0)
    items = [at(user("Hi"), 0, 0), at(streamed, 0, 50), at(agent("Done."), 90, 90)]
    found = against(items, items, synthetic=True)
    assert numbers(named(found, "latency_ms")) == (None, 90.0, None, None)
    assert numbers(named(found, "time_to_first_token_ms")) == (None, 20.0, None, None)
    assert numbers(named(against(items, items), "time_to_first_token_ms")) == (20.0, 20.0, 0.0, 0.0)


def test_a_mean_covers_the_turns_where_both_sides_have_a_time() -> None:
    before = [
        *[at(user("Hi"), 0, 0), at(agent("Hello."), 100, 100)],
        *[at(user("And?"), 1000, 1000), at(agent("Yes."), 5000, 5000)],
    ]
    untimed = record(2, user("And?"), agent("Yes."))
    timed = record(1, at(user("Hi"), 0, 0), at(agent("Hello."), 50, 50))
    found = compare(replace(talk(), items=tuple(before)), [timed, untimed], ended="finished")
    assert numbers(named(found, "latency_ms")) == (100.0, 50.0, -50.0, -50.0)


def test_a_replay_that_stopped_is_measured_against_the_same_turns() -> None:
    baseline = talk(
        *[user("Hi"), model(100, 10), call("find"), agent("Hello.")],
        *[user("And?"), model(900, 90), call("find"), call("pay"), agent("Yes.")],
    )
    found = compare(
        baseline, [record(1, user("Hi"), model(110, 5), agent("Hello."))], ended="diverged"
    )
    assert numbers(named(found, "turn_count")) == (2, 1, -1, -50.0)
    assert numbers(named(found, "input_tokens")) == (100, 110, 10, 10.0)
    assert numbers(named(found, "output_tokens")) == (10, 5, -5, -50.0)
    assert numbers(named(found, "output_tokens_per_turn")) == (10, 5, -5, -50.0)
    assert numbers(named(found, "tool_calls")) == (1, 0, -1, -100.0)


def test_tokens_that_one_side_does_not_know_are_none_and_have_no_change() -> None:
    found = against([user("Hi"), model(100, 10), agent("A")], [user("Hi"), agent("A")])
    assert numbers(named(found, "input_tokens")) == (100, None, None, None)
    assert numbers(named(found, "output_tokens_per_turn")) == (10, None, None, None)


def test_a_turn_whose_model_calls_nobody_reported_makes_the_sum_unknown() -> None:
    talked = talk(user("Hi"), model(100, 10), agent("A"), user("And?"), agent("B"))
    found = compare(talked, replay_of(talked), ended="finished")
    assert numbers(named(found, "input_tokens")) == (None, None, None, None)


def test_a_change_from_nothing_has_no_percentage() -> None:
    found = against([user("Hi"), agent("A")], [user("Hi"), call("find"), agent("A")])
    assert numbers(named(found, "tool_calls")) == (0, 1, 1, None)


def test_errors_are_turns_in_which_something_failed_and_a_refusal_is_none() -> None:
    refused = ToolCall(name="pay", error="refused", provenance="refused", answered=False)
    failed = [call("find", error="no"), ModelCall(error="400"), agent("Sorry.")]
    found = against([user("Hi"), *failed], [user("Hi"), refused, agent("Sorry.")])
    assert numbers(named(found, "errors")) == (1, 0, -1, -100.0)
    found = against([user("Hi"), agent("A")], [user("Hi"), Failure(error="boom")])
    assert numbers(named(found, "errors")) == (0, 1, 1, None)


def test_a_refused_call_counts_as_a_call_and_one_of_the_users_side_does_not() -> None:
    refused = ToolCall(name="pay", error="refused", provenance="refused", answered=False)
    theirs = replace(call("toggle"), requestor="user")
    found = against([user("Hi"), theirs, call("find"), agent("A")], [user("Hi"), refused])
    assert numbers(named(found, "tool_calls"))[:2] == (1, 1)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Cost(amount=0.02), Cost(amount=0.01), (0.02, 0.01, -0.01, -50.0)),
        (Cost(amount=0.02), Cost(amount=0.01, source="computed"), (0.02, 0.01, None, None)),
        (Cost(amount=0.02), None, (0.02, None, None, None)),
        (Cost(amount=0.02, currency="EUR"), Cost(amount=0.01), (None, 0.01, None, None)),
    ],
)
def test_money_has_a_change_only_between_the_same_kind_of_money(
    before: Cost, after: Cost | None, expected: tuple[float | None, ...]
) -> None:
    found = against(
        [user("Hi"), replace(model(), cost=before), agent("A")],
        [user("Hi"), replace(model(), cost=after), agent("A")],
    )
    assert numbers(named(found, "cost_usd")) == expected


def test_a_greeting_is_not_counted() -> None:
    greeted = talk(agent("Welcome!"), user("Hi"), agent("Hello."))
    found = compare(greeted, replay_of(greeted), ended="finished")
    assert numbers(named(found, "turn_count")) == (1, 1, 0, 0.0)


def test_without_a_shared_turn_there_is_nothing_to_measure() -> None:
    found = compare(REFUND, [], ended="unreachable")
    assert numbers(named(found, "turn_count")) == (3, 0, -3, -100.0)
    for metric in found.metrics[1:]:
        assert numbers(metric) == (None, None, None, None)


def test_an_answer_that_came_at_once_takes_no_time_and_never_less() -> None:
    hi = at(user("Hi"), 0, 0)
    tool = at(call("a"), 0, 500)
    said = at(Message(role="assistant", parts=words("Done.")), 400, 400)
    found = against([hi, tool, said], [hi, tool, said])
    assert numbers(named(found, "latency_ms")) == (0.0, 0.0, 0.0, None)
