"""`reenact demo`: the whole way on the shipped example."""

from __future__ import annotations

from pathlib import Path


def demo(folder: Path = Path("reenact-demo")) -> int:
    """See the whole way, from a capture to a test, on a shipped example; offline, in seconds.

    Exits 1 if a step did not show what it says.

    Args:
        folder: Where the demo keeps what it makes; made fresh each time.
    """
    from reenact.cli import console
    from reenact.demo.story import run_demo

    return run_demo(folder, out=console.data())
