"""Clusters: things alike put together by the words or tools they share. Pure, deterministic."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

MAX_CLUSTERS = 200
"""Once there are so many, what is new joins the nearest: it bounds time at n times this."""

Vector = dict[str, float]


@dataclass(slots=True)
class Cluster:
    """Members by their number, the first is the one that the cluster began with."""

    members: list[int]
    centre: Vector = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """How many members it has."""
        return len(self.members)


def clustered(
    features: Sequence[tuple[str, ...]], *, alike: float, weight: Callable[[str], float]
) -> list[Cluster]:
    """Return the clusters of `features`: the most frequent begin, others join who is `alike`.

    Likeness is the cosine of the summed weights, from 0 to 1. The result does not depend on
    the order of `features`, but for the numbers of the members.
    """
    places: dict[tuple[str, ...], list[int]] = {}
    for place, given in enumerate(features):
        places.setdefault(tuple(sorted(set(given))), []).append(place)
    found: list[Cluster] = []
    for key, members in sorted(places.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        vector = _unit({feature: weight(feature) for feature in key})
        near, likeness = _nearest(vector, found)
        if near is None or (likeness < alike and len(found) < MAX_CLUSTERS):
            found.append(Cluster(members=members, centre=_times(vector, len(members))))
        else:
            near.members.extend(members)
            _add(near.centre, _times(vector, len(members)))
    return found


def folded(clusters: Sequence[Cluster], *, rarest: int, alike: float) -> list[Cluster]:
    """Return `clusters` with those of at most `rarest` members put into the one most like them.

    What is not `alike` to any goes together into one cluster at the end, without a centre: the
    rest, of which no more can be said.
    """
    kept = [Cluster(list(c.members), dict(c.centre)) for c in clusters if c.weight > rarest]
    rest: list[int] = []
    for cluster in clusters:
        if cluster.weight > rarest:
            continue
        near, likeness = _nearest(_unit(cluster.centre), kept)
        if near is None or likeness < alike:
            rest.extend(cluster.members)
        else:
            near.members.extend(cluster.members)
            _add(near.centre, cluster.centre)
    return [*kept, Cluster(rest)] if rest else kept


def rarity(features: Sequence[Sequence[str]]) -> Callable[[str], float]:
    """Return a function that weighs a feature by how few of the `features` have it."""
    counts = Counter(feature for given in features for feature in set(given))
    total = len(features)
    return lambda feature: math.log(1 + total / counts[feature]) if counts[feature] else 0.0


def _nearest(vector: Vector, clusters: Sequence[Cluster]) -> tuple[Cluster | None, float]:
    best: Cluster | None = None
    likeness = -1.0
    for cluster in clusters:
        found = _cosine(vector, cluster.centre)
        if found > likeness + 1e-12:
            best, likeness = cluster, found
    return best, likeness


def _cosine(unit: Vector, other: Vector) -> float:
    if not unit or not other:
        return 1.0 if not unit and not other else 0.0
    product = sum(weight * other.get(feature, 0.0) for feature, weight in unit.items())
    return product / _length(other)


def _unit(vector: Vector) -> Vector:
    length = _length(vector)
    return {feature: value / length for feature, value in vector.items()} if length else {}


def _length(vector: Vector) -> float:
    return math.sqrt(sum(value * value for value in vector.values()))


def _times(vector: Vector, factor: float) -> Vector:
    return {feature: value * factor for feature, value in vector.items()}


def _add(centre: Vector, vector: Vector) -> None:
    for feature, value in vector.items():
        centre[feature] = centre.get(feature, 0.0) + value
