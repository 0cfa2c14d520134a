"""What is known of a tool beyond its recorded calls: its effect, and which arguments matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from reenact.domain.conversation import Effect

NormaliserName = Literal["letter_case", "digits", "list_order", "key_style"]
"""`letter_case`: it does not matter. `digits`: only they matter (phone numbers). `list_order`:
it does not matter. `key_style`: `orderId` is `order_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRules:
    """What holds for the calls of one tool. Fields are dotted paths; lists are passed through."""

    tool: str
    effect: Effect | None = None
    """What the tool does; None where this says nothing about it."""
    key_fields: tuple[str, ...] | None = None
    """Calls that agree on these are the same call (rung 3). Empty: all calls of the tool are.
    None: nobody said so."""
    volatile: tuple[str, ...] = ()
    """Fields that never matter, such as a request id or the time of sending (rung 2)."""
    learnt: tuple[str, ...] = ()
    """Volatile fields that comparing recordings has shown."""
    normalise: Mapping[str, tuple[NormaliserName, ...]] = field(default_factory=dict)
    """How a field is normalised (rung 2); `*` stands for all arguments."""
    constant: bool = False
    """True where no write changes its results: a calculator, a list of airports."""


def merged(rules: Iterable[ToolRules]) -> dict[str, ToolRules]:
    """Return the rules by tool; of several for one tool the later goes first, lists add up."""
    found: dict[str, ToolRules] = {}
    for later in rules:
        before = found.get(later.tool)
        found[later.tool] = later if before is None else _both(before, later)
    return found


def effect_of_hints(annotations: Mapping[str, Any]) -> Effect:
    """Return the effect that MCP's `readOnlyHint` and `destructiveHint` state; absent is unknown.

    MCP has defaults for absent hints; they are no statement about this tool.
    """
    read_only, destructive = annotations.get("readOnlyHint"), annotations.get("destructiveHint")
    if destructive is True or read_only is False:
        return "write"
    return "read" if read_only is True else "unknown"


def _both(before: ToolRules, later: ToolRules) -> ToolRules:
    return replace(
        later,
        effect=later.effect or before.effect,
        key_fields=before.key_fields if later.key_fields is None else later.key_fields,
        volatile=tuple(dict.fromkeys((*before.volatile, *later.volatile))),
        learnt=tuple(dict.fromkeys((*before.learnt, *later.learnt))),
        normalise={**before.normalise, **later.normalise},
        constant=before.constant or later.constant,
    )
