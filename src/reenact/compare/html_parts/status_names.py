"""The statuses of turns in words."""

from __future__ import annotations

from reenact.domain.comparison import TurnStatus

STATUS_NAMES: dict[TurnStatus, str] = {
    "error": "error",
    "missing": "missing",
    "extra": "extra",
    "tools_changed": "tools changed",
    "arguments_changed": "arguments changed",
    "text_changed": "text changed",
    "same": "same",
}
