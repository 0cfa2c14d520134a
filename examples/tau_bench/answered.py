"""How many fixed runs a failed recording can answer: `python examples/tau_bench/answered.py`.

Takes every pair of a failed and a passed trial of one task. The calls of the passed trial are
asked of the failed one's recording, in their order, at three settings: exact (rung 1), all rungs
with the rules of `tools.yaml`, and these with a result declared for every call that missed. The
passed trial's own results are the truth that answers are held against. See README.md.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import recorded_agent

from reenact.capture.importers.tau import conversations_in
from reenact.cli.declared import declared_in
from reenact.codec import canonical
from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.tools.answer import ToolAnswer
from reenact.tools.calls import RecordedCall, recorded_calls
from reenact.tools.recorded import RecordedTools
from reenact.tools.rulebook import Rulebook

RULES = declared_in(Path(__file__).parent / "tools.yaml").rules
WORDING = {("think", "thought"), ("transfer_to_human_agents", "summary")}
"""Arguments that are wording, as the rules say."""


@dataclass(frozen=True)
class Pair:
    """A failed trial and a passed one of the same task."""

    failed: Conversation
    passed: Conversation


@dataclass
class Tally:
    """What became of all pairs at one setting."""

    name: str
    answered: int = 0
    pairs: int = 0
    rungs: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    declared: int = 0
    misses: list[Counter[str]] = field(default_factory=list)
    """Per pair that was not answered whole: its misses by reason."""


def main() -> int:
    """Print the table; 0 if nothing wrong was served."""
    tallies = tallied(pairs())
    print("\n".join(table(tallies)))
    return 1 if any(tally.wrong for tally in tallies) else 0


def pairs() -> list[Pair]:
    """Return every failed trial with every passed one of its task."""
    by_task: dict[object, list[Conversation]] = defaultdict(list)
    for talk in conversations_in(recorded_agent.results(), project="airline", on_reject=print):
        by_task[talk.metadata["task_id"]].append(talk)
    return [
        Pair(failed, passed)
        for talks in by_task.values()
        for failed, passed in product(talks, talks)
        if failed.scores[0].value == 0 and passed.scores[0].value == 1
    ]


def tallied(chosen: Sequence[Pair]) -> list[Tally]:
    """Ask at each setting, and hold the answers against the truth."""
    exact, rungs = Tally("exact"), Tally("all rungs")
    declared = Tally("all rungs, missed results declared")
    for pair in chosen:
        count(exact, pair, asked(pair, max_rung=1))
        count(rungs, pair, asked(pair, rules=RULES))
        lines = enough_declared(pair)
        count(declared, pair, asked(pair, rules=RULES, declared=lines))
        declared.declared += len(lines)
    return [exact, rungs, declared]


def asked(
    pair: Pair,
    *,
    max_rung: int = 5,
    rules: Sequence[ToolRules] = (),
    declared: Sequence[DeclaredResult] = (),
) -> list[tuple[RecordedCall, ToolAnswer]]:
    """Ask the failed recording for the passed trial's calls, in their order."""
    tools = RecordedTools(pair.failed, max_rung=max_rung, rules=rules, declared=declared)
    return [
        (one, tools.answer(one.call.name, one.call.arguments, turn=one.turn))
        for one in recorded_calls(pair.passed, rules=Rulebook(RULES))
    ]


def enough_declared(pair: Pair) -> list[DeclaredResult]:
    """Return results for all calls that miss, as a person would paste them run after run.

    A declared write makes recorded reads untrue, so that later calls may miss only then.
    """
    lines: list[DeclaredResult] = []
    while True:
        answers = asked(pair, rules=RULES, declared=lines)
        missed = [one.call for one, answer in answers if answer.provenance == "refused"]
        if not missed:
            return lines
        lines.append(
            DeclaredResult(
                tool=missed[0].name,
                arguments=missed[0].arguments,
                result=missed[0].result,
                error=missed[0].error,
            )
        )


def count(tally: Tally, pair: Pair, answers: Sequence[tuple[RecordedCall, ToolAnswer]]) -> None:
    """Add one pair to `tally`."""
    tally.pairs += 1
    missed = Counter[str]()
    same_world = True
    for one, answer in answers:
        if answer.provenance == "refused":
            tally.rungs["refused"] += 1
            missed[why(pair, one)] += 1
            same_world = same_world and one.effect == "read"
            continue
        place = "declared" if answer.provenance == "declared" else f"rung {answer.served.rung}"
        tally.rungs[place] += 1
        tally.wrong += wrong(pair, one, answer, same_world=same_world)
    tally.answered += not missed
    if missed:
        tally.misses.append(missed)


def why(pair: Pair, one: RecordedCall) -> str:
    """Say what the failed recording lacks for a call."""
    if one.effect == "write":
        return "a write that it does not hold"
    if one.call.name in ("calculate", "think"):
        return "a calculation or thought of its own"
    same = [c for c in pair.failed.tool_calls if c.name == one.call.name]
    if any(canonical(c.arguments) == canonical(one.call.arguments) for c in same):
        return "a read that a write has made untrue"
    return "a read of something never looked at"


def wrong(pair: Pair, one: RecordedCall, answer: ToolAnswer, *, same_world: bool) -> Iterator[str]:
    """Yield what is wrong with an answer: another thing's, or not what the tool really gave.

    The truth is known while every write so far was answered: then both talks are in one world.
    """
    place = answer.served.recorded_call
    if place is not None and answer.served.rung != 5:
        served = list(recorded_calls(pair.failed))[place].call
        if told(served) != told(one.call):
            yield f"{one.call.name}: another thing's result"
    if same_world and one.effect == "read":
        given, true = [answer.result, answer.error], [one.call.result, one.call.error]
        if canonical(given) != canonical(true):
            yield f"{pair.passed.id} on {pair.failed.id}: {one.call.name}{one.call.arguments}"


def told(call: ToolCall) -> str:
    """Return a call without its wording: what it is about."""
    kept = {k: v for k, v in call.arguments.items() if (call.name, k) not in WORDING}
    return canonical([call.name, kept])


def table(tallies: Sequence[Tally]) -> Iterator[str]:
    """Yield the table, then the misses explained."""
    kinds = ["rung 1", "rung 2", "rung 3", "rung 4", "rung 5", "declared", "refused"]
    yield f"{'setting':<36}{'answered':>10}{''.join(f'{kind:>10}' for kind in kinds)}{'wrong':>7}"
    for tally in tallies:
        counts = "".join(f"{tally.rungs[kind]:>10}" for kind in kinds)
        whole = f"{tally.answered} of {tally.pairs}"
        yield f"{tally.name:<36}{whole:>10}{counts}{len(tally.wrong):>7}"
    for tally in tallies:
        if tally.misses:
            yield f"\n{tally.name}: {len(tally.misses)} runs are not answered whole; they need"
            reasons = Counter(reason for missed in tally.misses for reason in missed)
            for reason, runs in reasons.most_common():
                calls = sum(missed[reason] for missed in tally.misses)
                yield f"  {reason}: {runs} runs, {calls} calls"
        elif tally.declared:
            yield f"\n{tally.name}: {tally.declared / tally.pairs:.1f} results a run to declare"


if __name__ == "__main__":
    sys.exit(main())
