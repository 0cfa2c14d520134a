"""The engine: one conversation loop over an agent, its tools and a user.

The package can be called: `reenact.replay(...)` goes the whole way, from a selection to a run
that is compared and judged (`reenact.runs.replay.replay`). The room and the product's verb
have one name, and an import of the room must not hide the verb.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class _CallableRoom(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Replay recorded conversations; see `reenact.runs.replay.replay`."""
        return importlib.import_module("reenact.runs.replay").replay(*args, **kwargs)


sys.modules[__name__].__class__ = _CallableRoom
