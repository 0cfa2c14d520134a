"""The command: `python -m benchmarks [replay|scale|start|capture|ingest|server]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.capture import bench_capture
from benchmarks.ingest.parts import PARTS, Plan, bench_ingest
from benchmarks.replay import bench_replay
from benchmarks.scale import bench_scale
from benchmarks.server.bench import bench_server
from benchmarks.start import bench_start


def main() -> int:
    """Measure what was asked for; exit 1 where a bound does not hold."""
    given = _parser().parse_args()
    if given.what == "ingest":
        return 0 if bench_ingest(_plan(given)) else 1
    if given.what == "scale":
        return 0 if bench_scale(huge=given.huge) else 1
    if given.what == "server":
        return 0 if bench_server(spans=given.million_spans, seconds=given.seconds) else 1
    held = []
    if given.what in (None, "start"):
        held.append(bench_start(rounds=given.rounds * 5))
    if given.what in (None, "capture"):
        held.append(bench_capture(sessions=given.sessions or 1000, rounds=given.rounds))
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "what", nargs="?", choices=["replay", "scale", "start", "capture", "ingest", "server"]
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of what is compared")
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--sessions", type=int, help="of the load: capture 1000, ingest 2000")
    parser.add_argument("--seconds", type=float, default=20, help="server: how long readers read")
    parser.add_argument("--venvs", type=Path, default=Path(".venvs"), help="where peers are")
    parser.add_argument("--huge", action="store_true", help="scale: 100,000 talks too")
    ingest = parser.add_argument_group("ingest")
    ingest.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts")
    ingest.add_argument("--million", action=argparse.BooleanOptionalAction, default=True)
    ingest.add_argument("--million-spans", type=int, default=1_000_000)
    ingest.add_argument("--kills", type=int, default=20)
    ingest.add_argument("--loads", type=int, default=5, help="loads of the memory part")
    return parser


def _plan(given: argparse.Namespace) -> Plan:
    return Plan(
        parts=[part for part in given.only if given.million or part != "million"],
        sessions=given.sessions or 2000,
        rounds=given.rounds,
        million=given.million_spans,
        kills=given.kills,
        loads=given.loads,
        venvs=given.venvs.absolute(),
    )


if __name__ == "__main__":
    sys.exit(main())
