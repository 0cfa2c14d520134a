"""What is replayed and what it is called: chosen talks, names, and what is declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reenact import codec
from reenact.domain.scenario import DeclaredResult
from reenact.domain.selection import Filter, ReplayType
from reenact.domain.tool_rules import ToolRules
from reenact.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to replay: ids of one kind, or all that match."""

    project: str
    replay_type: ReplayType = "session"
    ids: tuple[str, ...] = ()
    select_all: bool = False
    filter: Filter | None = None
    exclude_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What the scenario and the agent are called, how many rows are wanted, what is declared."""

    agent_name: str | None = None
    agent_description: str = ""
    scenario_name: str | None = None
    no_of_rows: int = 20
    declared: tuple[DeclaredResult, ...] = ()
    tool_rules: tuple[ToolRules, ...] = ()


DEFAULT_NAMES = Naming()


def declared_results(
    given: Sequence[DeclaredResult | Mapping[str, Any]], *, where: str
) -> tuple[DeclaredResult, ...]:
    """Return declared results, read from plain data where they are that.

    Raises:
        UsageError: naming the place that does not fit, or a result beside an error.
    """
    read = codec.from_data(list[DeclaredResult], list(given), where=where)
    for number, one in enumerate(read):
        if one.error is not None and one.result is not None:
            raise UsageError(
                f"{number}: a declared call of {one.tool} has a result or an error, not both",
                where=where,
            )
    return tuple(read)


def selection(
    project: str,
    sessions: str | Sequence[str],
    traces: str | Sequence[str],
    *,
    all: bool,
    filter: Filter | None,
    exclude: Sequence[str],
    replay_type: ReplayType | None = None,
) -> Selection:
    """Return what is chosen.

    Raises:
        UsageError: when sessions and traces are both named.
    """
    sessions = (sessions,) if isinstance(sessions, str) else tuple(sessions)
    traces = (traces,) if isinstance(traces, str) else tuple(traces)
    if sessions and traces:
        raise UsageError(
            "name sessions or traces, not both", next_step="replay them one after the other"
        )
    return Selection(
        project=project,
        replay_type=replay_type or ("trace" if traces else "session"),
        ids=sessions or traces,
        select_all=all,
        filter=filter,
        exclude_ids=tuple(exclude),
    )
