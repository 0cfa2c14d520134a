"""Histograms: how often values fall where."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

BINS = 12


def edges_of(values: Sequence[float], *, bins: int = BINS) -> tuple[float, ...]:
    """Return the edges of `bins` bins of equal width over all of `values`, at least one.

    Values that are all the same make one bin of no width.
    """
    low, high = min(values), max(values)
    if low == high:
        return (low, high)
    width = (high - low) / bins
    return (*(low + width * place for place in range(bins)), high)


def counts_in(edges: Sequence[float], values: Sequence[float]) -> tuple[int, ...]:
    """Return how many of `values` lie in each bin; the last edge belongs to the last bin.

    All values must lie within the edges.
    """
    counts = [0] * (len(edges) - 1)
    for value in values:
        place = bisect_right(edges, value) - 1
        counts[min(place, len(counts) - 1)] += 1
    return tuple(counts)
