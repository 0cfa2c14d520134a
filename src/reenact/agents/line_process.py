"""A program of this machine that takes a line on stdin and answers with lines on stdout.

It is started without a shell and in a process group of its own, so that it ends with everything
that it has started. What it writes to stderr is read all the time, and its end is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from typing import cast

from reenact.agents.port import AgentFailed

MOST_BYTES = 10 * 2**20
"""The longest line that is read."""
_MOST_WAITING = 1000
_TAIL = 4096
_POLITE_S = 2.0
_LAST_WORDS_S = 0.5


class LineProcess:
    """One running program. `start` makes one."""

    def __init__(self, process: asyncio.subprocess.Process):
        self._process = process
        # All three are pipes, as `start` has asked for.
        self._stdin = cast("asyncio.StreamWriter", process.stdin)
        self._stdout = cast("asyncio.StreamReader", process.stdout)
        self._errors = cast("asyncio.StreamReader", process.stderr)
        self._lines: asyncio.Queue[bytes | AgentFailed | None] = asyncio.Queue(_MOST_WAITING)
        self._stderr = b""
        self._tasks = [
            asyncio.create_task(self._read_lines()),
            asyncio.create_task(self._read_stderr()),
        ]

    @classmethod
    async def start(
        cls, command: Sequence[str], *, folder: str | None, environment: Mapping[str, str]
    ) -> LineProcess:
        """Start `command`, whose first word is the program.

        Raises:
            AgentFailed: `unreachable`, where it cannot be started.
        """
        if folder is not None and not os.path.isdir(folder):  # noqa: ASYNC240 - one look
            raise AgentFailed("unreachable", f"cannot be started: no folder {folder}")
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=MOST_BYTES,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise AgentFailed("unreachable", f"cannot be started: {why}") from None
        return cls(process)

    @property
    def running(self) -> bool:
        """True until the program has ended."""
        return self._process.returncode is None

    def unasked(self) -> bytes | None:
        """Return a line that came though nothing was asked, if there is one."""
        if self._lines.empty():
            return None
        waiting = self._lines.get_nowait()
        if isinstance(waiting, bytes):
            return waiting
        self._lines.put_nowait(waiting)  # its end is told when it is asked
        return None

    async def send(self, line: bytes, *, last: bool) -> None:
        """Write `line`; with `last` its stdin ends after it. A program that has gone is no error.

        Its end is told by `line`, with what it said.
        """
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._stdin.write(line + b"\n")
            await self._stdin.drain()
        if last:
            self._stdin.close()

    async def line(self) -> bytes:
        """Return the next line that is not blank.

        Raises:
            AgentFailed: where the program ended, or the line is too long.
        """
        while True:
            came = await self._lines.get()
            if isinstance(came, AgentFailed):
                raise came
            if came is None:
                raise AgentFailed("exception", await self._ended())
            if came.strip():
                return came

    def last_words(self) -> str:
        """Return the end of what it wrote to stderr."""
        return self._stderr.decode(errors="replace")

    async def end(self) -> None:
        """Close its stdin and wait a moment; then end it and all that it started."""
        self._stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLITE_S):
                await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End it at once, with all that it started."""
        self.strike()
        await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Something that it started may hold on to the pipes; then nobody else closes them.
        self._process._transport.close()  # type: ignore[attr-defined]

    def strike(self) -> None:
        """Send the signal that ends it, and do not wait."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _ended(self) -> str:
        """Say how it ended, once its last words are read."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                await asyncio.shield(self._tasks[1])
                await self._process.wait()
        code = self._process.returncode
        if code is None:
            return "it closed its stdout before it answered"
        if code < 0:
            return f"it was ended by signal {-code} before it answered"
        ended = f"it ended with exit code {code} before it answered"
        return ended if code else f"{ended} (one that ends after each answer: lifetime: answer)"

    async def _read_lines(self) -> None:
        while True:
            try:
                line = await self._stdout.readuntil(b"\n")
            except asyncio.IncompleteReadError as error:
                if error.partial:
                    await self._lines.put(error.partial)
                await self._lines.put(None)
                return
            except asyncio.LimitOverrunError:
                too_long = f"a line is longer than {MOST_BYTES >> 20} MB"
                await self._lines.put(AgentFailed("nonsense", too_long))
                return
            await self._lines.put(line)

    async def _read_stderr(self) -> None:
        while chunk := await self._errors.read(_TAIL):
            self._stderr = (self._stderr + chunk)[-_TAIL:]
