"""CPU and memory of a process and its children, read from /proc while it runs."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Sampler:
    """Looks at a process tree every `every_s` seconds. Use as a context manager."""

    def __init__(self, pid: int, *, every_s: float = 0.25):
        if not _PROC.joinpath("self/stat").is_file():
            raise RuntimeError("CPU and memory are read from /proc: this needs Linux")
        self._pid = pid
        self._every_s = every_s
        self._cpu: dict[int, float] = {}
        self._peak: dict[int, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.rss: list[tuple[float, float]] = []
        """Seconds since the start, and the MB that all processes held then."""

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        self._look()
        self._cpu_before = self.cpu_total_s
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._look()

    @property
    def cpu_total_s(self) -> float:
        """CPU seconds that were used since the process started, children that ended included."""
        return sum(self._cpu.values())

    @property
    def cpu_s(self) -> float:
        """CPU seconds that were used while it was watched."""
        return self.cpu_total_s - self._cpu_before

    @property
    def peak_mb(self) -> float:
        """The most memory of each process, summed: the true peak is no higher."""
        return round(sum(self._peak.values()) / 1e6, 1)

    def pids(self) -> set[int]:
        """Return the processes of the tree that are there now."""
        return tree(self._pid)

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            self._look()

    def _look(self) -> None:
        held = 0
        for pid in tree(self._pid):
            try:
                fields = _stat(pid)
                resident = int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE
                peak = _high_water(pid)
            except (OSError, IndexError, ValueError):
                continue  # it has just ended
            self._cpu[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
            self._peak[pid] = max(self._peak.get(pid, 0), resident, peak)
            held += resident
        if held:
            self.rss.append((round(time.perf_counter() - self._began, 2), round(held / 1e6, 1)))


def tree(root: int) -> set[int]:
    """Return `root` and its descendants, as far as they are there."""
    children: dict[int, list[int]] = {}
    alive = set()
    for entry in _PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            fields = _stat(int(entry.name))
        except (OSError, IndexError):
            continue
        if fields[0] != "Z":
            alive.add(int(entry.name))
        children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting.extend(children.get(pid, ()))
    return found & alive


def working_in(folder: Path) -> set[int]:
    """Return the processes whose working folder is `folder` or one below it."""
    found = set()
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            try:
                where = (entry / "cwd").readlink()
            except OSError:
                continue  # it has ended, or is somebody else's
            if where.is_relative_to(folder.resolve()):
                found.add(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third, the state, on: the name has spaces."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _high_water(pid: int) -> int:
    """Return the most memory that a process ever held, in bytes."""
    for line in (_PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
