"""Expectations, judged on a replay or on a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.expectation import Expectation, ExpectationKind, Judgement
from reenact.domain.run import EndReason, TurnRecord
from reenact.evaluate.evidence import Evidence, Heard, evidence_of, evidence_of_recording
from reenact.matching.arguments import same_arguments

Seen = tuple[Literal["yes", "no", "unknown"], str]
"""Whether a turn holds what an expectation speaks of, and the words that say so."""

_WANTED: tuple[ExpectationKind, ...] = ("must_call", "text_contains", "text_equals")
_SHOWN = 120


def judge(
    expectations: Iterable[Expectation],
    turns: Sequence[TurnRecord],
    *,
    ended: EndReason | None = None,
    calls_known: bool = True,
    apart: bool = False,
) -> tuple[Judgement, ...]:
    """Judge each of `expectations` on the turns of a replay.

    Calls count as asked for, refused ones included. What would follow an unanswered call, a
    failure or the parting from the recording is `no_evidence`; what went wrong before that
    point is a `fail`. A turn on which the agent itself failed (`agent_error`) did not do what
    it had to; that it did not do something wrong there proves nothing.

    Args:
        expectations: What to judge.
        turns: The journalled turns of one attempt, in any order.
        ended: Why the replay ended, where it is known; see `evidence_of`.
        calls_known: False where the agent ran its own tools and told nobody: then that a
            call was not seen proves nothing.
        apart: Each turn was run by itself, after the recorded ones before it.
    """
    evidence = evidence_of(turns, ended=ended, apart=apart)
    judged = tuple(_judged(expectation, evidence) for expectation in expectations)
    return judged if calls_known else tuple(_unseen(judgement) for judgement in judged)


def judge_recording(
    expectations: Iterable[Expectation],
    conversation: Conversation,
    *,
    only_turn: int | None = None,
) -> tuple[Judgement, ...]:
    """Judge each of `expectations` on a recording: all that it holds did happen.

    `no_evidence` is given where the capture lacks what is asked about: a turn, an answer, the
    arguments of a call. `only_turn` looks at this turn alone.
    """
    evidence = evidence_of_recording(conversation, only_turn=only_turn)
    return tuple(_judged(expectation, evidence) for expectation in expectations)


def statement(expectation: Expectation) -> str:
    """Say an expectation in words, such as "must call check_status(order_id='A-1') on turn 4"."""
    what = expectation.kind.replace("_", " ")
    if expectation.tool is not None:
        narrowed = _inside(expectation.arguments) if expectation.arguments else None
        what += f" {expectation.tool}" + (f"({narrowed})" if narrowed else "")
    if expectation.text is not None:
        what += f" {_short(repr(expectation.text))}"
    return what + _on(expectation.turn)


def _judged(expectation: Expectation, evidence: Evidence) -> Judgement:
    turn = expectation.turn
    scope = [heard for heard in evidence.turns if turn in (None, heard.turn)]
    if turn is not None and not scope:
        return _judgement(expectation, "no_evidence", evidence.absent(turn), turn)
    look = _LOOKS[expectation.kind]
    unknown: str | None = None
    for heard in scope:
        found, words = look(expectation, heard)
        if found == "yes":
            outcome: Literal["pass", "fail"] = "pass" if expectation.kind in _WANTED else "fail"
            return _judgement(expectation, outcome, f"{words} on turn {heard.index}", heard.turn)
        if found == "unknown":
            unknown = unknown or f"{words} on turn {heard.index}"
    return _not_found(expectation, scope, unknown or _open(scope, turn, evidence))


def _unseen(judgement: Judgement) -> Judgement:
    """Take back what rests on a call that was not seen, where calls cannot be seen."""
    of_calls = judgement.expectation.tool is not None
    absent = (judgement.outcome == "pass") != (judgement.expectation.kind in _WANTED)
    if not of_calls or not absent:
        return judgement
    why = "the agent ran its own tools and sent no spans, so its calls are not known"
    return replace(judgement, outcome="no_evidence", reason=why)


def _not_found(expectation: Expectation, scope: Sequence[Heard], why: str | None) -> Judgement:
    turn, wanted = expectation.turn, expectation.kind in _WANTED
    absence = _absence(expectation, scope)
    if turn is not None and wanted and scope[-1].crashed:
        return _judgement(expectation, "fail", f"{absence}: {scope[-1].open}", turn)
    if why is not None:
        return _judgement(expectation, "no_evidence", why, turn)
    return _judgement(expectation, "fail" if wanted else "pass", absence, turn)


def _open(scope: Sequence[Heard], turn: int | None, evidence: Evidence) -> str | None:
    """Say why the turns in question were not heard to their end; None where they were."""
    why = evidence.end if turn is None else scope[-1].open
    return f"what follows cannot be judged: {why}" if why else None


def _called(expectation: Expectation, heard: Heard) -> Seen:
    found: Seen = ("no", "")
    for call in heard.calls:
        if call.name != expectation.tool:
            continue
        if not expectation.arguments or _holds(expectation.arguments, call.arguments):
            refused = " (and refused)" if call.provenance == "refused" else ""
            return "yes", f"{_call_text(call)} was called{refused}"
        if call.arguments is None:
            found = "unknown", f"the capture lacks the arguments of {call.name}"
    return found


def _contains(expectation: Expectation, heard: Heard) -> Seen:
    if not heard.text_known:
        return "unknown", "the capture lacks the answer"
    said, wanted = _plain(heard.text or ""), _plain(expectation.text or "")
    if wanted.casefold() in said.casefold():
        return "yes", f"the agent said {_short(repr(wanted))}"
    return "no", ""


def _equals(expectation: Expectation, heard: Heard) -> Seen:
    if not heard.text_known:
        return "unknown", "the capture lacks the answer"
    if heard.open is None and _plain(heard.text or "") == _plain(expectation.text or ""):
        return "yes", "the agent said exactly this"
    return "no", ""


_LOOKS: Mapping[ExpectationKind, Callable[[Expectation, Heard], Seen]] = {
    "must_call": _called,
    "must_not_call": _called,
    "text_contains": _contains,
    "text_not_contains": _contains,
    "text_equals": _equals,
}


def _holds(wanted: Mapping[str, Any], arguments: Any) -> bool:
    if not isinstance(arguments, Mapping):
        return False
    return all(
        name in arguments and same_arguments(value, arguments[name])
        for name, value in wanted.items()
    )


def _absence(expectation: Expectation, scope: Sequence[Heard]) -> str:
    where = _on(expectation.turn)
    if expectation.tool is None:
        shown = _short(repr(expectation.text))
        return f"the agent did not say {shown}{where}"
    calls = [call for heard in scope for call in heard.calls]
    same_tool = [call for call in calls if call.name == expectation.tool]
    if same_tool:
        return f"called with other arguments{where}: {_call_text(same_tool[-1])}"
    instead = _short(", ".join(_call_text(call) for call in calls)) if expectation.turn else ""
    return f"{expectation.tool} was not called{where}" + (f"; called {instead}" if instead else "")


def _judgement(
    expectation: Expectation,
    outcome: Literal["pass", "fail", "no_evidence"],
    reason: str,
    turn: int | None,
) -> Judgement:
    return Judgement(expectation=expectation, outcome=outcome, reason=reason, turn=turn)


def _on(turn: int | None) -> str:
    return f" on turn {turn}" if turn is not None else ""


def _plain(text: str) -> str:
    """Return `text` with every run of white space as one space."""
    return " ".join(text.split())


def _call_text(call: ToolCall) -> str:
    if not isinstance(call.arguments, Mapping):
        return f"{call.name}({'' if call.arguments is None else _short(repr(call.arguments))})"
    return f"{call.name}({_inside(call.arguments)})"


def _inside(arguments: Mapping[str, Any]) -> str:
    return _short(", ".join(f"{name}={_short(repr(v))}" for name, v in arguments.items()))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
