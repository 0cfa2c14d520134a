"""The stage of the demo: its folder, and the claims that each step of the story must meet."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from reenact.demo import shop
from reenact.domain.comparison import TurnStatus
from reenact.domain.run_view import CallView
from reenact.errors import UsageError
from reenact.settings import Settings

MARKER = ".made-by-reenact-demo"


class StoryBroken(Exception):
    """Raised when a step did not show what the story says."""


def calls_on(call: CallView, turn: int) -> list[str]:
    """Return the names of the tools that were called on `turn` of the replay."""
    found = next((t for t in call.turns if t.index == turn), None)
    return [tool.name for tool in found.tool_calls] if found else []


def claim_statuses(call: CallView, expected: Sequence[TurnStatus]) -> None:
    """Break off unless the turns compare as `expected`."""
    found = [turn.status for turn in call.comparison.turns]
    claim(found == list(expected), f"the turns compare as {found}, not {list(expected)}")


def claim_untouched() -> None:
    """Break off where a tool ran for real."""
    claim(not shop.LEDGER, f"the demo would have refunded a customer: {shop.LEDGER}")


def claim(holds: bool, otherwise: str) -> None:
    """Break off, saying what is otherwise, unless it holds."""
    if not holds:
        raise StoryBroken(otherwise)


def settings_in(home: Path) -> Settings:
    """Return settings whose stores all lie in `home`."""
    home = home.absolute()
    return Settings(
        home=home,
        spans_url=f"sqlite:///{home / 'spans.db'}",
        database_url=f"sqlite:///{home / 'reenact.db'}",
        blobs_url=(home / "blobs").as_uri(),
    )


def where_to_find(command: str) -> Path | None:
    """Return the folder of this environment's `command`; None where a shell finds it anyway."""
    folder = Path(sys.executable).absolute().parent
    return None if shutil.which(command) or not (folder / command).exists() else folder


def make_fresh(folder: Path) -> None:
    """Make `folder` with the capture in it; what an earlier demo left there is removed."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise UsageError(
            "this folder holds something that the demo did not make",
            where=str(folder),
            next_step="name another folder: reenact demo FOLDER",
        )
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "home").mkdir(parents=True)
    (folder / MARKER).write_text("reenact demo removes this folder when it runs again\n")
    with as_file(files("reenact.demo") / "captured") as captured:
        shutil.copytree(captured, folder / "capture")


def agents_in_folder(folder: Path) -> Path:
    """Write the demo's two agents as agent files below `folder`; return where they lie."""
    agents = folder / "agents"
    agents.mkdir(exist_ok=True)
    for name in ("fixed", "old"):
        (agents / f"{name}.yaml").write_text(f"path: reenact.demo.agents:{name}\n")
    return agents
