"""What a miss says: the nearest recorded call, why it does not answer, and what to declare."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

from reenact.domain.comparison import ArgumentChange
from reenact.domain.conversation import ToolCall
from reenact.matching.arguments import argument_changes, nearest, renamed
from reenact.tools.calls import RecordedCall
from reenact.tools.changes import Act, Changes

_SHOWN = 300
_DIFFERENCES = 3
_ODD = re.compile(r"[^A-Za-z0-9_.-]")


def miss_report(
    name: str,
    arguments: Any,
    recorded: Sequence[RecordedCall],
    *,
    used: Collection[int],
    changes: Changes | None = None,
) -> str:
    """Say why nothing recorded answers `name(arguments)`: the nearest call and what differs."""
    same_tool = [r for r in recorded if r.call.name == name]
    found = nearest(ToolCall(name=name, arguments=arguments), [r.call for r in same_tool])
    if found is None:
        names = sorted({r.call.name for r in recorded})
        return f"the recording holds no call of {name}; it holds {', '.join(names) or 'none'}"
    near = same_tool[found.index]
    if not found.changes:
        return _why_not(near, [r for r in same_tool if _same(r, near)], changes)
    where = f"the nearest recorded call is {_shown(near.call)} on turn {near.turn}"
    served = " (served already)" if near.place in used else ""
    differ = "; ".join(_differences(found.changes)[:_DIFFERENCES])
    return f"{where}{served}; what differs: {differ}"


def lines_to_declare(name: str, arguments: Any) -> str:
    """Return the lines to paste under `declared:` of a scenario file, as YAML."""
    return (
        f"- tool: {json.dumps(name, ensure_ascii=False) if _ODD.search(name) else name}\n"
        f"  arguments: {json.dumps(arguments, ensure_ascii=False, default=str)}\n"
        "  result: {}  # what the tool would have answered"
    )


def _why_not(near: RecordedCall, same: Sequence[RecordedCall], changes: Changes | None) -> str:
    """Say why calls of the very arguments that were asked do not answer."""
    where = f"the nearest recorded call is {_shown(near.call)} on turn {near.turn}"
    if not near.call.answered:
        return f"{where}, but its result is not in the capture"
    if near.call.truncated:
        return f"{where}, but the capture holds its result cut short or not at all"
    if near.effect == "write" and len(same) == 1:
        stale = changes.stale(near) if changes else None
        if stale is None:
            return f"{where}, which writes and was served already"
    acts = (changes.stale(one) for one in same) if changes else iter(())
    act = next((act for act in acts if act is not None), None)
    if act is not None:
        return f"{where}, recorded before {_shown(act.call)}, which {_may(act)} and was served"
    if near.effect == "write":
        return f"{where}, which writes and was served already"
    return f"{where}; its answer was served already, and a write since then may have changed it"


def _may(act: Act) -> str:
    if act.effect == "unknown":
        return "shows it changed"
    return "may have changed it (say constant: true for a tool whose results no write changes)"


def _same(one: RecordedCall, other: RecordedCall) -> bool:
    return not argument_changes(one.call.arguments, other.call.arguments)


def _differences(changes: Sequence[ArgumentChange]) -> list[str]:
    """Return what differs in words; a value that only moved to another key once."""
    moved = renamed(changes)
    return [
        f"{change.path}: asked as {moved[change.path]}"
        if change.path in moved
        else _difference(change)
        for change in changes
        if not (change.op == "added" and change.path in moved.values())
    ]


def _difference(change: ArgumentChange) -> str:
    if change.op == "added":
        return f"{change.path}: not recorded, asked {_brief(change.replay)}"
    if change.op == "removed":
        return f"{change.path}: recorded {_brief(change.baseline)}, not asked"
    return f"{change.path}: recorded {_brief(change.baseline)}, asked {_brief(change.replay)}"


def _shown(call: ToolCall) -> str:
    if not isinstance(call.arguments, dict):
        return f"{call.name}({_brief(call.arguments)})"
    inner = ", ".join(f"{key}={_brief(value)}" for key, value in call.arguments.items())
    return f"{call.name}({inner[:_SHOWN]})"


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
