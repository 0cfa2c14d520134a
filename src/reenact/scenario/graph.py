"""The graph of recorded talks: nodes are what the agent did or asked, edges what came next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from reenact.domain.conversation import Conversation
from reenact.domain.scenario import Graph, GraphEdge, GraphNode
from reenact.scenario.clusters import Cluster, clustered, folded, rarity
from reenact.scenario.steps import Step, StepKind, shortened, steps_of

START = "start"
END = "end"

MOST_NODES = 40
"""More than a person can take in at once; rarer steps are then folded into likelier ones."""
FEW_NODES = 20
"""So many are never folded, however short the talks."""
TURNS_A_NODE = 5
"""Agent turns that a node stands for at least, on average, between the two bounds."""

_ALIKE: dict[StepKind, float] = {"tools": 0.6, "confirm": 0.3, "ask": 0.4, "say": 0.4}
"""How like another a step must be to be one node with it (cosine of its tools or words)."""
_FOLDED_ALIKE = 0.2
"""The same for a rare step; below it, it goes to the node for what is left over."""
_REST: dict[StepKind, str] = {
    "tools": "calls other tools",
    "confirm": "asks to confirm something else",
    "ask": "asks something else",
    "say": "says something else",
}


def mine(conversations: Sequence[Conversation]) -> Graph:
    """Merge the talks of `conversations` into one graph.

    A step is one turn of a talk; steps are one node where the agent called much the same
    tools, or said, asked or wanted confirmed much the same (what is alike is told by words, so
    no model is needed; that something is asked without a question mark only in English).
    Every talk is a path from `start` to `end`, a node's count its visits, an edge's count how
    often one step followed the other. Conversations of equal id get ` (2)`, ` (3)` in `paths`.
    The order of `conversations` does not change nodes and edges.
    """
    talks = [steps_of(conversation) for conversation in conversations]
    nodes, node_of = _nodes(list(chain.from_iterable(talks)))
    places = iter(node_of)
    walks = [[START, *(next(places) for _ in talk), END] for talk in talks]
    ends = (
        GraphNode(id=START, label="start", kind="start", count=len(talks)),
        GraphNode(id=END, label="end", kind="end", count=len(talks)),
    )
    names = _distinct(conversation.id for conversation in conversations)
    return Graph(
        nodes=(ends[0], *nodes, ends[1]),
        edges=_edges(walks, talks),
        paths={name: tuple(walk) for name, walk in zip(names, walks, strict=True)},
    )


def _nodes(steps: Sequence[Step]) -> tuple[list[GraphNode], list[str]]:
    """Return the nodes, most visited first, and the id of the node of each step."""
    named: list[tuple[str, StepKind, list[int]]] = []
    for kind, places, clusters in _clusters(steps):
        for cluster in clusters:
            members = [places[member] for member in cluster.members]
            labels = Counter(steps[member].label for member in members)
            rest = not cluster.centre and len(labels) > 1
            named.append((_REST[kind] if rest else _example(labels), kind, members))
    named.sort(key=lambda node: (-len(node[2]), node[1], node[0], node[2]))
    node_of = [""] * len(steps)
    nodes = []
    for number, (label, kind, members) in enumerate(named, 1):
        shape = "tools" if kind == "tools" else "say"
        nodes.append(
            GraphNode(
                id=f"{shape}-{number}",
                label=label,
                kind="tools" if kind == "tools" else "say",
                count=len(members),
            )
        )
        for member in members:
            node_of[member] = nodes[-1].id
    return nodes, node_of


def _clusters(steps: Sequence[Step]) -> Iterable[tuple[StepKind, list[int], list[Cluster]]]:
    """Return the clusters of each kind, with the places of that kind's steps."""
    places = {kind: [p for p, s in enumerate(steps) if s.kind == kind] for kind in _ALIKE}
    found: dict[StepKind, list[Cluster]] = {}
    for kind, alike in _ALIKE.items():
        features = [steps[place].features for place in places[kind]]
        found[kind] = clustered(features, alike=alike, weight=rarity(features))
    limit = min(MOST_NODES, max(FEW_NODES, len(steps) // TURNS_A_NODE))
    rarest, kept = 0, found
    while sum(map(len, kept.values())) > limit:
        rarest += 1
        kept = {
            kind: folded(clusters, rarest=rarest, alike=_FOLDED_ALIKE)
            for kind, clusters in found.items()
        }
    return [(kind, places[kind], clusters) for kind, clusters in kept.items()]


def _edges(walks: Sequence[list[str]], talks: Sequence[Sequence[Step]]) -> tuple[GraphEdge, ...]:
    said: dict[tuple[str, str], Counter[str]] = {}
    for walk, talk in zip(walks, talks, strict=True):
        words = [*(step.user or "" for step in talk), ""]
        for pair, text in zip(pairwise(walk), words, strict=True):
            said.setdefault(pair, Counter())[shortened(text)] += 1
    edges = (
        GraphEdge(source=source, target=target, label=_example(texts), count=texts.total())
        for (source, target), texts in said.items()
    )
    return tuple(sorted(edges, key=lambda edge: (-edge.count, edge.source, edge.target)))


def _example(texts: Counter[str]) -> str:
    """Return the most frequent text; of equally frequent ones the shortest that is not empty."""
    return min(texts, key=lambda text: (not text, -texts[text], len(text), text))


def _distinct(ids: Iterable[str]) -> list[str]:
    seen: Counter[str] = Counter()
    names = []
    for id in ids:
        seen[id] += 1
        names.append(id if seen[id] == 1 else f"{id} ({seen[id]})")
    return names
