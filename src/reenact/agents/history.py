"""Whether an agent can be told a talk that it did not hold: turn mode and forks need that."""

from __future__ import annotations

from typing import Any

from reenact.agents.templates import names_in
from reenact.domain.agent import AgentTarget, HttpTarget


def why_no_history(target: AgentTarget) -> str | None:
    """Return why a recorded history cannot be told to `target`; None where it can."""
    if not target.stateless:
        return "keeps the talk on its side (stateless: false), so it cannot be told a recorded one"
    if isinstance(target, HttpTarget) and not _sends_messages(target.request):
        return "is sent no {{messages}} in its request, so it would never hear the recorded turns"
    return None


def _sends_messages(request: Any) -> bool:
    return request is None or not names_in(request).isdisjoint(("messages", "input"))
