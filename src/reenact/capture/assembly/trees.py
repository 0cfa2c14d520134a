"""Spans with their readings, as trees, one per trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reenact.capture.history import chain, key
from reenact.capture.reading import Reading, WireMessage
from reenact.capture.values import MAX_TIME_NS
from reenact.domain.span import Span


class Node:
    """A span, what its dialect's reader found in it, and the spans above it."""

    def __init__(self, span: Span, reading: Reading):
        self.span = span
        self.reading = reading
        self.parent: Node | None = None

    @cached_property
    def above(self) -> tuple[Node, ...]:
        """The spans above, nearest first; a cycle of parents ends where it closes."""
        found: list[Node] = []
        seen = {id(self)}
        node = self.parent
        while node is not None and id(node) not in seen:
            seen.add(id(node))
            found.append(node)
            node = node.parent
        return tuple(found)

    @cached_property
    def in_tool(self) -> bool:
        """True where it ran inside of a tool: a sub-agent's work, not said to the user."""
        return any(node.reading.kind == "tool" for node in self.above)

    @cached_property
    def turn(self) -> Node | None:
        """The outermost span around it (or itself) that holds one turn of a talk."""
        return next((n for n in reversed((self, *self.above)) if n.reading.turn), None)

    @cached_property
    def keys(self) -> list[str]:
        """One key per input message: equal keys, the same message."""
        return [key(message) for message in self.reading.messages_in]

    @cached_property
    def links(self) -> list[str]:
        """One hash per input message, each over the history up to it."""
        return chain(self.keys)

    @property
    def order(self) -> tuple[int, int, str]:
        """By start (an unknown one last), then the longer one first (a parent before its child)."""
        return self.span.start_ns or MAX_TIME_NS, -self.span.end_ns, self.span.span_id


@dataclass(slots=True, eq=False)
class Trace:
    """One trace: its spans in order of start."""

    id: str
    nodes: list[Node]
    root: Node
    calls: list[Node] = field(default_factory=list)
    """The model calls, each counted once."""

    @property
    def bare(self) -> bool:
        """True where the model call is the root: one trace per call, nothing around it."""
        return self.root.reading.kind == "model"

    def first(self, pick: Callable[[Reading], str | None]) -> str | None:
        """Return what `pick` finds in the root, else in the first span that has it."""
        found = pick(self.root.reading)
        return found or next((f for node in self.nodes if (f := pick(node.reading))), None)


def traces_of(spans: Iterable[Span], read: Callable[[Span], Reading]) -> list[Trace]:
    """Return the traces of `spans`, ordered by the start of their roots."""
    groups: dict[str, dict[str, Node]] = {}
    for span in spans:
        reading = read(span)
        if not reading.phantom:
            groups.setdefault(span.trace_id, {})[span.span_id] = Node(span, reading)
    traces = [_trace(trace_id, nodes) for trace_id, nodes in groups.items()]
    return sorted(traces, key=lambda trace: (trace.root.span.start_ns, trace.id))


def user_words(messages: Sequence[WireMessage]) -> tuple[WireMessage, ...]:
    """Return the user messages at the end of a history: what the agent has yet to answer."""
    place = len(messages)
    while place and messages[place - 1].role == "user":
        place -= 1
    return tuple(messages[place:])


def _trace(trace_id: str, by_id: dict[str, Node]) -> Trace:
    for node in by_id.values():
        parent = by_id.get(node.span.parent_span_id or "")
        node.parent = parent if parent is not node else None
    nodes = sorted(by_id.values(), key=lambda node: node.order)
    tops = [node for node in nodes if node.parent is None] or nodes
    root = next((node for node in tops if node.span.parent_span_id is None), tops[0])
    calls = list(_counted(node for node in nodes if node.reading.kind == "model"))
    return Trace(id=trace_id, nodes=nodes, root=root, calls=calls)


def _counted(models: Iterable[Node]) -> Iterator[Node]:
    """Leave out model spans inside model spans: two libraries that watched the same call.

    The outer one counts, unless it holds no messages and the inner one does.
    """
    found = list(models)
    inside = {id(node): _outer(node) for node in found}
    replaced: set[int] = set()
    dropped: set[int] = set()
    for node in found:
        outer = inside[id(node)]
        if outer is None:
            continue
        if _says(outer) or not _says(node) or id(outer) in replaced:
            dropped.add(id(node))
        else:
            replaced.add(id(outer))
    return (node for node in found if id(node) not in dropped | replaced)


def _outer(node: Node) -> Node | None:
    for above in node.above:
        if above.reading.kind == "model":
            return above
        if above.reading.kind in ("tool", "agent"):
            return None
    return None


def _says(node: Node) -> bool:
    return bool(node.reading.messages_in or node.reading.messages_out)
