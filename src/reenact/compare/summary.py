"""Several comparisons in one: means of the metrics, and how many turns are what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from reenact.domain.comparison import STATUS_ORDER, Comparison, Metric
from reenact.domain.run_view import MetricSummary


def metric_means(comparisons: Sequence[Comparison]) -> tuple[MetricSummary, ...]:
    """Return each metric's mean over the comparisons that have a change in it.

    `counted` says how many these are; where there is none, all numbers are None.
    `change_percent` is that of the means (None at 0), not the mean of the percentages.
    """
    names = dict.fromkeys(metric.name for c in comparisons for metric in c.metrics)
    return tuple(
        _summary([metric for c in comparisons for metric in c.metrics if metric.name == name])
        for name in names
    )


def turn_status_counts(comparisons: Sequence[Comparison]) -> Mapping[str, int]:
    """Return how many turns have each status, worst status first; 0 where there is none."""
    found = Counter(turn.status for comparison in comparisons for turn in comparison.turns)
    return {status: found[status] for status in STATUS_ORDER}


def _summary(metrics: Sequence[Metric]) -> MetricSummary:
    comparable = [metric for metric in metrics if metric.change is not None]
    baseline = _mean([m.baseline for m in comparable])
    replay = _mean([m.replay for m in comparable])
    change = _mean([m.change for m in comparable])
    percent = round(change / baseline * 100, 2) if change is not None and baseline else None
    return MetricSummary(
        name=metrics[0].name,
        unit=metrics[0].unit,
        baseline=baseline,
        replay=replay,
        change=change,
        change_percent=percent,
        better=metrics[0].better,
        counted=len(comparable),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 6) if known else None
