"""A recording beside one replay of it: turn by turn, and in numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from reenact.compare.metrics import metrics
from reenact.compare.sentences import one_line, sentence_of
from reenact.compare.tool_calls import asked_calls, comparable_arguments, tool_diff
from reenact.domain.comparison import (
    Comparison,
    Divergence,
    TextOp,
    ToolDiff,
    TurnComparison,
    TurnStatus,
)
from reenact.domain.conversation import Conversation, Failure, Message, ToolCall
from reenact.domain.run import EndReason, TurnRecord, UserChoice
from reenact.domain.turn import Turn, turns_of
from reenact.matching.text import word_diff

_MAX_CALL_NOTES = 5
_MAX_REASON = 300


def compare(
    baseline: Conversation,
    turns: Sequence[TurnRecord],
    *,
    ended: EndReason | None,
    error: str | None = None,
    only_turn: int | None = None,
    from_turn: int | None = None,
    apart: bool = False,
) -> Comparison:
    """Compare the recorded talk with the turns that a replay of it has.

    Turns are paired where the user's words are the same: by number, or by choice. Turn 0 (what
    precedes the first user message) is compared only where the replay has one, since nothing
    asked the agent for it. Statuses, worst wins: see `turn_status`.

    Args:
        baseline: The recorded conversation.
        turns: The replayed turns of one attempt, in any order.
        ended: Why the replay ended; None while it runs. Says why turns are missing.
        error: What went wrong, where the replay ended in an error.
        only_turn: Compare this turn alone, where only it was to be run.
        from_turn: Leave the turns before this one out, where they were told as history.
        apart: Each turn was run by itself, after the recorded ones before it.
    """
    first = only_turn if from_turn is None else from_turn
    recorded = {t.index: t for t in turns_of(baseline) if _in_question(t.index, first, only_turn)}
    records = [r for r in turns if _record_in_question(r, first, only_turn)]
    if not any(record.index == 0 for record in records):
        recorded.pop(0, None)
    pairs = _paired(recorded, records)
    why = _why_missing(turns, ended=ended, error=error, apart=apart)
    compared = tuple(_compared(*pair, why_missing=why) for pair in pairs)
    return Comparison(
        turns=compared,
        first_divergence=_first(compared, but=("same",)),
        first_other_act=_first(compared, but=("same", "text_changed", "missing")),
        metrics=metrics(
            tuple(recorded.values()),
            _numbered(pairs),
            time_synthetic=baseline.time_synthetic or baseline.spoken,
        ),
    )


def _in_question(index: int, first: int | None, only: int | None) -> bool:
    return only in (None, index) and (first is None or index >= first)


def _record_in_question(record: TurnRecord, first: int | None, only: int | None) -> bool:
    if only is not None:
        return only in (record.index, record.recorded_turn)
    return first is None or record.index >= first


_Pair = tuple[Turn | None, TurnRecord | None]


def _paired(recorded: Mapping[int, Turn], records: Sequence[TurnRecord]) -> list[_Pair]:
    """Pair turns in the order of the replay; one that was not said stands where it was due."""
    ordered = sorted(records, key=lambda record: record.index)
    said = {r.recorded_turn for r in ordered if r.recorded_turn in recorded}
    waiting = [turn for index, turn in sorted(recorded.items()) if index not in said]
    pairs: list[_Pair] = []
    for record in ordered:
        turn = recorded.get(record.recorded_turn) if record.recorded_turn is not None else None
        while turn is not None and waiting and waiting[0].index < turn.index:
            pairs.append((waiting.pop(0), None))
        pairs.append((turn, record))
    return [*pairs, *((turn, None) for turn in waiting)]


def _numbered(pairs: Sequence[_Pair]) -> list[Turn]:
    """Return the replayed turns by the numbers of the recorded ones beside them, in that order.

    A turn that only the replay has takes a number that no other has: metrics over the turns of
    both sides leave it out, and count it all the same.
    """
    free = count(1 + max((turn.index for turn, _ in pairs if turn is not None), default=0))
    found = [
        Turn(index=next(free) if turn is None else turn.index, items=record.items)
        for turn, record in pairs
        if record is not None and record.spoken
    ]
    return sorted(found, key=lambda turn: turn.index)


def turn_status(
    baseline: Turn, replay: Turn, *, tools: Sequence[ToolDiff], text: Sequence[TextOp]
) -> TurnStatus:
    """Return how a replayed turn differs; the worst that holds.

    `error`: the replay has no answer because something failed, where the baseline had an
    answer, or had none without an error (its capture just ends). A baseline turn that failed
    too is no better than the replay, so the rest decides: the same calls and the same absence
    of words are `same`. `tools_changed`: other names, counts or order. `arguments_changed`.
    `text_changed`: any other word; also an answer on one side only.
    """
    if failure_of(replay) is not None and failure_of(baseline) is None:
        return "error"
    ops = {entry.op for entry in tools}
    if ops & {"replaced", "removed", "added"}:
        return "tools_changed"
    if "arguments" in ops:
        return "arguments_changed"
    if any(step.op != "equal" for step in text):
        return "text_changed"
    return "same"


def failure_of(turn: Turn) -> str | None:
    """Return why `turn` has no final answer; None where it has one, or just ends.

    Words said before a failure, such as "let me look", are no answer.
    """
    if turn.error is not None:
        return turn.error
    for item in reversed(turn.items):
        if isinstance(item, Failure):
            return item.error
        if isinstance(item, Message) and item.role != "user":
            return None
    return None


def _compared(
    recorded: Turn | None, record: TurnRecord | None, *, why_missing: Callable[[int], str]
) -> TurnComparison:
    if record is None:
        index = recorded.index if recorded else 0
        note = why_missing(index)
        return TurnComparison(index=index, status="missing", recorded_turn=index, note=note)
    if recorded is None:
        return TurnComparison(
            index=record.index,
            status="extra",
            replayed_turn=record.index,
            after_divergence=record.after_divergence,
            note=_why_extra(record.choice),
        )
    replayed = _turn(record)
    tools = tool_diff(asked_calls(recorded), asked_calls(replayed))
    text = word_diff(recorded.assistant or "", replayed.assistant or "")
    status = turn_status(recorded, replayed, tools=tools, text=text)
    return TurnComparison(
        index=recorded.index,
        status=status,
        recorded_turn=recorded.index,
        replayed_turn=record.index,
        text_diff=text,
        tool_diff=tools,
        after_divergence=record.after_divergence,
        note="; ".join(_notes(recorded, replayed, tools)) or None,
    )


def _turn(record: TurnRecord) -> Turn:
    return Turn(index=record.index, items=record.items)


def _notes(recorded: Turn, replayed: Turn, tools: Sequence[ToolDiff]) -> Iterator[str]:
    before, after = failure_of(recorded), failure_of(replayed)
    if after is not None:
        yield f"no answer: {one_line(after, _MAX_REASON)}"
    if before is not None:
        either = " either" if after is not None else ""
        yield f"the recording has no answer{either}: {one_line(before, _MAX_REASON)}"
    elif recorded.assistant is None and replayed.assistant is not None:
        yield "the recording has no answer here"
    said = dict.fromkeys(note for entry in tools if (note := _call_note(entry)))
    yield from list(said)[:_MAX_CALL_NOTES]


def _call_note(entry: ToolDiff) -> str | None:
    if entry.replay is None:
        return None
    if entry.replay.provenance == "refused":
        return f"{entry.replay.name} was refused"
    if not entry.replay.answered:
        return f"{entry.replay.name} got no answer"
    if entry.baseline and entry.op == "same" and not _known(entry.baseline, entry.replay):
        return f"the arguments of {entry.replay.name} are not on both sides, so not compared"
    return None


def _known(baseline: ToolCall, replay: ToolCall) -> bool:
    return comparable_arguments(baseline, replay) is not None


def _why_extra(choice: UserChoice | None) -> str:
    if choice is None:
        return "the recording ends before this turn"
    if choice.kind == "failed":
        return f"the user's side failed, the agent was not asked: {choice.reason}"
    what = "improvised" if choice.kind == "improvise" else f"turn {choice.recorded_turn} once more"
    return f"only in the replay, {what}: {choice.reason}"


def _why_missing(
    turns: Sequence[TurnRecord], *, ended: EndReason | None, error: str | None, apart: bool
) -> Callable[[int], str]:
    if apart:
        return lambda index: "not run yet"
    last = max(turns, key=lambda record: record.index, default=None)
    after = f"after turn {last.index}" if last else "before the first turn"
    reasons: Mapping[EndReason | None, str] = {
        "finished": f"not run: the replay ended {after}",
        "diverged": f"not run: the user's side stopped {after}",
        "user_failed": f"not run: the user's side failed {after}",
        "agent_error": f"not run: the agent failed {after}",
        "timeout": f"not run: the agent gave no answer in time {after}",
        "unreachable": f"not run: the agent could not be reached {after}",
        "cancelled": f"not run: cancelled {after}",
        None: f"not run yet: the replay is {after}",
    }
    detail = error or (last.misfit if last and ended == "diverged" else None)
    note = f"{reasons[ended]} ({one_line(detail, _MAX_REASON)})" if detail else reasons[ended]

    passed = {p.turn: p.reason for t in turns if t.choice for p in t.choice.passed_over}

    def why(index: int) -> str:
        if index in passed:
            return f"not said: {passed[index]}"
        if last is not None and last.choice is not None and ended == "finished":
            return _not_said(index, error) if error else f"not said {after}"
        if last is not None and index < last.index:
            return "the journal of the replay holds later turns but not this one"
        return note

    return why


def _not_said(index: int, error: str) -> str:
    """Return why a turn was not said, out of what may tell it of several turns."""
    told = f"turn {index} was not said: "
    own = next((part for part in error.split("; ") if part.startswith(told)), error)
    return f"not said: {one_line(own.removeprefix(told), _MAX_REASON)}"


def _first(turns: Sequence[TurnComparison], *, but: Sequence[TurnStatus]) -> Divergence | None:
    first = next((turn for turn in turns if turn.status not in but), None)
    return None if first is None else Divergence(turn=first.index, sentence=sentence_of(first))
