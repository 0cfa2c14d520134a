"""Tool calls, merged from the three places that tell of them.

What the model asked for (order, ids, arguments), the spans of the tools (times, results,
errors), and the results that the next model call was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from reenact.capture.assembly.loops import Loop, is_silent, loops_told
from reenact.capture.assembly.trees import Node
from reenact.capture.assembly.turns import Draft
from reenact.capture.reading import Reading, WireCall, WireResult
from reenact.capture.wire.json_text import looks_cut, parsed
from reenact.codec import canonical

_ERROR_TEXT = re.compile(r"\s*(?:[A-Za-z_][\w.]*)?(?:Error|Exception)\s*[:(]")
"""How tools' failures read where nothing but their text is on the wire: "Error: ...",
"ValueError(...)". A result that is JSON is never an error by its looks."""


@dataclass(slots=True, eq=False)
class Asked:
    """A tool call that a model asked for, and what was found of its fate."""

    wire: WireCall
    by: Node | None
    """The model call that asked; None where only a later history tells of it."""
    before: Node | None = None
    """Without `by`: the call whose history tells of it."""
    group: int | None = None
    told: WireResult | None = None
    """The result as the next model call was given it."""
    ran: Node | None = None
    """The tool's own span."""

    @property
    def error(self) -> str | None:
        """Why it failed, None where it did not."""
        if self.ran is not None and self.ran.reading.error:
            return self.ran.reading.error
        ran_well = self.ran is not None and self.ran.reading.tool_answered
        return None if ran_well or self.told is None else error_in(self.told)


def error_in(result: WireResult) -> str | None:
    """Return the error that a result on the wire stands for, None where it is a result."""
    content = result.content
    if result.failed:
        return content if isinstance(content, str) else canonical(content)
    if isinstance(content, str) and _ERROR_TEXT.match(content):
        return content
    return None


class ToolBook:
    """All asked calls of a conversation, filled turn by turn."""

    def __init__(self) -> None:
        self.asked: dict[int, list[Asked]] = {}
        """By the identity of the turn they belong to."""
        self._groups = 0

    def fill(self, turns: Sequence[Draft]) -> None:
        """Note what every model call of `turns` asked, its results and its tools' spans."""
        last: list[Asked] = []
        former: Node | None = None
        for draft in turns:
            mine = self.asked.setdefault(id(draft), [])
            mine.extend(self._prior(draft))
            for call in draft.calls:
                if not (draft.prior and call is draft.calls[0]):
                    pool = last if call is draft.calls[0] else mine
                    silent = former if former and is_silent(former) else None
                    for loop in loops_told(call, former):
                        self._hear(loop, pool, mine, silent, call)
                mine.extend(self._asks(call))
                former = call
            last = mine
        for place, draft in enumerate(turns):
            left = self._match(draft.loose, self.asked[id(draft)])
            for earlier in turns[:place]:
                left = self._match_ids(left, self.asked[id(earlier)])
            draft.loose = left

    def _prior(self, draft: Draft) -> list[Asked]:
        """Note the calls of a turn that began before its first captured model call."""
        found: list[Asked] = []
        for message in draft.prior:
            if message.calls:
                found.extend(self._group(message.calls, by=None, before=draft.calls[0]))
            for result in message.results:
                _give(result, [asked for asked in found if asked.told is None])
        return found

    def _asks(self, call: Node) -> list[Asked]:
        wires = [wire for message in call.reading.messages_out for wire in message.calls]
        return self._group(wires, by=call)

    def _group(
        self, wires: Sequence[WireCall], *, by: Node | None, before: Node | None = None
    ) -> list[Asked]:
        group = None
        if len(wires) > 1:
            self._groups += 1
            group = self._groups
        return [Asked(wire=wire, by=by, before=before, group=group) for wire in wires]

    def _hear(
        self,
        loop: Loop,
        pool: list[Asked],
        mine: list[Asked],
        silent: Node | None,
        call: Node,
    ) -> None:
        """Take requests and results out of a call's input: `pool` may have asked them.

        Requests that no call made visibly are those of a silent call (streamed, without
        output on its span), or of a call whose span never came.
        """
        open_ones = [asked for asked in pool if asked.told is None]
        heard: list[Asked] = []
        for wire in loop.calls:
            found = next((asked for asked in open_ones if same_call(asked.wire, wire)), None)
            if found is not None:
                open_ones.remove(found)
                # Some libraries leave the ids of a streamed answer's calls out.
                found.wire = structs.replace(found.wire, id=found.wire.id or wire.id)
                heard.append(found)
        if not heard and not any(same_call(asked.wire, w) for asked in pool for w in loop.calls):
            heard = self._group(loop.calls, by=silent, before=call)
            (pool if silent is not None else mine).extend(heard)
        for result in loop.results:
            if not _give(result, [asked for asked in heard if asked.told is None]):
                self._give_late(result)

    def _give_late(self, result: WireResult) -> None:
        """Give a result to the call of any turn that waits for it; only an id is sure enough."""
        asked = (asked for mine in self.asked.values() for asked in mine)
        for one in asked:
            if one.told is None and result.id is not None and one.wire.id == result.id:
                one.told = result
                return

    def _match(self, nodes: Sequence[Node], asked: Sequence[Asked]) -> list[Node]:
        """Give tool spans to the calls they ran for, surest first; return those left over."""
        left = [node for node in nodes if node.reading.kind == "tool"]
        others = [node for node in nodes if node.reading.kind != "tool"]
        for fits in (_same_id, _same_arguments, _dispatched, _same_name):
            left = _matched(left, asked, fits)
        taken = {id(a.ran): a.wire.name for a in asked if a.ran is not None}
        return others + [node for node in left if not _repeats(node, taken)]

    def _match_ids(self, nodes: Sequence[Node], asked: Sequence[Asked]) -> list[Node]:
        """Give spans to calls of an earlier turn; only an id is sure enough for that."""
        return _matched(nodes, asked, _same_id)


def same_call(a: WireCall, b: WireCall) -> bool:
    """Tell whether two messages speak of the same call: by id, else by name and arguments."""
    if a.id and b.id:
        return a.id == b.id
    return a.name == b.name and canonical(a.arguments) == canonical(b.arguments) and a.raw == b.raw


def is_cut(asked: Asked | None, reading: Reading | None) -> bool:
    """Tell whether a result is known to be incomplete: cut short, or nowhere on the wire."""
    if reading is not None and (reading.truncated or reading.tool_answered):
        return bool(reading.truncated) or looks_cut(reading.tool_result)
    if asked is not None and asked.told is not None:
        return looks_cut(asked.told.content)
    return True


def _give(result: WireResult, waiting: Sequence[Asked]) -> bool:
    """Give a result to the call with its id, else to the first of its name, else the first."""
    named = [asked for asked in waiting if result.id and asked.wire.id == result.id]
    if not named:
        nameless = [asked for asked in waiting if not (result.id and asked.wire.id)]
        named = [asked for asked in nameless if asked.wire.name == result.name] or nameless
    if named:
        named[0].told = result
    return bool(named)


def _matched(
    nodes: Sequence[Node], asked: Sequence[Asked], fits: Callable[[WireCall, Reading], bool]
) -> list[Node]:
    """Give each span to the first open call that fits; return the spans that fit none."""
    left: list[Node] = []
    for node in nodes:
        found = next((a for a in asked if a.ran is None and fits(a.wire, node.reading)), None)
        if found is None:
            left.append(node)
        else:
            found.ran = node
    return left


def _same_id(wire: WireCall, reading: Reading) -> bool:
    return wire.id is not None and wire.id == reading.tool_call_id


def _same_name(wire: WireCall, reading: Reading) -> bool:
    ids_differ = bool(wire.id and reading.tool_call_id and wire.id != reading.tool_call_id)
    return wire.name == reading.tool_name and not ids_differ


def _same_arguments(wire: WireCall, reading: Reading) -> bool:
    return _same_name(wire, reading) and any(
        canonical(found) == canonical(wire.arguments) for found in _arguments(wire, reading)
    )


def _arguments(wire: WireCall, reading: Reading) -> list[Any]:
    """Return the arguments that a tool's span may mean, in the model call's shape.

    A decorated function wraps them in its parameter's name, or logs positional values without
    names; a single argument may be bare.
    """
    found: list[Any] = [reading.tool_arguments]
    if isinstance(reading.tool_arguments, dict) and len(reading.tool_arguments) == 1:
        found.extend(reading.tool_arguments.values())
    raw = reading.tool_arguments_raw
    if raw is None or not isinstance(wire.arguments, dict):
        return found
    names = list(wire.arguments)
    data = parsed(raw, raw)
    if isinstance(data, dict) and isinstance(data.get("args"), list):
        named = data.get("kwargs")
        named = named if isinstance(named, dict) else {}
        if len(data["args"]) <= len(names):
            found.append(dict(zip(names, data["args"], strict=False)) | named)
    elif len(names) == 1:
        found.extend(({names[0]: data}, {names[0]: raw}))
    return found


def _dispatched(wire: WireCall, reading: Reading) -> bool:
    """Tell whether the span of a dispatcher holds this call's name and arguments."""
    given = reading.tool_arguments
    if not isinstance(given, dict) or wire.name not in given.values():
        return False
    wanted = canonical(wire.arguments)
    return any(canonical(parsed(value, value)) == wanted for value in given.values())


def _repeats(node: Node, taken: dict[int, str]) -> bool:
    """Tell whether a span lies inside the span of the same tool: two libraries, one call."""
    return any(taken.get(id(above)) == node.reading.tool_name for above in node.above)
