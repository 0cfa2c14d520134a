"""A recording: a conversation frozen under the hash of its content."""

from __future__ import annotations

from dataclasses import dataclass

from reenact.domain.conversation import Conversation
from reenact.domain.fidelity import Fidelity


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a replay reads: the conversation as it was captured, and how complete it is."""

    hash: str
    """`sha256:` and the hex digest of the canonical JSON of conversation and fidelity."""
    conversation: Conversation
    fidelity: Fidelity
