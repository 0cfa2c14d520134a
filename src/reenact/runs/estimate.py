"""What a run is expected to take, from what its rows took when they were recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from reenact.domain.agent import AgentTarget, HttpTarget
from reenact.domain.budget import Budget, Estimate
from reenact.domain.conversation import Usage
from reenact.domain.recording import Recording
from reenact.domain.run import RunOptions
from reenact.domain.scenario import RecordedSize, Row
from reenact.pricing import cost_of
from reenact.runs.sizes import size_of


def sizes_of(rows: Sequence[Row], recordings: Iterable[Recording]) -> list[RecordedSize]:
    """Return the sizes of `rows`; read from their recordings where they were not noted."""
    talks = {recording.hash: recording.conversation for recording in recordings}
    return [
        row.size if row.size is not None else size_of(talks[row.recording_hash or ""], row)
        for row in rows
    ]


def estimate(
    sizes: Sequence[RecordedSize], options: RunOptions, *, target: AgentTarget | None
) -> Estimate:
    """Return what running rows of these sizes is expected to take.

    Tokens are priced by the target's model where it names one, else the recorded cost counts.
    Of a target that only a server knows there is None.
    """
    times = options.repeats * len(options.modes)
    given = _total(sizes, lambda size: size.input_tokens)
    made = _total(sizes, lambda size: size.output_tokens)
    model = target.model if isinstance(target, HttpTarget) else None
    cost = _priced(given, made, model) if model else _total(sizes, lambda size: size.cost_usd)
    return Estimate(
        talks=len(sizes) * times,
        turns=sum(size.turns for size in sizes) * times,
        input_tokens=None if given is None else int(given * times),
        output_tokens=None if made is None else int(made * times),
        cost_usd=None if cost is None else round(cost * times, 6),
        seconds=_seconds(sizes, options),
        unknown=tuple(_unknown(sizes, model)),
    )


def beyond(expected: Estimate, budget: Budget) -> str | None:
    """Say which bound of `budget` the run is expected to reach; None where it fits."""
    pairs = (
        ("turns", expected.turns, budget.max_turns),
        ("s", expected.seconds, budget.max_seconds),
        ("USD", expected.cost_usd, budget.max_cost_usd),
    )
    over = [
        f"{value:g} {unit} for {most:g}"
        for unit, value, most in pairs
        if value is not None and most is not None and value > most
    ]
    return ", ".join(over) or None


def _seconds(sizes: Sequence[RecordedSize], options: RunOptions) -> float | None:
    """Return the wall time at the concurrency: all work shared, but no talk is divided.

    In turn mode a talk is divided into its turns.
    """
    whole = _total(sizes, lambda size: size.working_ms)
    longest = [size.longest_turn_ms for size in sizes]
    if "conversation" in options.modes:
        longest = [size.working_ms for size in sizes]
    if whole is None or None in longest:
        return None
    shared = whole * options.repeats * len(options.modes) / options.concurrency
    return round(max(shared, *(taken or 0.0 for taken in longest)) / 1000, 3)


def _total(
    sizes: Sequence[RecordedSize], of: Callable[[RecordedSize], float | None]
) -> float | None:
    """Return a sum over all rows; None where one of them does not say."""
    known = [value for size in sizes if (value := of(size)) is not None]
    return sum(known) if sizes and len(known) == len(sizes) else None


def _priced(given: float | None, made: float | None, model: str) -> float | None:
    if given is None or made is None:
        return None
    cost = cost_of(Usage(input_tokens=int(given), output_tokens=int(made)), model=model)
    return None if cost is None else cost.amount


def _unknown(sizes: Sequence[RecordedSize], model: str | None) -> Iterable[str]:
    facts: dict[str, Callable[[RecordedSize], float | None]] = {
        "tokens": lambda size: size.input_tokens,
        "cost": lambda size: size.cost_usd,
        "time": lambda size: size.working_ms,
    }
    if model is not None:
        del facts["cost"]
    for name, of in facts.items():
        missing = sum(of(size) is None for size in sizes)
        if missing:
            yield f"{name}: {missing} of {len(sizes)} recordings do not say"
