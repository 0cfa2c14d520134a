"""Which turn of a row changed, and whether the user got there: turn mode beside conversations.

End to end, a turn may differ only because an earlier one did. Answered after the recorded
turns before it, it differs only where the agent itself does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reenact.compare.sentences import MAX_SENTENCE, one_line, sentence_of
from reenact.domain.comparison import (
    STATUS_ORDER,
    Divergence,
    EndToEnd,
    Localised,
    TurnComparison,
    TurnSamples,
    TurnStatus,
)
from reenact.domain.run_view import CallView
from reenact.stats.intervals import wilson

_NOT_RUN: TurnStatus = "missing"
_WORDS: tuple[TurnStatus, ...] = ("same", "text_changed")


def localised(calls: Sequence[CallView]) -> tuple[Localised, ...]:
    """Return what turn mode found for each row, beside its conversations where there are any."""
    rows: dict[str, list[CallView]] = {}
    for call in calls:
        rows.setdefault(call.row, []).append(call)
    return tuple(
        _localised(row, apart, [call for call in found if call.mode != "turn"])
        for row, found in rows.items()
        if (apart := [call for call in found if call.mode == "turn"])
    )


def _localised(row: str, apart: Sequence[CallView], talks: Sequence[CallView]) -> Localised:
    samples = _samples(apart)
    changed = _first_changed(samples)
    end_to_end = _end_to_end(talks) if talks else None
    drifted = tuple(_drifted(samples, talks))
    return Localised(
        row_id=row,
        sentence=_sentence(samples, changed, end_to_end, drifted),
        first_changed=changed,
        turns=samples,
        end_to_end=end_to_end,
        drifted=drifted,
    )


def _samples(apart: Sequence[CallView]) -> tuple[TurnSamples, ...]:
    by_turn: dict[int, list[TurnComparison]] = {}
    for call in apart:
        for turn in call.comparison.turns:
            by_turn.setdefault(turn.index, []).append(turn)
    return tuple(_sampled(index, by_turn[index]) for index in sorted(by_turn))


def _sampled(index: int, turns: Sequence[TurnComparison]) -> TurnSamples:
    run = [turn for turn in turns if turn.status != _NOT_RUN]
    counts = Counter(turn.status for turn in run)
    acted = sum(count for status, count in counts.items() if status not in _WORDS)
    worst = min(run, key=lambda turn: STATUS_ORDER.index(turn.status), default=None)
    return TurnSamples(
        turn=index,
        samples=len(run),
        statuses={status: counts[status] for status in STATUS_ORDER if counts[status]},
        changed=len(run) - counts["same"],
        other_act=acted,
        other_act_interval=wilson(acted, len(run)) if run else None,
        sentence=sentence_of(worst) if worst is not None and worst.status != "same" else None,
    )


def _first_changed(samples: Sequence[TurnSamples]) -> Divergence | None:
    acted = (turn for turn in samples if turn.other_act)
    said = (turn for turn in samples if turn.changed)
    first = next(acted, None) or next(said, None)
    if first is None or first.sentence is None:
        return None
    return Divergence(turn=first.turn, sentence=first.sentence)


def _end_to_end(talks: Sequence[CallView]) -> EndToEnd:
    finished = [talk for talk in talks if talk.ended_reason == "finished"]
    parted = [(turn.index, turn.misfit) for talk in talks for turn in talk.turns if turn.misfit]
    reached = [sum(turn.error is None and turn.index > 0 for turn in talk.turns) for talk in talks]
    return EndToEnd(
        repeats=len(talks),
        finished=len(finished),
        fitting=sum(not any(turn.misfit for turn in talk.turns) for talk in finished),
        turns=sum(turn.index > 0 for turn in talks[0].comparison.turns),
        least_turns=min(reached),
        parted=f"turn {parted[0][0]}: {parted[0][1]}" if parted else None,
    )


def _drifted(samples: Sequence[TurnSamples], talks: Sequence[CallView]) -> list[int]:
    """Return the turns that changed end to end and not, in the same way, by themselves."""
    found: dict[int, set[TurnStatus]] = {}
    for talk in talks:
        for turn in talk.comparison.turns:
            found.setdefault(turn.index, set()).add(turn.status)
    return [
        sample.turn
        for sample in samples
        if (statuses := found.get(sample.turn, set()) - {_NOT_RUN, "same"})
        and sample.samples
        and (not sample.changed or (bool(statuses - set(_WORDS)) and not sample.other_act))
    ]


def _sentence(
    samples: Sequence[TurnSamples],
    changed: Divergence | None,
    end_to_end: EndToEnd | None,
    drifted: Sequence[int],
) -> str:
    parts = [] if end_to_end is None else [_got_there(end_to_end)]
    parts.append(_changed_first(samples, changed))
    if drifted:
        several = len(drifted) > 1
        named = f"turn{'s' * several} {', '.join(map(str, drifted))}"
        parts.append(f"{named} changed only end to end, in the wake of what went before")
    text = one_line("; ".join(parts), MAX_SENTENCE * 2)
    return text[:1].upper() + text[1:]


def _got_there(talk: EndToEnd) -> str:
    of = f" in {talk.finished} of {talk.repeats} repeats" if talk.repeats > 1 else ""
    if talk.finished:
        said = f"end to end the user got to the last of {talk.turns} turns{of}"
    else:
        said = f"end to end the user got no further than turn {talk.least_turns} of {talk.turns}"
    return f"{said}, but the talk parted on {talk.parted}" if talk.parted else said


def _changed_first(samples: Sequence[TurnSamples], changed: Divergence | None) -> str:
    unrun = sum(not turn.samples for turn in samples)
    without = f" ({unrun} of {len(samples)} turns were not run)" if unrun else ""
    if changed is None:
        return f"turn by turn, every turn is the same{without}"
    turn = next(one for one in samples if one.turn == changed.turn)
    count = turn.other_act or turn.changed
    often = f" in {count} of {turn.samples} samples" if turn.samples > 1 else ""
    what = changed.sentence.removeprefix(f"Turn {changed.turn}: ")
    only = "" if turn.other_act else "only words changed, first on "
    which = f"{only}turn {changed.turn}{'' if only else ' changed first'}"
    return f"turn by turn, {which}{often}: {what}{without}"
