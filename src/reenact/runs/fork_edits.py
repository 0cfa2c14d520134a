"""The edits of a fork, from what a person writes to what they change in a talk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.fork import Edit, ForkPoint, SystemEdit, ToolResultEdit, UserEdit
from reenact.domain.turn import turns_of
from reenact.errors import UsageError
from reenact.scenario.forking import agent_calls

_NAMED = re.compile(r"(\d+)\.(\d+)")
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """What shall be other. Calls are named by id, by `TURN.NUMBER`, or by the tool's name."""

    user: str | None = None
    system: str | None = None
    results: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def fork_point(
    conversation: Conversation, *, turn: int, edits: Edits, inherited: ForkPoint | None = None
) -> ForkPoint:
    """Return the point at which `conversation` is left, with its edits.

    The system prompt of a parent, `inherited`, is told on unless there is another one.

    Raises:
        UsageError: for a turn that the talk does not have, or a call that is not in it.
    """
    last = max((one.index for one in turns_of(conversation)), default=0)
    if not 1 <= turn <= last + 1 or (turn == last + 1 and not edits.user):
        more = f"; with --user also {last + 1}, which goes on behind the last turn"
        raise UsageError(
            f"the talk has no turn {turn}",
            where="--at",
            next_step=f"choose one of 1 to {last}{more}" if last else "the talk has no turns",
        )
    if edits.user is not None and not edits.user.strip():
        raise UsageError("the user says nothing", where="--user", next_step="give some words")
    both = sorted(edits.results.keys() & edits.errors.keys())
    if both:
        raise UsageError(f"a result and an error for one call: {both[0]}", where="--tool-error")
    return ForkPoint(turn=turn, edits=tuple(_edits(conversation, turn, edits, inherited)))


def edit_text(edit: Edit) -> str:
    """Return an edit in a few words."""
    if isinstance(edit, UserEdit):
        return f"user says {edit.text!r}"
    if isinstance(edit, SystemEdit):
        return f"system prompt of {len(edit.text):,} characters"
    what = f"fails: {edit.error}" if edit.error is not None else f"gives {edit.result!r}"
    return f"{edit.tool} on turn {edit.turn} {what}"


def _edits(
    conversation: Conversation, turn: int, edits: Edits, inherited: ForkPoint | None
) -> list[Edit]:
    found: list[Edit] = []
    kept = inherited.system if inherited else None
    system = edits.system if edits.system is not None else kept
    if system is not None:
        found.append(SystemEdit(text=system))
    if edits.user is not None:
        found.append(UserEdit(text=edits.user))
    for name, result in edits.results.items():
        place, call, on = _call(conversation, name, turn)
        found.append(ToolResultEdit(place=place, tool=call.name, turn=on, result=result))
    for name, error in edits.errors.items():
        place, call, on = _call(conversation, name, turn)
        found.append(ToolResultEdit(place=place, tool=call.name, turn=on, error=error))
    return found


def _call(conversation: Conversation, name: str, turn: int) -> tuple[int, ToolCall, int]:
    """Return the place, the call and the turn of the call that `name` names."""
    calls = agent_calls(conversation)
    turns = [t.index for t in turns_of(conversation) for i in t.items if _is_agents(i)]
    numbered = _NAMED.fullmatch(name)
    if numbered:
        on = [place for place, index in enumerate(turns) if index == int(numbered[1])]
        number = int(numbered[2])
        chosen = on[number - 1 : number] if number else []
    else:
        chosen = [place for place, call in enumerate(calls) if call.id == name]
        chosen = chosen or [p for p, c in enumerate(calls) if c.name == name and turns[p] == turn]
        chosen = chosen or [place for place, call in enumerate(calls) if call.name == name]
    if len(chosen) != 1:
        raise _no_call(name, calls, turns, several=bool(chosen))
    return chosen[0], calls[chosen[0]], turns[chosen[0]]


def _is_agents(item: object) -> bool:
    return isinstance(item, ToolCall) and item.requestor == "agent"


def _no_call(
    name: str, calls: Sequence[ToolCall], turns: Sequence[int], *, several: bool
) -> UsageError:
    names, seen = [], dict.fromkeys(turns, 0)
    for call, turn in zip(calls, turns, strict=True):
        seen[turn] += 1
        names.append(f"{turn}.{seen[turn]} {call.name}")
    shown = ", ".join(names[:_SHOWN]) + (
        f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    )
    what = "several calls are named" if several else "no tool call of the talk is named"
    return UsageError(
        f"{what} {name}",
        where="--tool-result",
        next_step=f"name one by turn and number: {shown}" if names else "the talk has no calls",
    )
