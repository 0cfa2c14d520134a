"""Checkpoints of LangGraph in SQLite: one conversation a thread, the thread id is the session.

The file is opened read-only. Nothing in it is unpickled, imported or called: what is packed as
an object of some class is read as plain data.

A checkpoint holds the whole state at one moment. The talk is told by the checkpoints that lead
to the newest one, oldest first: a message is said where it first appears, at that checkpoint's
time. So words stay that were later trimmed from the state, and abandoned branches do not count.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reenact.capture.importers.json_places import Unusable
from reenact.capture.importers.langgraph_file import (
    MAX_VALUE_BYTES,
    Checkpoint,
    CheckpointFile,
    open_checkpoints,
)
from reenact.capture.importers.langgraph_messages import gaps_of, said_in
from reenact.capture.importers.langgraph_story import Story, channel_of
from reenact.capture.importers.said import Speakers, items_of, without_prompt
from reenact.capture.items import identified
from reenact.capture.values import safe_text
from reenact.domain.conversation import Conversation, Failure, Item

_INTERNAL = ("langgraph_", "checkpoint_", "__", "ls_", "lc_", "run_", "thread_", "graph_")
_KNOWN = frozenset({"source", "step", "parents", "writes", "user_id", "assistant_id", "counters"})
"""Keys of a checkpoint's metadata that LangGraph writes itself, or that are facts already."""

_ERROR = "__error__"
_INTERRUPT = "__interrupt__"


def conversations_in(
    path: Path, *, project: str, on_reject: Callable[[str], None]
) -> Iterator[Conversation]:
    """Yield the threads of a checkpoint file, by thread id.

    Raises:
        DecodeError: where the file is no SQLite database with LangGraph's tables.
        UsageError: where it cannot be opened.
    """
    with open_checkpoints(path) as file:
        for thread in file.threads():
            try:
                yield _conversation(file, thread, project)
            except Unusable as error:
                on_reject(f"thread {safe_text(thread)[:80]}: {error}")
            except sqlite3.DataError:
                large = f"holds a value larger than {MAX_VALUE_BYTES // 2**20} MiB"
                on_reject(f"thread {safe_text(thread)[:80]}: {large}")
        for thread in file.inner_threads():
            on_reject(f"thread {safe_text(thread)[:80]}: holds only the state of inner graphs")


def _conversation(file: CheckpointFile, thread: str, project: str) -> Conversation:
    checkpoints = file.lineage(thread)
    tip = checkpoints[-1]
    story = _told(file, checkpoints)
    said = said_in(story.told())
    prompt, spoken = without_prompt(said)
    told = [file.metadata(checkpoint) for checkpoint in checkpoints]
    agent = next((one.agent for one in said if one.agent), None)
    speakers = Speakers(prompt=prompt, agent=agent, user_id=_user(told))
    items = items_of(spoken, speakers=speakers, by_order=False)
    if not items:
        raise Unusable("no one says anything in its messages")
    session = safe_text(thread)
    return identified(
        Conversation(
            id=f"sess:{session}",
            project=project,
            kind="session",
            session_id=session,
            agent_name=agent,
            items=(*items, *_failures(file, tip)),
            metadata=_metadata(file, tip, story, told[-1]),
            started_at=min(story.times, default=None),
            ended_at=max(story.times, default=None),
            gaps=gaps_of(said, prompt),
        )
    )


def _told(file: CheckpointFile, checkpoints: list[Checkpoint]) -> Story:
    """Return what the messages of a thread tell, checkpoint by checkpoint.

    A channel that keeps only changes has no value in most checkpoints: there, and after the
    newest one, what the steps wrote is taken instead.
    """
    channel = channel_of(file, checkpoints)
    story = Story()
    for place, checkpoint in enumerate(checkpoints):
        state = file.state(checkpoint)
        if channel in state.values:
            story.take_state(state.values[channel], state.at)
        later = checkpoints[place + 1] if place + 1 < len(checkpoints) else None
        following = file.state(later) if later else None
        if following is None or channel not in following.values:
            for _, value in file.writes(checkpoint, channel):
                story.take_written(value, following.at if following else None)
    return story


def _user(told: list[dict[str, Any]]) -> str | None:
    found = next((one["user_id"] for one in told if one.get("user_id")), None)
    return str(found) if isinstance(found, (str, int)) else None


def _failures(file: CheckpointFile, tip: Checkpoint) -> Iterator[Item]:
    """Yield the failure of a run that ended in an exception: its last step wrote it."""
    at = file.state(tip).at
    for _, value in file.writes(tip, _ERROR):
        yield Failure(error=value if isinstance(value, str) else str(value), started_at=at)


def _metadata(
    file: CheckpointFile, tip: Checkpoint, story: Story, told: dict[str, Any]
) -> dict[str, Any]:
    """Return the run's own metadata, and what of the thread is not in the conversation."""
    found = {
        key: value
        for key, value in told.items()
        if key not in _KNOWN and not key.startswith(_INTERNAL)
    }
    waits = [value for _, value in file.writes(tip, _INTERRUPT)]
    if waits:
        found["waits_for"] = [one for v in waits for one in (v if isinstance(v, list) else [v])]
    if story.left_out:
        found["left_out"] = story.left_out
    if tip.branches:
        found["abandoned_checkpoints"] = tip.branches
    return found
