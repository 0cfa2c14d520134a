"""What the tests of every framework share: a talk to replay, and how it went."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import reenact
from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.run_view import RunView
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from reenact.tools.desk import ToolDesk, at_desk
from reenact.tools.recorded import RecordedTools
from support.story import put
from support.talks import agent, call, talk, user

reenact.instrument()

PARCELS = talk(
    user("Where is A-1001?"),
    call("check_status", {"order_id": "A-1001"}, {"status": "shipped"}),
    agent("It has shipped."),
    user("Where are both?"),
    call("check_status", {"order_id": "A-1001"}, {"status": "delivered"}),
    call("check_status", {"order_id": "A-1003"}, {"status": "in transit"}),
    agent("One is here, one on its way."),
    user("Please refund A-1003."),
    call("issue_refund", {"order_id": "A-1003", "amount": 49.9}, error="the ledger is closed"),
    agent("That did not work."),
    user("And A-9999?"),
    agent("I do not know it."),
)
"""One read, two at once, a failed write, and a turn on which a fixed agent may ask for more."""


def settings_in(folder: Path) -> Settings:
    return Settings(
        home=folder,
        spans_url=f"sqlite:///{folder / 'spans.db'}",
        database_url=f"sqlite:///{folder / 'reenact.db'}",
        blobs_url=(folder / "blobs").as_uri(),
    )


def replayed(answer: Any, folder: Path, *talks: Conversation, **options: Any) -> RunView:
    """Replay `talks` (the parcels by default) against `answer`."""
    settings = settings_in(folder)
    with Workspace(settings) as workspace:
        put(workspace, *(talks or (PARCELS,)))
    return reenact.replay(answer, project="shop", all=True, settings=settings, **options)


def told(run: RunView, *, call: int = 0) -> list[str]:
    """Return what the agent said, turn by turn."""
    return [turn.assistant or "" for turn in run.calls[call].turns]


def asked(run: RunView, *, call: int = 0) -> list[tuple[int, str, Any, str | None]]:
    """Return the tool calls as turn, name, arguments and provenance.

    Calls at once run in threads, which may begin in any order: those of a turn are sorted.
    """
    return [
        (turn.index, one.name, one.arguments, one.provenance)
        for turn in run.calls[call].turns
        for one in sorted(turn.tool_calls, key=lambda one: str(one.arguments))
    ]


@contextmanager
def at_recording(*calls: ToolCall) -> Iterator[ToolDesk]:
    """Answer the tool calls made meanwhile from a recording of `calls`."""
    recorded = RecordedTools(talk(user("Go on."), *calls, agent("Done.")))
    with at_desk(ToolDesk(recorded, turn=1)) as desk:
        yield desk
