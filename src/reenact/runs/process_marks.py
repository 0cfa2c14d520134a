"""Which process runs which run, noted in files: after a crash it is known what nobody runs."""

from __future__ import annotations

import os
from pathlib import Path


class ProcessMarks:
    """A file for each run that goes, with the number of its process. Of this machine alone."""

    def __init__(self, folder: Path):
        self._folder = folder

    def put(self, run_id: str, process_id: int) -> None:
        """Note that a process runs `run_id`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / run_id).write_text(str(process_id))

    def remove(self, run_id: str) -> None:
        """Forget a run that has ended."""
        (self._folder / run_id).unlink(missing_ok=True)

    def orphans(self) -> tuple[str, ...]:
        """Forget and return the runs whose process is gone; those that go on stay noted."""
        if not self._folder.is_dir():
            return ()
        gone = [file.name for file in sorted(self._folder.iterdir()) if not _runs(file)]
        for run_id in gone:
            self.remove(run_id)
        return tuple(gone)


def _runs(file: Path) -> bool:
    """Tell whether the process of a mark is there and, where the system says so, runs that run."""
    try:
        number = int(file.read_text())
        os.kill(number, 0)
    except (ValueError, OSError):
        return False
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return True
    return not command or file.name.encode() in command  # it is empty while a process begins
