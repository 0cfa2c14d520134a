"""Reenact's engine, measured in this process: a run of recorded talks, journal on.

Measured is the run, from its start until the last turn is durable. Importing the talks, making
the scenario and comparing are told apart (`prepare_s`, `compare_s`): they do not wait for the
agent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.workload import ANSWER, ANSWER_S, Meter, report, user_turns

MISSING = "the engine needs reenact.runs, reenact.store and the messages importer"


async def answer(messages: list[dict[str, Any]], message: str) -> str:
    """Be the agent in process: it answers after 50 ms."""
    await asyncio.sleep(ANSWER_S)
    return ANSWER


def write_talks(path: Path, *, conversations: int, turns: int) -> None:
    """Write the recorded talks as lines of OpenAI-style messages."""
    with path.open("w") as file:
        for number in range(conversations):
            messages = []
            for words in user_turns(number, turns):
                messages.append({"role": "user", "content": words})
                messages.append({"role": "assistant", "content": ANSWER})
            file.write(json.dumps({"session_id": f"s-{number:05}", "messages": messages}) + "\n")


def measure(home: Path, *, agent: str, conversations: int, turns: int, concurrency: int) -> None:
    """Import, prepare, run and look at the run; report."""
    from reenact.agents.targets import parse_target
    from reenact.capture.importing import import_paths
    from reenact.domain.run import RunOptions
    from reenact.runs.choosing import Selection
    from reenact.runs.replay import prepare, reach
    from reenact.runs.running import execute
    from reenact.runs.views import run_view
    from reenact.runs.workspace import Workspace
    from reenact.settings import read_settings

    write_talks(home / "talks.jsonl", conversations=conversations, turns=turns)
    options = RunOptions(concurrency=concurrency, turn_timeout_s=60)
    target = parse_target(agent)
    with Workspace(read_settings()) as workspace:
        with Meter() as prepared:
            import_paths(
                [home / "talks.jsonl"], store=workspace.spans, project="bench", format="messages"
            )
            chosen = Selection(project="bench", select_all=True)
            made = prepare(workspace, chosen, target=target, options=options)
        reached = reach(target, options)
        with Meter() as meter:
            run = execute(workspace, made.run, agent=reached)
        with Meter() as compared:
            view = run_view(workspace, run)
        kept = sum(len(list(turns)) for turns in _kept_turns(workspace, run.id))
    if (view.summary.completed, kept) != (conversations, conversations * turns):
        raise RuntimeError(f"{view.summary.completed} conversations and {kept} turns were kept")
    report(
        wall=meter.wall_s,
        cpu_ms_turn=meter.cpu_s / conversations / turns * 1000,
        prepare_s=round(prepared.wall_s, 3),
        compare_s=round(compared.wall_s, 3),
    )


def _kept_turns(workspace: Any, run_id: str) -> Any:
    """Yield the turns that the journal holds of each call execution."""
    for call in workspace.records.calls(run_id):
        yield workspace.journal.turns(call.id, call.attempt)


def main() -> None:
    """Measure in a home of its own and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--agent", required=True)
    for name in ("--n", "--conc", "--turns"):
        parser.add_argument(name, type=int, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reenact-bench-") as folder:
        os.environ["REENACT_HOME"] = folder
        try:
            measure(
                Path(folder),
                agent=given.agent,
                conversations=given.n,
                turns=given.turns,
                concurrency=given.conc,
            )
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("reenact"):
                raise
            report(not_there_yet=f"{MISSING}; {error.name} is missing")


if __name__ == "__main__":
    main()
