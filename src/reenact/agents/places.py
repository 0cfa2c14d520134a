"""Where an agent's own code failed: the line to open, not a traceback."""

from __future__ import annotations

import sysconfig
from functools import cache
from pathlib import Path
from traceback import extract_tb

import reenact


def raised_at(error: BaseException) -> str | None:
    """Return file and line of the agent's own code nearest to where `error` was raised.

    None where only Python, installed packages and this package were at work.
    """
    for frame in reversed(extract_tb(error.__traceback__)):
        file = Path(frame.filename).absolute()
        if file.is_file() and not any(map(file.is_relative_to, _foreign())):
            return f"{_short(file)}:{frame.lineno}"
    return None


@cache
def _foreign() -> tuple[Path, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = (*reenact.__path__, *map(sysconfig.get_path, names))
    return tuple(found for folder in folders for found in (Path(folder), Path(folder).resolve()))


def _short(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else file.name
