"""Production replay testing for AI agents.

    import reenact

    @reenact.tool                      # does nothing outside a replay
    def check_status(order_id): ...

    run = reenact.replay(answer, project="shop", sessions="sess-tue-4711")

Names are imported when they are first used, so that `import reenact` stays cheap inside an
agent that only decorates its tools.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from reenact.agents.port import AgentReply, RequestedTool
    from reenact.domain.selection import Filter
    from reenact.errors import ReenactError
    from reenact.runs.fork import fork
    from reenact.runs.replay import replay
    from reenact.tools.hooks.frameworks import instrument
    from reenact.tools.interceptor import ToolFailed, ToolRefused, tool
    from reenact.tools.served.told import mcp_url

__all__ = [
    "AgentReply",
    "Filter",
    "ReenactError",
    "RequestedTool",
    "ToolFailed",
    "ToolRefused",
    "__version__",
    "fork",
    "instrument",
    "mcp_url",
    "replay",
    "tool",
]

_HOMES = {
    "AgentReply": "reenact.agents.port",
    "Filter": "reenact.domain.selection",
    "ReenactError": "reenact.errors",
    "RequestedTool": "reenact.agents.port",
    "ToolFailed": "reenact.tools.interceptor",
    "ToolRefused": "reenact.tools.interceptor",
    "fork": "reenact.runs.fork",
    "instrument": "reenact.tools.hooks.frameworks",
    "mcp_url": "reenact.tools.served.told",
    "replay": "reenact.replay",  # a package that can be called
    "tool": "reenact.tools.interceptor",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'reenact' has no attribute {name!r}")
    module = importlib.import_module(home)
    found = module if name == "replay" else getattr(module, name)
    globals()[name] = found
    return found
