"""Asks an agent, in a process of its own, which tools it would run for real.

    python -m reenact.runs.preflight < question.json

The tools that a Python agent decorates are known once its code is imported, and a server imports
no agent. The question holds target, options and tools; the answer is a line of JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reenact import codec
from reenact.domain.agent import AgentTarget
from reenact.domain.conversation import Effect
from reenact.domain.run import RunOptions
from reenact.errors import ReenactError
from reenact.replay.preflight import unguarded_tools
from reenact.runs.environment import environment_of
from reenact.runs.replay import reach
from reenact.settings import Settings
from reenact.tools.hooks.frameworks import known_effects

_LONGEST_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An agent, and the tools that the recordings call."""

    target: AgentTarget
    options: RunOptions
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The tools that no one guards; or why the agent could not be reached."""

    unguarded: tuple[str, ...] = ()
    effects: Mapping[str, Effect] = field(default_factory=dict)
    """What the agent's code says that its tools do."""
    problem: str | None = None


def ask(question: Question, *, settings: Settings, folder: Path | None) -> Answer:
    """Return what another process finds out; agents are imported from `folder`."""
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "reenact.runs.preflight"],
            input=codec.to_json(question),
            capture_output=True,
            cwd=folder,
            env=environment_of(settings, os.environ),
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(problem=f"importing the agent took longer than {_LONGEST_S:g} s")
    if asked.returncode != 0:
        last = asked.stderr.decode(errors="replace").strip().splitlines()[-1:] or [
            "it said nothing"
        ]
        return Answer(problem=f"exit code {asked.returncode}: {last[0][:500]}")
    return codec.from_json(Answer, asked.stdout, where="the answer of the preflight")


def answer(question: Question) -> Answer:
    """Reach the agent here, and return which tools no one guards."""
    try:
        agent = reach(question.target, question.options)
    except ReenactError as error:
        return Answer(problem=error.render())
    return Answer(
        unguarded=unguarded_tools(question.tools, agent=agent), effects=dict(known_effects())
    )


def main() -> None:
    """Read the question from stdin, write the answer to stdout; prints of the agent go aside."""
    question = codec.from_json(Question, sys.stdin.buffer.read(), where="stdin")
    to = os.dup(1)
    os.dup2(2, 1)
    os.write(to, codec.to_json(answer(question)))


if __name__ == "__main__":
    main()
