"""Rung 5: the entity store. A thing that another recorded result shows answers a look-up of it.

A tool *looks up* things where each of its recorded calls has one argument and gave an object
that holds that very value, under the same key or as its `id`. A *view* of a thing is an object
in any recorded result with that value under that key, and of exactly the shape that the tool's
own results have. Views are taken from sources that are known to show the tool's things:

- the tool itself;
- a write that was given the same argument and gave the object as its result;
- any place of another tool's results that agrees with the tool on a thing that both show, and
  contradicts it on none.

A view is true where the writes that were recorded up to it and may have changed the thing are
the writes that were served, in that order. So what a served write gave changes later reads.
Where the views that are true do not agree, nothing is certain and nothing is served.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reenact.codec import canonical
from reenact.domain.conversation import Provenance, ToolCall
from reenact.matching.fields import MAX_DEPTH, folded, leaves
from reenact.matching.identifiers import name_of
from reenact.matching.normal_form import normal_form
from reenact.matching.shapes import Schema, fits, schema_of
from reenact.tools.calls import RecordedCall
from reenact.tools.changes import Act, Changes
from reenact.tools.rulebook import Rulebook

ENTITY_RUNG = 5
_LEAST_KEYS = 2
"""An object that holds nothing but its id says nothing."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """How a tool looks things up: its one argument, the key of the result, the result's shape."""

    tool: str
    argument: str
    key: str
    shape: Schema


@dataclass(frozen=True, slots=True)
class View:
    """A thing as one result shows it; `path` is where in the result, lists passed through."""

    thing: Mapping[str, Any]
    act: Act
    path: str

    @property
    def source(self) -> tuple[str, str]:
        """The tool and the place in its results."""
        return (self.act.call.name, self.path)


@dataclass(frozen=True, slots=True)
class Seen:
    """What answers a look-up, who gave it, and the place of the call whose result showed it."""

    thing: Mapping[str, Any]
    place: int | None
    provenance: Provenance


@dataclass(slots=True)
class Entities:
    """Finds what a look-up would give in the results of other calls."""

    recorded: Sequence[RecordedCall]
    rules: Rulebook
    changes: Changes
    _look_ups: dict[str, LookUp | None] = field(default_factory=dict)

    def find(self, name: str, arguments: Any) -> Seen | None:
        """Return what `name(arguments)` looks up, where that is certain; reads only."""
        look_up = self.look_up(name)
        wanted = _only_argument(self.rules.normalise(name, arguments))
        if look_up is None or wanted is None or wanted[0] != look_up.argument:
            return None
        value = wanted[1]
        if name_of(value) is None:
            return None
        true = [
            view
            for view in self._views(look_up)
            if _same(view.thing[look_up.key], value)
            and self._is_true(view, look_up, value)
            and self._is_trusted(view, look_up, value)
        ]
        if len({canonical(view.thing) for view in true}) != 1:
            return None
        last = true[-1]
        known: Provenance = "recorded" if last.act.place is not None else "declared"
        return Seen(last.thing, last.act.place, last.act.call.provenance or known)

    def look_up(self, name: str) -> LookUp | None:
        """Return how the tool looks things up; None where it does not, or does not only read."""
        if name not in self._look_ups:
            reads = self.rules.effect(name) == "read"
            self._look_ups[name] = self._learnt(name) if reads else None
        return self._look_ups[name]

    def is_about(self, name: str, arguments: Any, result: Any) -> bool:
        """Tell whether `result` may be what `name(arguments)` looks up: not another thing."""
        look_up, wanted = self.look_up(name), _only_argument(arguments)
        if look_up is None or wanted is None:
            return True
        return isinstance(result, Mapping) and _same(result.get(look_up.key), wanted[1])

    def _learnt(self, name: str) -> LookUp | None:
        calls = [
            one.call
            for one in self.recorded
            if one.call.name == name and one.servable and one.call.error is None
        ]
        keys: set[tuple[str, str] | None] = set()
        for call in calls:
            asked = _only_argument(self.rules.normalise(name, call.arguments))
            keys.add(_echo(asked, call.result) if asked else None)
        found = keys.pop() if len(keys) == 1 else None
        if found is None:
            return None
        return LookUp(name, *found, shape=schema_of([call.result for call in calls]))

    def _views(self, look_up: LookUp) -> Iterator[View]:
        acts = [self.changes.act(one) for one in self.recorded if one.servable]
        others = [act for act in self.changes.served if act.place is None]
        for act in (*acts, *others):
            for path, thing in _objects(act.call.result, "", 0):
                if look_up.key in thing and fits(thing, look_up.shape):
                    yield View(thing, act, path)

    def _is_trusted(self, view: View, look_up: LookUp, value: Any) -> bool:
        if view.source == (look_up.tool, ""):
            return True
        if view.act.effect == "write" and not view.path and folded(look_up.argument) != "id":
            given = dict(leaves(view.act.call.arguments))
            if _same(given.get(look_up.argument), value):
                return True
        return self._is_corroborated(view.source, look_up)

    def _is_corroborated(self, source: tuple[str, str], look_up: LookUp) -> bool:
        """Tell whether a source and the tool agree on a thing, and contradict on none."""
        views = list(self._views(look_up))
        own = [view for view in views if view.source == (look_up.tool, "")]
        agreed = False
        for view in (view for view in views if view.source == source):
            for one in own:
                if not _same(one.thing[look_up.key], view.thing[look_up.key]):
                    continue
                if canonical(one.thing) == canonical(view.thing):
                    agreed = True
                elif not self._wrote_between(one, view, look_up):
                    return False
        return agreed

    def _wrote_between(self, one: View, other: View, look_up: LookUp) -> bool:
        if one.act.place is None or other.act.place is None:
            return True
        first, last = sorted((one.act.place, other.act.place))
        read = _reading(look_up, one.thing[look_up.key], one.thing)
        between = self.recorded[first + 1 : last + 1]
        return any(self.changes.may_write(self.changes.act(call), read) for call in between)

    def _is_true(self, view: View, look_up: LookUp, value: Any) -> bool:
        """Tell whether the writes behind a view are those served, in the order of serving."""
        read = _reading(look_up, value, view.thing)
        served = [act for act in self.changes.served if self.changes.may_write(act, read)]
        if view.act.place is None:
            return bool(served) and served[-1] is view.act
        behind = [
            act
            for one in self.recorded[: view.act.place + 1]
            if self.changes.may_write(act := self.changes.act(one), read)
        ]
        return [act.place for act in served] == [act.place for act in behind]


def _reading(look_up: LookUp, value: Any, thing: Mapping[str, Any]) -> Act:
    """Return the look-up as a call that gave `thing`."""
    call = ToolCall(name=look_up.tool, arguments={look_up.key: value}, result=thing)
    return Act(call, "read")


def _only_argument(arguments: Any) -> tuple[str, Any] | None:
    """Return the path and value of the one argument that is not null; None for none or more."""
    if not isinstance(arguments, Mapping):
        return None
    given = [(path, value) for path, value in leaves(arguments) if value is not None]
    return given[0] if len(given) == 1 else None


def _echo(asked: tuple[str, Any], result: Any) -> tuple[str, str] | None:
    """Return the argument and the key under which a result holds the value that was asked for."""
    argument, value = asked
    if not isinstance(result, Mapping) or len(result) < _LEAST_KEYS or name_of(value) is None:
        return None
    for key in result:
        alike = folded(str(key)) in (folded(argument), "id")
        if alike and _same(result[key], value):
            return (argument, str(key))
    return None


def _same(one: Any, other: Any) -> bool:
    return one is not None and canonical(normal_form(one)) == canonical(normal_form(other))


def _objects(data: Any, path: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if depth >= MAX_DEPTH:
        return
    if isinstance(data, Mapping):
        yield path, data
        for key, value in data.items():
            yield from _objects(value, f"{path}.{key}", depth + 1)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _objects(value, f"{path}.*", depth + 1)
