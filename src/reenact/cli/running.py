"""`reenact run`: start a program with the hooks of agent frameworks in place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

from cyclopts import Parameter

from reenact.errors import UsageError
from reenact.tools import hooks

_SITE = Path(hooks.__file__).parent / "site"
_PYTHON = re.compile(r"python[\d.]*(\.exe)?")
_CUT_OFF = re.compile(r"-[A-Za-z]*[IES]")
_NEVER_FIRST = ("opentelemetry-instrument",)
_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


def run(*command: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Start a program whose agent's tools a replay can answer: reenact run -- python agent.py.

    The program takes the place of this command: its signals, output and exit code are its own.
    Outside a replay it runs as it would without.

    Args:
        command: The program and its arguments, after --: python agent.py, python -m agent,
            uvicorn app:app.
    """
    if not command:
        raise UsageError("there is nothing to run", next_step="reenact run -- python agent.py")
    program = shutil.which(command[0])
    if program is None:
        raise UsageError(
            "no such program", where=command[0], next_step="check the name; it is looked up in PATH"
        )
    check_command(command)
    return _become(program, command, environment(os.environ))


def check_command(command: Sequence[str]) -> None:
    """Refuse what would start a Python without the hooks.

    Raises:
        UsageError: naming the program or the flag that keeps them out.
    """
    if Path(command[0]).name in _NEVER_FIRST:
        raise UsageError(
            "it puts its own start-up file before the hooks",
            where=command[0],
            next_step=f"start it first: {command[0]} reenact run -- {' '.join(command[1:])}",
        )
    if not _PYTHON.fullmatch(Path(command[0]).name):
        return
    words = iter(command[1:])
    for word in words:
        if not word.startswith("-") or word in ("-m", "-c", "-"):
            return
        if _CUT_OFF.fullmatch(word):
            raise UsageError(
                "a Python that is started so reads no PYTHONPATH, where the hooks are",
                where=word,
                next_step=f"leave {word} out, or call reenact.instrument() in the program",
            )
        if word in _WITH_VALUE:
            next(words, None)


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which a Python starts with the hooks in place."""
    before = given.get("PYTHONPATH")
    path = os.pathsep.join([str(_SITE), before] if before else [str(_SITE)])
    # A program that takes our place has our process id.
    return {**given, "PYTHONPATH": path, "REENACT_RUN": str(os.getpid())}


def _become(program: str, command: Sequence[str], environ: Mapping[str, str]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # where exec leaves the caller without an exit code
        return subprocess.run(list(command), executable=program, env=environ).returncode  # noqa: S603
    return _exec(program, command, environ)


def _exec(program: str, command: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    os.execve(program, list(command), environ)  # noqa: S606 - it is what the user asked for
