"""An agent that is a program of this machine and speaks JSON lines.

A request is one line: `id`, `messages` (what was said before), `message` (the new words),
`session_id`, `turn`, `headers`, and where its tools are, if they are served. The answer is one
line: `text`, or `tool_calls`, or `error`; lines with a `delta` may come before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from reenact.agents.answers import AnswerPaths, excerpt, paths, read_answer
from reenact.agents.line_process import LineProcess
from reenact.agents.outside import OutsideAgent
from reenact.agents.port import AgentFailed, AgentReply, AgentRequest
from reenact.agents.templates import fill_variables, variables_of
from reenact.domain.agent import CommandTarget
from reenact.errors import AgentNotLoaded

_PLACES = AnswerPaths(text=paths("text", "content"), tool_calls=paths("tool_calls"))
_MOST_PARTS = 100_000
_LAST_WORDS = 300
_ON_STDERR = "what is no answer belongs on stderr"


class CommandAgent(OutsideAgent):
    """Starts the program as often as its target says, and asks it line by line."""

    def __init__(self, target: CommandTarget, *, environ: Mapping[str, str], timeout_s: float):
        """Read the target; nothing is started yet.

        Raises:
            AgentNotLoaded: for an empty command, a missing variable, or a lifetime that does not
                fit an agent that keeps the talk.
        """
        if not target.command:
            raise AgentNotLoaded("the command is empty", next_step="write command: python agent.py")
        if not target.stateless and target.lifetime != "talk":
            raise AgentNotLoaded(
                f"an agent that keeps the talk cannot have the lifetime {target.lifetime!r}",
                where=target.command[0],
                next_step="leave the lifetime out: a process for each talk",
            )
        super().__init__(target)
        self._target = target
        self._shown = shown_command(target)
        filled = fill_variables(target.environment, environ, noun="environment")
        # Python keeps what it prints to itself for a while, unless it is told not to.
        self._environment = {"PYTHONUNBUFFERED": "1", **environ, **filled}
        named = {name for text in target.environment.values() for name in variables_of(text)}
        self._secrets = sorted((environ[name] for name in named), key=len, reverse=True)
        self._timeout_s = timeout_s
        self._idle: list[LineProcess] = []
        self._talks: dict[str, LineProcess] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"CommandAgent({self._shown})"

    async def reply(self, request: AgentRequest) -> AgentReply:
        """Ask once. A program that gave no usable answer is ended, so that none comes late.

        Raises:
            AgentFailed: as the port says.
        """
        line = self._line_for(request)
        try:
            process = await self._process_for(request.session_id)
        except AgentFailed as failed:
            raise self._failed(failed, "") from None
        try:
            async with asyncio.timeout(self._timeout_s):
                reply = await self._ask(process, line, request)
        except TimeoutError:
            late = AgentFailed("timeout", f"no answer within {self._timeout_s:g} s")
            raise self._failed(late, await self._given_up(process, request)) from None
        except AgentFailed as failed:
            raise self._failed(failed, await self._given_up(process, request)) from None
        except BaseException:  # it is us who stop, in the middle of an answer
            process.strike()
            self._talks.pop(request.session_id, None)
            self._end(process)
            raise
        self._put_back(process)
        return reply

    async def forget(self, session_id: str) -> None:
        """End the process of a talk that has ended, without waiting for it."""
        process = self._talks.pop(session_id, None)
        if process is not None:
            self._end(process)

    async def aclose(self) -> None:
        """End all processes, and wait until they have ended."""
        for process in (*self._talks.values(), *self._idle):
            self._end(process)
        self._talks.clear()
        self._idle.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _line_for(self, request: AgentRequest) -> bytes:
        told = {
            "id": _id_of(request),
            "messages": request.messages,
            "message": request.message,
            "session_id": request.session_id,
            "turn": request.turn,
            "headers": request.headers,
        }
        if self.tools == "served":
            told |= {"mcp_url": request.mcp_url, "tools_url": request.tools_url}
        try:
            return msgspec.json.encode(told)
        except (TypeError, ValueError) as error:
            # Half of a surrogate pair in a recorded text, for one, has no place in UTF-8.
            failed = AgentFailed("exception", f"the request is no JSON: {error}")
            raise self._failed(failed, "") from None

    async def _process_for(self, session_id: str) -> LineProcess:
        if self._target.lifetime == "run":
            while self._idle:
                process = self._idle.pop()
                if process.running:
                    return process
                self._end(process)
        elif self._target.lifetime == "talk" and session_id in self._talks:
            return self._talks[session_id]
        started = await LineProcess.start(
            self._target.command, folder=self._target.folder, environment=self._environment
        )
        if self._target.lifetime == "talk":
            self._talks[session_id] = started
        return started

    async def _ask(self, process: LineProcess, line: bytes, request: AgentRequest) -> AgentReply:
        if (early := process.unasked()) is not None:
            said = excerpt(early.decode(errors="replace"))
            raise AgentFailed("nonsense", f"wrote a line unasked: {said}; {_ON_STDERR}")
        started = time.perf_counter()
        await process.send(line, last=self._target.lifetime == "answer")
        parts: list[str] = []
        first_ms: float | None = None
        while True:
            data = _object(await process.line())
            if data.get("id", _id_of(request)) != _id_of(request):
                raise AgentFailed("nonsense", f"answered another question: {excerpt(data)}")
            if "delta" not in data:
                break
            parts.append(_delta(data))
            if len(parts) > _MOST_PARTS:
                raise AgentFailed("nonsense", f"more than {_MOST_PARTS} parts in one answer")
            if first_ms is None and parts[-1]:
                first_ms = (time.perf_counter() - started) * 1000
        return _reply(data, parts, first_ms)

    def _put_back(self, process: LineProcess) -> None:
        if self._target.lifetime == "run":
            self._idle.append(process)
        elif self._target.lifetime == "answer":
            self._end(process)

    async def _given_up(self, process: LineProcess, request: AgentRequest) -> str:
        """End a process; return its last words."""
        self._talks.pop(request.session_id, None)
        await process.kill()
        return process.last_words()

    def _end(self, process: LineProcess) -> None:
        task = asyncio.create_task(process.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _failed(self, failed: AgentFailed, last_words: str) -> AgentFailed:
        message = str(failed)
        if last_words.strip():
            message += f"; stderr ended with: {_end_of(last_words)}"
        for secret in self._secrets:
            message = message.replace(secret, "•••")
        return AgentFailed(failed.kind, f"{self._shown}: {message}")


def shown_command(target: CommandTarget) -> str:
    """Return the command of `target` as a person would type it, not longer than a line."""
    text = shlex.join(target.command)
    return text if len(text) <= 80 else text[:79] + "…"


def _id_of(request: AgentRequest) -> str:
    return request.headers.get("idempotency-key") or f"{request.session_id}:{request.turn}"


def _object(line: bytes) -> dict[str, Any]:
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        data = msgspec.json.decode(line)
        if isinstance(data, dict):
            return data
    said = excerpt(line[:4096].decode(errors="replace"))
    raise AgentFailed("nonsense", f"wrote a line that is no JSON object: {said}; {_ON_STDERR}")


def _delta(data: dict[str, Any]) -> str:
    part = data["delta"]
    if not isinstance(part, str):
        raise AgentFailed("nonsense", f"a delta that is no text: {excerpt(data)}")
    return part


def _reply(data: dict[str, Any], parts: list[str], first_ms: float | None) -> AgentReply:
    if error := data.get("error"):
        told = error if isinstance(error, str) else excerpt(error)
        raise AgentFailed("exception", f"the agent reported an error: {told}")
    if parts and not any(name in data for name in ("text", "content")):
        data = {**data, "text": "".join(parts)}
    reply = read_answer(data, _PLACES)
    return replace(reply, streamed=bool(parts), time_to_first_token_ms=first_ms)


def _end_of(text: str) -> str:
    """Return the end of `text` on one line, without control signs."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _LAST_WORDS else "…" + line[-_LAST_WORDS:]
