"""Agents that speak from a tau-bench result file: no model, yet real words of a real model.

`same_trial` answers as the recorded agent did. `passing_trial` answers as the agent of another
trial of the same task did, one that the benchmark passed: the nearest thing to "the agent was
changed" that recorded data can give. Both hand their tool calls back (`--tools returned`).

The file is named by TAU_BENCH_FILE; see README.md for where to get it.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reenact

RESULTS = (
    Path(__file__).resolve().parents[3]
    / "shared/data/conversations/tau_bench/gpt-4o-airline.even_tasks.json"
)
NOTHING_MORE = "Is there anything else I can help you with?"
Message = dict[str, Any]


def same_trial(messages: list[Message], message: str) -> reenact.AgentReply:
    """Answer as the agent of the very talk that is replayed."""
    told = _told(messages, message)
    return _answer(_talk_of(told), told)


def passing_trial(messages: list[Message], message: str) -> reenact.AgentReply:
    """Answer as the agent of the first passed trial of the same task."""
    told = _told(messages, message)
    task = _talk_of(told)["task_id"]
    passed = [talk for talk in talks() if talk["task_id"] == task and talk["reward"] == 1.0]
    if not passed:
        raise LookupError(f"no trial of task {task} passed")
    return _answer(passed[0], told)


@functools.cache
def talks() -> tuple[dict[str, Any], ...]:
    """Return the recorded talks: `task_id`, `trial`, `reward` and the messages as `traj`."""
    return tuple(json.loads(results().read_text(encoding="utf-8")))


def results() -> Path:
    """Return the path of the result file."""
    return Path(os.environ.get("TAU_BENCH_FILE") or RESULTS)


def _told(messages: list[Message], message: str) -> list[Message]:
    # In the second and later rounds of a turn the message stands in `messages` already.
    return [*messages, {"role": "user", "content": message}] if message else messages


def _talk_of(told: Sequence[Message]) -> dict[str, Any]:
    """Return the first recorded talk whose user said the same so far.

    Talks that begin alike are told apart by their first different words; until then their
    recorded answers are the same.
    """
    said = _user_words(told)
    for talk in talks():
        if _user_words(talk["traj"])[: len(said)] == said:
            return talk
    raise LookupError(f"no recorded talk begins like this: {said[0][:80]!r}")


def _answer(talk: dict[str, Any], told: Sequence[Message]) -> reenact.AgentReply:
    """Return what the recorded agent said or asked for at the same place of its talk."""
    turn = len(_user_words(told))
    if turn > len(_user_words(talk["traj"])):
        return reenact.AgentReply(text=NOTHING_MORE)  # its own talk was shorter
    answers, given = _answers_of_turn(talk["traj"], turn), _answers_of_turn(told, turn)
    if len(given) >= len(answers):
        return reenact.AgentReply(text="")  # its own talk ended here, without an answer
    answer = answers[len(given)]
    calls = [
        reenact.RequestedTool(
            name=call["function"]["name"],
            arguments=json.loads(call["function"]["arguments"]),
            id=call["id"],
        )
        for call in answer.get("tool_calls") or ()
    ]
    return reenact.AgentReply(text=answer.get("content"), tool_calls=calls)


def _answers_of_turn(messages: Sequence[Message], turn: int) -> list[Message]:
    """Return the assistant's messages between the user's message number `turn` and the next."""
    number, found = 0, []
    for message in messages:
        number += message["role"] == "user"
        if number == turn and message["role"] == "assistant":
            found.append(message)
    return found


def _user_words(messages: Sequence[Message]) -> list[str]:
    return [str(message["content"]) for message in messages if message["role"] == "user"]
