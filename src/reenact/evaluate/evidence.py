"""Evidence: what of a talk may be judged, and why the rest may not.

A call that nobody answered, a failure, and the parting from the recording each end it: what
the agent did after that, it did in a talk that never was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from reenact.domain.conversation import Conversation, Failure, Item, Message, ToolCall
from reenact.domain.run import EndReason, TurnRecord
from reenact.domain.turn import turns_of
from reenact.replay.turn import given_results

_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What may be judged of one turn: the agent's calls and words up to where evidence ends."""

    index: int
    """Its number in the replay."""
    turn: int
    """The recorded turn that it belongs to: a detour belongs to the turn that led to it."""
    calls: tuple[ToolCall, ...]
    text: str | None
    """The agent's words, joined by newlines; None where there are none."""
    open: str | None = None
    """Why the rest of the turn is not known; None where it was heard to its end."""
    crashed: bool = False
    """The agent itself failed here: what it had not done by then, it did not do."""
    text_known: bool = True
    """False where a capture just lacks the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The turns that may be judged, in order, and why none comes after them."""

    turns: Sequence[Heard]
    end: str | None
    """Why what follows may not be judged; None where the whole talk is here."""

    def absent(self, turn: int) -> str:
        """Say why turn `turn` may not be judged."""
        if turn == 0:
            return "turn 0 comes before the user's first words and is not replayed"
        return f"turn {turn} cannot be judged: {self.end or 'the talk has no such turn'}"


def evidence_of(
    turns: Sequence[TurnRecord], *, ended: EndReason | None = None, apart: bool = False
) -> Evidence:
    """Return what may be judged of a replay.

    With `apart` each turn was run by itself after the recorded ones: none ends the evidence of
    those that follow.

    `ended` tells a talk that is through from one that stopped. Where it is None, a talk whose
    last turn parted from the recording counts as stopped there.
    """
    if apart:
        return _evidence_apart(turns, ended)
    heard: list[Heard] = []
    for record in sorted(turns, key=lambda turn: turn.index):
        if not record.spoken:
            why = record.choice.reason if record.choice else ""
            return _left_open(heard, f"the user's side failed ({_line(why)})")
        if record.after_divergence:
            return Evidence(turns=heard, end=_parted(heard, turns))
        belongs = record.recorded_turn
        if belongs is None:
            belongs = heard[-1].turn if heard else 0
        heard.append(_heard(record, belongs))
        if heard[-1].open is not None:
            return Evidence(turns=heard, end=heard[-1].open)
    stopped = _stopped(turns, ended)
    if stopped is not None and turns and turns[-1].choice is not None:
        return _left_open(heard, stopped)
    return Evidence(turns=heard, end=stopped)


def _evidence_apart(turns: Sequence[TurnRecord], ended: EndReason | None) -> Evidence:
    heard = [_heard(r, r.index) for r in sorted(turns, key=lambda turn: turn.index)]
    end = next((found.open for found in heard if found.open is not None), None)
    unrun = "it was not run" if ended is None else None
    return Evidence(turns=heard, end=end or unrun)


def evidence_of_recording(conversation: Conversation, *, only_turn: int | None = None) -> Evidence:
    """Return what may be judged of a recording: all of it happened.

    `only_turn` leaves the other turns out, where a replay runs this one alone.
    """
    heard: list[Heard] = []
    for turn in turns_of(conversation):
        if only_turn not in (None, turn.index):
            continue
        given = given_results(turn)
        calls = (i for i in turn.items if isinstance(i, ToolCall) and i.requestor == "agent")
        words = [i.text for i in turn.items if _is_said(i)]
        found = Heard(
            index=turn.index,
            turn=turn.index,
            calls=tuple(call for call in calls if call not in given),
            text="\n".join(words) if words else None,
            text_known=turn.assistant is not None or turn.error is not None,
        )
        heard.append(found)
    return Evidence(turns=heard, end=None)


def _left_open(heard: list[Heard], why: str) -> Evidence:
    """Return evidence of a talk whose user could not go on, so that its last turn is not over.

    With an answer to its question the agent might have done what it had not done yet.
    """
    return Evidence(turns=[*heard[:-1], *(replace(h, open=why) for h in heard[-1:])], end=why)


def _heard(record: TurnRecord, turn: int) -> Heard:
    calls: list[ToolCall] = []
    said: list[str] = []
    why: str | None = None
    crashed = False
    for place, item in enumerate(record.items):
        if isinstance(item, Failure):
            why = f"on turn {record.index} the agent gave no answer ({_line(item.error)})"
            crashed = item.reason == "agent_error"
            break
        if isinstance(item, ToolCall) and item.requestor == "agent" and not _is_given(item):
            calls.append(item)
            if _is_unanswered(item):
                calls += _asked_with(item, record.items[place + 1 :])
                why = f"on turn {record.index} nobody answered {item.name}"
                break
        elif _is_said(item):
            said.append(item.text)
    return Heard(
        index=record.index,
        turn=turn,
        calls=tuple(calls),
        text="\n".join(said) if said else None,
        open=why,
        crashed=crashed,
    )


def _is_said(item: Item) -> TypeGuard[Message]:
    return isinstance(item, Message) and item.role == "assistant" and bool(item.text)


def _is_unanswered(call: ToolCall) -> bool:
    return not call.answered or call.provenance == "refused"


def _is_given(call: ToolCall) -> bool:
    """Tell a result that the turn was started with, which the agent did not ask for.

    The engine puts it into the turn without a time and without saying how it was served.
    """
    given = call.provenance in ("recorded", "declared")
    return given and call.served is None and call.started_at is None


def _asked_with(call: ToolCall, later: Sequence[Item]) -> list[ToolCall]:
    """Return the calls that the model asked for together with `call`, before any answer."""
    if call.group is None:
        return []
    return [i for i in later if isinstance(i, ToolCall) and i.group == call.group]


def _parted(heard: Sequence[Heard], turns: Sequence[TurnRecord]) -> str:
    how = next((turn.misfit for turn in turns if turn.misfit), None)
    after = f" after turn {heard[-1].index}" if heard else ""
    return f"the talk parted from the recording{after}" + (f" ({_line(how)})" if how else "")


def _stopped(turns: Sequence[TurnRecord], ended: EndReason | None) -> str | None:
    if not turns:
        return "no turn was run"
    last = max(turns, key=lambda turn: turn.index)
    if ended == "finished" or (ended is None and last.misfit is None):
        return None
    if ended == "user_failed":
        return f"the user's side failed after turn {last.index}"
    if ended in (None, "diverged"):
        how = f" ({_line(last.misfit)})" if last.misfit else ""
        return f"the talk parted from the recording and stopped after turn {last.index}{how}"
    return f"the talk stopped after turn {last.index} ({ended})"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
