"""What the shop's tools do when they run for real: they say so, and it is noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Answer = Callable[..., Any]
"""An agent as a replay knows it: `answer(messages, message)`, sync or async."""

RAN: list[tuple[str, dict[str, Any]]] = []
"""The calls of tools that ran for real."""


def ran(name: str, **arguments: Any) -> dict[str, Any]:
    RAN.append((name, arguments))
    return {"status": "real"}
