"""A kept case: one recorded talk, what must hold when it is replayed, and how to replay it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from reenact.domain.expectation import Expectation
from reenact.domain.run import UserPolicy
from reenact.domain.scenario import DeclaredResult, Row
from reenact.domain.tool_rules import ToolRules

MAX_NAME = 80
MAX_REPEATS = 1000

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_-])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCase:
    """What a kept file says. The recording lies beside it and is named by its hash."""

    name: str
    """Fit for a file name: letters, digits, dots, dashes and underscores, at most `MAX_NAME`."""
    recording_hash: str
    description: str = ""
    turn: int | None = None
    """Replay only this turn, told the turns before it; None replays the whole talk."""
    agent: str | None = None
    """The agent as a command line names it; a command's own option goes before it."""
    user_policy: UserPolicy = "verbatim"
    repeats: int = 1
    declared: tuple[DeclaredResult, ...] = ()
    tool_rules: tuple[ToolRules, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    baseline: str | None = None
    """A note on what the recording and the fix did when the case was kept."""
    path: Path | None = field(default=None, compare=False, repr=False)
    """The file it was read from."""
    recording_file: str | None = field(default=None, compare=False, repr=False)
    """The recording's file name, as the kept file gives it."""


def row_of(case: KeptCase) -> Row:
    """Return the row that replays `case`; its id is the case's name."""
    return Row(
        id=case.name,
        recording_hash=case.recording_hash,
        turn=case.turn,
        declared=case.declared,
        tool_rules=case.tool_rules,
        expectations=case.expectations,
    )


def is_name(text: str) -> bool:
    """Tell whether `text` may name a case."""
    return _NAME.fullmatch(text) is not None


def name_for(text: str) -> str:
    """Return a case name made from any text: lower case, words joined by dashes."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
    return words or "case"
