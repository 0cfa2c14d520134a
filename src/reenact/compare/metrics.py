"""The numbers of a comparison: each from one function, applied to both sides.

All but `turn_count` cover the turns that both sides have: where the replay stopped after turn
4, the baseline's tokens are those of turns 1 to 4 as well. Turn 0 (a greeting) is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reenact.domain.comparison import Metric
from reenact.domain.conversation import Cost, Failure, ModelCall, ToolCall
from reenact.domain.turn import Turn, total_cost, total_usage

Better = Literal["lower", "higher"] | None
_Turns = Sequence[Turn]


def metrics(baseline: _Turns, replay: _Turns, *, time_synthetic: bool) -> tuple[Metric, ...]:
    """Return the metrics of the contract but `csat`, in the order of the contract.

    `time_synthetic` says that the baseline's times were made up, or are those of speech: it then
    has no latency and no time to first token. A side that lacks a number has None, and then
    there is no change.
    """
    baseline = [turn for turn in baseline if turn.index > 0]
    replay = [turn for turn in replay if turn.index > 0]
    both = {turn.index for turn in baseline} & {turn.index for turn in replay}
    shared = _Sides(
        baseline=[turn for turn in baseline if turn.index in both],
        replay=[turn for turn in replay if turn.index in both],
        timed=not time_synthetic,
    )
    return (
        metric("turn_count", "turns", len(baseline), len(replay), better=None),
        _mean_metric("latency_ms", shared, working_ms),
        _mean_metric("time_to_first_token_ms", shared, lambda turn: turn.time_to_first_token_ms),
        _metric("input_tokens", "tokens", shared, input_tokens, better="lower"),
        _metric("output_tokens", "tokens", shared, output_tokens, better="lower"),
        _metric("output_tokens_per_turn", "tokens", shared, output_tokens_per_turn, better="lower"),
        _metric("tool_calls", "calls", shared, tool_calls, better=None),
        _metric("errors", "turns", shared, errors, better="lower"),
        _cost_metric(shared),
    )


def metric(
    name: str, unit: str, baseline: float | None, replay: float | None, *, better: Better
) -> Metric:
    """Return a metric with its change, which is None where a side lacks its number."""
    change = None if baseline is None or replay is None else round(replay - baseline, 6)
    percent = None
    if change is not None and baseline:
        percent = round(change / baseline * 100, 2)
    return Metric(
        name=name,
        unit=unit,
        baseline=_rounded(baseline),
        replay=_rounded(replay),
        change=change,
        change_percent=percent,
        better=better,
    )


def working_ms(turn: Turn) -> float | None:
    """Return the turn's time without that of its tools, in milliseconds.

    Taken off is the union of the tool calls' intervals inside the turn, because parallel calls
    overlap, and because a replay answers from the recording in no time.
    """
    if turn.started_at is None or turn.ended_at is None or turn.assistant is None:
        return None  # what never was answered took no time to answer
    whole = (turn.ended_at - turn.started_at).total_seconds()
    return max(0.0, (whole - _tool_seconds(turn, turn.started_at, turn.ended_at)) * 1000)


def input_tokens(turns: _Turns) -> float | None:
    """Return the tokens that the models read; None where a call or a turn does not say."""
    return total_usage(_model_calls(turns)).input_tokens if _all_known(turns) else None


def output_tokens(turns: _Turns) -> float | None:
    """Return the tokens that the models wrote; None where a call or a turn does not say."""
    return total_usage(_model_calls(turns)).output_tokens if _all_known(turns) else None


def output_tokens_per_turn(turns: _Turns) -> float | None:
    """Return the mean of the tokens written per turn."""
    total = output_tokens(turns)
    return total / len(turns) if total is not None and turns else None


def tool_calls(turns: _Turns) -> float | None:
    """Return how many tool calls the agent made, refused ones included."""
    if not turns:
        return None
    return sum(call.requestor == "agent" for turn in turns for call in turn.tool_calls)


def errors(turns: _Turns) -> float | None:
    """Return in how many turns something failed, recovered or not.

    Counted by turn, because one failure is one span in one library and three in another. A
    call that the replay refused is no failure of the agent.
    """
    return sum(any(map(_failed, turn.items)) for turn in turns) if turns else None


def cost(turns: _Turns) -> Cost | None:
    """Return the money of the model calls in USD; None where one of them has no price."""
    total = total_cost(_model_calls(turns)) if _all_known(turns) else None
    return total if total is not None and total.currency == "USD" else None


@dataclass(frozen=True, slots=True)
class _Sides:
    """The turns that both sides have, pairwise in order."""

    baseline: _Turns
    replay: _Turns
    timed: bool


def _metric(
    name: str, unit: str, sides: _Sides, of: Callable[[_Turns], float | None], *, better: Better
) -> Metric:
    return metric(name, unit, of(sides.baseline), of(sides.replay), better=better)


def _mean_metric(name: str, sides: _Sides, of: Callable[[Turn], float | None]) -> Metric:
    """Return the mean over the turns where both sides have a value, if there is one."""
    before = [of(turn) if sides.timed else None for turn in sides.baseline]
    after = [of(turn) for turn in sides.replay]
    pairs = [
        (one, other)
        for one, other in zip(before, after, strict=True)
        if one is not None and other is not None
    ]
    if pairs:
        means = _mean([one for one, _ in pairs]), _mean([other for _, other in pairs])
        return metric(name, "ms", *means, better="lower")
    alone = metric(name, "ms", _mean(before), _mean(after), better="lower")
    return _without_change(alone)


def _cost_metric(sides: _Sides) -> Metric:
    """Return the cost; no change where one side was billed and the other computed."""
    before, after = cost(sides.baseline), cost(sides.replay)
    found = metric(
        "cost_usd",
        "USD",
        None if before is None else before.amount,
        None if after is None else after.amount,
        better="lower",
    )
    alike = before is not None and after is not None and before.source == after.source
    return found if alike else _without_change(found)


def _without_change(found: Metric) -> Metric:
    return Metric(
        name=found.name,
        unit=found.unit,
        baseline=found.baseline,
        replay=found.replay,
        change=None,
        change_percent=None,
        better=found.better,
    )


def _tool_seconds(turn: Turn, start: datetime, end: datetime) -> float:
    covered, until = 0.0, start
    for begin, finish in sorted(_intervals(turn)):
        begin, finish = max(begin, until), min(finish, end)
        if finish > begin:
            covered += (finish - begin).total_seconds()
            until = finish
    return covered


def _intervals(turn: Turn) -> list[tuple[datetime, datetime]]:
    return [
        (item.started_at, item.ended_at)
        for item in turn.items
        if isinstance(item, ToolCall) and item.started_at and item.ended_at
    ]


def _all_known(turns: _Turns) -> bool:
    """Tell whether no turn was answered by model calls that nobody reported."""
    return all(turn.model_calls or turn.assistant is None for turn in turns)


def _model_calls(turns: _Turns) -> list[ModelCall]:
    return [call for turn in turns for call in turn.model_calls]


def _failed(item: object) -> bool:
    if isinstance(item, ToolCall):
        return item.error is not None and item.provenance != "refused"
    return isinstance(item, (ModelCall, Failure)) and item.error is not None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
