"""A run in a process of its own, as the server starts it and `runs resume` does; report.

    python -m benchmarks.alone prepare HOME --agent TARGET --n 1000 --conc 64 --turns 6
    python -m benchmarks.alone run HOME

What a run takes is told apart from what making it takes: other processes do that.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from benchmarks.engine import write_talks
from benchmarks.workload import Meter, report

RUN = "run.id"
SINCE = "BENCH_SINCE"
"""When this process was started, in Unix seconds, as whoever started it says."""


def prepare(home: Path, given: argparse.Namespace) -> None:
    """Import talks and make a run of them."""
    from reenact.agents.targets import parse_target
    from reenact.capture.importing import import_paths
    from reenact.domain.run import RunOptions
    from reenact.runs.choosing import Selection
    from reenact.runs.replay import prepare as prepared
    from reenact.runs.workspace import Workspace

    home.mkdir(parents=True, exist_ok=True)
    write_talks(home / "talks.jsonl", conversations=given.n, turns=given.turns)
    with Workspace() as workspace:
        import_paths(
            [home / "talks.jsonl"], store=workspace.spans, project="bench", format="messages"
        )
        made = prepared(
            workspace,
            Selection(project="bench", select_all=True),
            target=parse_target(given.agent),
            options=RunOptions(concurrency=given.conc, turn_timeout_s=60),
        )
    (home / RUN).write_text(made.run.id)
    report()


def run(home: Path) -> None:
    """Run what is left of it; report, with the seconds from this process's start to the agent."""
    from reenact.runs.replay import reach
    from reenact.runs.running import execute
    from reenact.runs.workspace import Workspace

    first: list[float] = []
    with Workspace() as workspace:
        made = workspace.records.run((home / RUN).read_text())
        test = workspace.records.run_test(made.run_test_id)
        agent: Any = reach(test.target, test.options)
        asked = agent.reply

        async def reply(request: Any) -> Any:
            if not first:
                first.append(time.time() - float(os.environ[SINCE]))
            return await asked(request)

        agent.reply = reply
        with Meter() as meter:
            ended = execute(workspace, made, agent=agent)
        stands = workspace.control.progress(ended)
    if stands.completed != stands.calls:
        raise RuntimeError(f"{stands.completed} of {stands.calls} talks completed: {stands.reason}")
    report(wall=meter.wall_s, cpu_s=meter.cpu_s, first_call_s=first[0], talks=stands.calls)


def main() -> None:
    """Do one of the two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["prepare", "run"])
    parser.add_argument("home", type=Path)
    parser.add_argument("--agent")
    for name, usual in (("--n", 1000), ("--conc", 64), ("--turns", 6)):
        parser.add_argument(name, type=int, default=usual)
    given = parser.parse_args()
    os.environ["REENACT_HOME"] = str(given.home)
    if given.what == "prepare":
        prepare(given.home, given)
    else:
        run(given.home)


if __name__ == "__main__":
    main()
