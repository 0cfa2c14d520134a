"""What a comparison of a recording with a replay holds. Computed in `compare/`, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reenact.domain.conversation import ToolCall

TurnStatus = Literal[
    "error", "missing", "extra", "tools_changed", "arguments_changed", "text_changed", "same"
]
STATUS_ORDER: tuple[TurnStatus, ...] = (
    "error",
    "missing",
    "extra",
    "tools_changed",
    "arguments_changed",
    "text_changed",
    "same",
)
"""Worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOp:
    """One step of a word diff.

    `insert` is in the replay only, `delete` in the baseline only.
    """

    op: Literal["equal", "insert", "delete", "replace"]
    baseline: str
    replay: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentChange:
    """An argument that differs; `path` is a dotted path such as `items.0.id`."""

    path: str
    op: Literal["added", "removed", "changed"]
    baseline: Any = None
    replay: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDiff:
    """A pair of aligned tool calls; one side is None where the call was added or removed."""

    op: Literal["same", "arguments", "replaced", "added", "removed"]
    baseline: ToolCall | None
    replay: ToolCall | None
    changes: tuple[ArgumentChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnComparison:
    """One turn of the recording beside the turn of the replay that says the same.

    `index` is the recorded turn's number, or the replay's where the recording has none.
    """

    index: int
    status: TurnStatus
    recorded_turn: int | None = None
    """The number in the recording; None for a turn that only the replay has."""
    replayed_turn: int | None = None
    """The number in the replay; None for a turn that was not said. The two differ only where a
    guided user left the order of the recording."""
    text_diff: tuple[TextOp, ...] = ()
    tool_diff: tuple[ToolDiff, ...] = ()
    after_divergence: bool = False
    note: str | None = None
    """What a reader must know: why a turn is missing, what went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first turn that is not the same, in one sentence."""

    turn: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number on both sides. A delta only where both sides have it.

    `change` is replay minus baseline, `change_percent` relative to the baseline (None at 0).
    """

    name: str
    unit: str
    baseline: float | None
    replay: float | None
    change: float | None
    change_percent: float | None
    better: Literal["lower", "higher"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A recording beside one replay of it."""

    turns: tuple[TurnComparison, ...]
    first_divergence: Divergence | None
    first_other_act: Divergence | None = None
    """The first turn in which the agent did, and did not only say, something else. With a model
    behind the agent the wording of turn 1 differs nearly always; this is what to look at."""
    metrics: tuple[Metric, ...]

    @property
    def status(self) -> TurnStatus:
        """The worst status of any turn; `same` for an empty talk."""
        found = {turn.status for turn in self.turns}
        return next((status for status in STATUS_ORDER if status in found), "same")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSamples:
    """What the repeats of one turn did after the recorded turns before it: paired samples."""

    turn: int
    samples: int
    statuses: Mapping[TurnStatus, int]
    """How many samples have each status, worst first; only those that occur."""
    changed: int
    """Samples that are not the same."""
    other_act: int
    """Samples in which the agent did, and did not only say, something else."""
    other_act_interval: tuple[float, float] | None
    """The 95 % interval of the share of `other_act`; None without samples."""
    sentence: str | None
    """The worst difference in one sentence; None where every sample is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndToEnd:
    """How far the user got when the same row was replayed end to end."""

    repeats: int
    finished: int
    """Repeats in which every recorded user turn was said and answered."""
    fitting: int
    """Those of `finished` in which the recorded words fitted to the end."""
    turns: int
    """Turns of the recording."""
    least_turns: int
    """Turns with an answer in the repeat that got least far."""
    parted: str | None
    """Where and how the first repeat that parted did so; None where none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Localised:
    """Which turn of a row changed: each was answered after the recorded ones before it."""

    row_id: str
    sentence: str
    """Whether the user got there, where that was run too, and which turn changed first."""
    first_changed: Divergence | None
    """The first turn in which the agent did something else, else the first other wording."""
    turns: tuple[TurnSamples, ...]
    end_to_end: EndToEnd | None = None
    """None where the row was not replayed end to end."""
    drifted: tuple[int, ...] = ()
    """Turns that changed end to end, but not after the recorded history: they follow from
    what went before."""
