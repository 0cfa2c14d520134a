"""Proposals: expectations that tell a recording from the replay that differs from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reenact.domain.comparison import Comparison, ToolDiff, TurnComparison
from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.expectation import Expectation
from reenact.domain.run import TurnRecord
from reenact.evaluate.expectations import judge, judge_recording
from reenact.matching.arguments import same_arguments

MAX_PROPOSALS = 20
MAX_TEXT = 80
"""A longer text among a call's arguments is wording, and is not proposed."""
MAX_STATEMENT = 200

_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?\n]?")


def propose(
    baseline: Conversation, turns: Sequence[TurnRecord], comparison: Comparison
) -> tuple[Expectation, ...]:
    """Return expectations that fail on `baseline` and do not fail on the replay `turns`.

    From the turns up to where the talks parted. A tool that was replaced: the old one must not
    be called there, the new one must; removed, added and changed calls accordingly. Where one
    turn differs and in its words alone, a sentence of the recording that the replay does not
    hold must not come back. Nothing is proposed that both sides pass, or that the replay fails.
    """
    differing = [
        turn
        for turn in comparison.turns
        if turn.status in ("tools_changed", "arguments_changed", "text_changed")
        and not turn.after_divergence
    ]
    candidates = [found for turn in differing for found in _from_tools(turn)]
    if not candidates and len(differing) == 1:
        candidates = [[found] for found in _from_text(differing[0])]
    kept: dict[str, Expectation] = {}
    for ways in candidates:
        chosen = next((way for way in ways if _tells_apart(way, baseline, turns)), None)
        if chosen is not None:
            kept.setdefault(repr(replace(chosen, reason=None)), chosen)
    return tuple(kept.values())[:MAX_PROPOSALS]


def _tells_apart(
    expectation: Expectation, baseline: Conversation, turns: Sequence[TurnRecord]
) -> bool:
    (before,) = judge_recording([expectation], baseline)
    (after,) = judge([expectation], turns)
    return before.outcome == "fail" and after.outcome != "fail"


def _from_tools(turn: TurnComparison) -> Iterator[list[Expectation]]:
    """Yield for each difference the expectations that could say it, the plainest first."""
    for diff in turn.tool_diff:
        if diff.op == "arguments":
            yield from _from_arguments(turn.index, diff)
            continue
        if diff.op in ("replaced", "removed") and diff.baseline is not None:
            then = f"; the replay called {diff.replay.name}" if diff.replay else ""
            reason = f"the recording called it on turn {turn.index}{then or '; the replay did not'}"
            yield _must_not(turn.index, diff.baseline, reason)
        if diff.op in ("replaced", "added") and diff.replay is not None:
            then = f"; the recording called {diff.baseline.name}" if diff.baseline else ""
            reason = f"the replay called it on turn {turn.index}{then or '; the recording did not'}"
            yield [_must(turn.index, diff.replay, reason)]


def _must(turn: int, call: ToolCall, reason: str) -> Expectation:
    arguments = call.arguments if isinstance(call.arguments, Mapping) else {}
    stable = {name: value for name, value in arguments.items() if not _is_wording(value)}
    left_out = [name for name in arguments if name not in stable]
    if left_out:
        reason += f" (any wording of {', '.join(left_out)} will do)"
    return Expectation(
        kind="must_call", turn=turn, tool=call.name, arguments=stable or None, reason=reason
    )


def _must_not(turn: int, call: ToolCall, reason: str) -> list[Expectation]:
    """Forbid the tool on the turn; where the replay calls it too, only with these arguments."""
    plain = Expectation(kind="must_not_call", turn=turn, tool=call.name, reason=reason)
    if not isinstance(call.arguments, Mapping) or not call.arguments:
        return [plain]
    return [plain, replace(plain, arguments=dict(call.arguments))]


def _from_arguments(turn: int, diff: ToolDiff) -> Iterator[list[Expectation]]:
    if diff.baseline is None or diff.replay is None:
        return
    before, after = diff.baseline.arguments, diff.replay.arguments
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    name = diff.replay.name
    new = _differing(after, before)
    old = _differing(before, after)
    if new:
        reason = f"the replay's value on turn {turn}; the recording had another, or none"
        yield [
            Expectation(kind="must_call", turn=turn, tool=name, arguments=new, reason=reason),
            # Where the recording made such a call too, what the two share sets them apart.
            Expectation(
                kind="must_call", turn=turn, tool=name, arguments=dict(after), reason=reason
            ),
        ]
    if old:
        reason = f"the recording's value on turn {turn}; the replay had another, or none"
        yield [
            Expectation(kind="must_not_call", turn=turn, tool=name, arguments=old, reason=reason),
            Expectation(
                kind="must_not_call", turn=turn, tool=name, arguments=dict(before), reason=reason
            ),
        ]


def _differing(these: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in these.items()
        if not _is_wording(value) and not (name in others and same_arguments(value, others[name]))
    }


def _is_wording(value: Any) -> bool:
    return isinstance(value, str) and (len(value) > MAX_TEXT or "\n" in value)


def _from_text(turn: TurnComparison) -> Iterator[Expectation]:
    before = "".join(step.baseline for step in turn.text_diff)
    after = " ".join("".join(step.replay for step in turn.text_diff).split()).casefold()
    for match in _SENTENCE.finditer(before):
        sentence = " ".join(match.group().split())
        if not sentence or not after or sentence.casefold() in after:
            continue
        if len(sentence) <= MAX_STATEMENT:
            reason = (
                f"only the words of turn {turn.index} differ: check that this sentence was what "
                "was wrong, for a mere rewording passes too"
            )
            yield Expectation(
                kind="text_not_contains", turn=turn.index, text=sentence, reason=reason
            )
            return
