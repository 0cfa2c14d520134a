"""What a program said about its tools, where the hooks cannot know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reenact.domain.conversation import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a program told `reenact.instrument`."""

    later: frozenset[str] = frozenset()
    """Tools that are built after the check before a replay, and then intercepted."""
    steering: frozenset[str] = frozenset()
    """Tools that only steer the agent: they run, and are noted."""
    effects: Mapping[str, Effect] = field(default_factory=dict)


_SAID = [Said()]


def said() -> Said:
    """Return what was said so far."""
    return _SAID[0]


def say(*, later: frozenset[str], steering: frozenset[str], effects: Mapping[str, Effect]) -> None:
    """Add to what was said."""
    before = _SAID[0]
    _SAID[0] = replace(
        before,
        later=before.later | later,
        steering=before.steering | steering,
        effects={**before.effects, **effects},
    )
