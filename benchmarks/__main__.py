"""The command: `python -m benchmarks [replay|start|capture]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.capture import bench_capture
from benchmarks.replay import bench_replay
from benchmarks.start import bench_start


def main() -> int:
    """Measure what was asked for; exit 1 where a bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("what", nargs="?", choices=["replay", "start", "capture"])
    parser.add_argument("--rounds", type=int, default=3, help="rounds of replay and capture")
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--sessions", type=int, default=1000, help="of the capture load")
    parser.add_argument("--venvs", type=Path, default=Path(".venvs"), help="where peers are")
    given = parser.parse_args()
    held = []
    if given.what in (None, "start"):
        held.append(bench_start(rounds=given.rounds * 5))
    if given.what in (None, "capture"):
        held.append(bench_capture(sessions=given.sessions, rounds=given.rounds))
    if given.what in (None, "replay"):
        held.append(
            bench_replay(
                conversations=given.conversations,
                turns=given.turns,
                concurrency=given.concurrency,
                rounds=given.rounds,
                venvs=given.venvs.absolute(),
            )
        )
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
