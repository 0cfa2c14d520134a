"""The tool desk of one running turn: every live call comes here, is answered and noted down.

Which desk a call belongs to is a context variable, so that many conversations can share a
process. A thread that the agent starts by itself does not inherit it: such a call goes to the
only open desk, or is refused where several are open, but never runs for real.
"""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from reenact.domain.conversation import Served, ToolCall
from reenact.tools.answer import Desk, ToolAnswer, Tools

JournalLive = Callable[[int, str, Any], bool]
"""Notes a live call (its place in the turn, tool, arguments) durably before it runs. False
where the same call was noted by an earlier run of this turn: then it must not run again."""


class ToolDesk:
    """Answers the tool calls of one turn and keeps them, in the order they were asked."""

    def __init__(
        self,
        tools: Tools,
        *,
        turn: int,
        trace_id: str | None = None,
        journal_live: JournalLive | None = None,
    ):
        self._tools = tools
        self._turn = turn
        self._trace_id = trace_id
        self._journal_live = journal_live
        self._asking = threading.Lock()
        """Held while a call is answered: the next one is answered after it."""
        self._lock = threading.Lock()
        """Held for the list of calls only, so that a turn can close while an answer is awaited."""
        self.waits = getattr(tools, "waits", False)
        """Whether an answer may take long, so that no event loop should wait for it."""
        self._calls: list[ToolCall] = []
        self._closed = False
        self.lost: list[str] = []
        """Tools that were called while this turn ran, by nobody knows which talk."""

    def ask(
        self,
        name: str,
        arguments: Any,
        *,
        run: Callable[[], Any] | None = None,
        id: str | None = None,
        group: int | None = None,
    ) -> ToolAnswer:
        """Answer `name(arguments)`; a live answer means that the caller runs the tool.

        `run` is absent where the tool is not ours to run (the agent hands its calls back).
        """
        started = datetime.now(UTC)
        with self._asking:
            answer = self._answer(name, arguments, len(self._calls), runnable=run is not None)
            with self._lock:
                if self._closed and answer.provenance != "refused":
                    return _refused(f"refused: turn {self._turn} is over")
                self._note(name, arguments, answer, started, id=id, group=group)
        return answer

    def let(self, name: str, arguments: Any, *, id: str | None = None) -> ToolAnswer:
        """Note a call that the agent runs by itself, because it only steers the agent.

        A handoff, or an agent that is called as a tool: part of what is under test, and what
        it calls in turn comes here as well.
        """
        answer = ToolAnswer(provenance="live", served=Served())
        with self._lock:
            if not self._closed:
                self._note(name, arguments, answer, datetime.now(UTC), id=id)
        return answer

    def finish_live(self, answer: ToolAnswer, *, result: Any, error: str | None) -> None:
        """Note what a live call gave once it has run."""
        from dataclasses import replace

        with self._lock:
            for place, call in enumerate(self._calls):
                if call.served is answer.served:
                    self._calls[place] = replace(
                        call,
                        result=result,
                        error=error,
                        answered=True,
                        ended_at=datetime.now(UTC),
                    )

    def close(self) -> tuple[ToolCall, ...]:
        """Return the calls; whatever asks from now on is refused."""
        with self._lock:
            self._closed = True
            return tuple(self._calls)

    def _note(
        self,
        name: str,
        arguments: Any,
        answer: ToolAnswer,
        started: datetime,
        *,
        id: str | None = None,
        group: int | None = None,
    ) -> None:
        self._calls.append(
            ToolCall(
                id=id,
                name=name,
                arguments=arguments,
                result=copy.deepcopy(answer.result),  # the agent may change its own
                error=answer.error,
                # A live call has no answer until it comes back.
                answered=answer.provenance not in ("refused", "live"),
                group=group,
                provenance=answer.provenance,
                served=answer.served,
                started_at=started,
                ended_at=datetime.now(UTC),
                trace_id=self._trace_id,
            )
        )

    def _answer(self, name: str, arguments: Any, place: int, *, runnable: bool) -> ToolAnswer:
        if self._closed:
            return _refused(f"refused: turn {self._turn} is over")
        answer = self._tools.answer(name, arguments, turn=self._turn)
        if answer.provenance != "live":
            return answer
        if not runnable or self._journal_live is None:
            return _refused(f"refused: {name} is not run here; only the agent could run it")
        if not self._journal_live(place, name, arguments):
            return _refused(
                f"refused: {name} was run live before the interruption and is not run twice"
            )
        return answer


_CURRENT: ContextVar[ToolDesk | None] = ContextVar("reenact_tool_desk", default=None)
_LIVE: ContextVar[frozenset[str]] = ContextVar("reenact_live_tools", default=frozenset())
_ELSEWHERE: list[Callable[[], Desk | None]] = []
_OPEN: set[ToolDesk] = set()
_OPEN_LOCK = threading.Lock()
_REPLAYS: list[object] = []
_BORN: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


@contextmanager
def replaying() -> Iterator[None]:
    """Let no intercepted tool run for real meanwhile, between turns and in stray threads too.

    A thread that was started meanwhile and outlives the replay stays held back for good.
    """
    before, token = set(threading.enumerate()), object()
    with _OPEN_LOCK:
        _REPLAYS.append(token)
    try:
        yield
    finally:
        _BORN.update(set(threading.enumerate()) - before)
        with _OPEN_LOCK:
            _REPLAYS.remove(token)


@contextmanager
def at_desk(desk: ToolDesk) -> Iterator[ToolDesk]:
    """Send the intercepted tool calls of this context to `desk`."""
    with _OPEN_LOCK:
        _OPEN.add(desk)
    token = _CURRENT.set(desk)
    try:
        yield desk
    finally:
        _CURRENT.reset(token)
        with _OPEN_LOCK:
            _OPEN.discard(desk)


@contextmanager
def running_live(name: str) -> Iterator[None]:
    """Run the tool `name` for real in this context: what is inside it is not asked for again.

    A framework's tool may hold a decorated function; the two are one call.
    """
    token = _LIVE.set(_LIVE.get() | {name})
    try:
        yield
    finally:
        _LIVE.reset(token)


class NoDesk(Exception):
    """Raised where a replay runs but a tool call cannot be given to one of its talks."""


def look_elsewhere(find: Callable[[], Desk | None]) -> None:
    """Let `find` say, where no replay runs in this process, whether one of another asks here."""
    _ELSEWHERE[:] = [find]


def current_desk(name: str) -> Desk | None:
    """Return the desk that a call of the tool `name` made here belongs to; None outside a replay.

    Raises:
        NoDesk: where a replay runs and the caller's thread belongs to none of its talks. The
            open talks hear of it: one of them is not what it seems.
    """
    desk = _CURRENT.get()
    if name in _LIVE.get():
        return None
    if desk is not None:
        return desk
    with _OPEN_LOCK:
        if not _OPEN and not _REPLAYS and threading.current_thread() not in _BORN:
            return _ELSEWHERE[0]() if _ELSEWHERE else None
        if len(_OPEN) == 1:
            return next(iter(_OPEN))
        for open_desk in _OPEN:
            open_desk.lost.append(name)
        talks = len(_OPEN)
    raise NoDesk(
        f"{name} was called from a thread that belongs to none of the {talks} talks being "
        "replayed; start the thread with contextvars.copy_context().run, or replay with "
        "concurrency 1"
    )


def _refused(why: str) -> ToolAnswer:
    return ToolAnswer(provenance="refused", error=why, served=Served(miss=why))
