"""A run told without its talks: totals, distributions, a line for each talk.

Talks are read one row at a time and only their outlines are kept, so that a run of thousands
takes no more room than its list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from reenact.agents.targets import describe_target
from reenact.compare.localise import localised
from reenact.domain.comparison import Comparison, Metric
from reenact.domain.expectation import RowVerdict
from reenact.domain.progress import RunProgress
from reenact.domain.run import Run
from reenact.domain.run_detail import CallRow, Distribution, RunDetail, RunLine
from reenact.domain.run_view import CallView
from reenact.runs.budgets import budget_of
from reenact.runs.replayed import RunContents, as_one, contents_of
from reenact.runs.views import ViewedRow, summary_of, viewed_rows
from reenact.runs.workspace import Workspace
from reenact.stats.histogram import counts_in, edges_of

_LATENCY = "latency_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outline:
    """What totals need of a talk."""

    id: str
    status: str
    mode: str
    has_turns: bool
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """An ended run: its detail, and its talks in their order."""

    detail: RunDetail
    calls: tuple[CallRow, ...]


def line_of(workspace: Workspace, run: Run) -> RunLine:
    """Return `run` as a line of a list."""
    records = workspace.records
    test = records.run_test(run.run_test_id)
    return RunLine(
        id=run.id,
        project_id=run.project_id,
        run_test_id=test.id,
        name=test.name,
        agent=records.agent(test.agent_id).name,
        agent_version=test.agent_version,
        target=describe_target(test.target),
        status=run.status,
        reason=run.reason,
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        progress=workspace.control.progress(run),
    )


def overview_of(workspace: Workspace, run: Run) -> Overview:
    """Return all of a run that has ended or was stopped."""
    contents = contents_of(workspace, run)
    outlines: list[_Outline] = []
    lines: dict[str, CallRow] = {}
    verdicts: list[RowVerdict] = []
    by_turn: list[CallView] = []
    for row in viewed_rows(workspace, contents):
        verdicts.append(row.verdict)
        outlines.extend(_outline(call) for call in row.calls)
        lines.update((line.id, line) for line in _lines(row, run))
        if "turn" in contents.test.options.modes:
            by_turn.extend(row.calls)
    detail = replace(
        bare_detail(workspace, contents),
        summary=summary_of(run, outlines, verdicts),
        rows=tuple(verdicts),
        distributions=tuple(_distributions(outlines)),
        localised=localised(by_turn),
    )
    order = (as_one(talk).id for talk in contents.talks)
    return Overview(detail=detail, calls=tuple(lines[id] for id in order))


def bare_detail(workspace: Workspace, contents: RunContents) -> RunDetail:
    """Return what is known of a run at any time."""
    run, test = contents.run, contents.test
    progress: RunProgress = workspace.control.progress(run)
    budget = budget_of(run, test)
    return RunDetail(
        id=run.id,
        project_id=run.project_id,
        run_test_id=test.id,
        replay_session_id=test.replay_session_id,
        name=test.name,
        scenario_ids=test.scenario_ids,
        scenario=", ".join(scenario.name for scenario in contents.scenarios),
        agent_id=test.agent_id,
        agent=workspace.records.agent(test.agent_id).name,
        agent_version=test.agent_version,
        target=describe_target(test.target),
        options=test.options,
        status=run.status,
        reason=run.reason,
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        stopped_by=run.stopped_by,
        budget=budget if budget.bounded else None,
        spent=run.spent,
        progress=progress,
        summary=None,
        rows=(),
        distributions=(),
        localised=(),
    )


def lines_so_far(
    workspace: Workspace, contents: RunContents, talks: Iterable[int]
) -> tuple[CallRow, ...]:
    """Return the talks in these places of a run that goes on; those that have ended in full."""
    chosen = [as_one(contents.talks[place]) for place in talks]
    ended = {call.row_id for call in chosen if call.status in ("completed", "failed")}
    full = {
        line.id: line
        for row in viewed_rows(workspace, contents, ended)
        for line in _lines(row, contents.run)
    }
    return tuple(
        full.get(call.id)
        or CallRow(
            id=call.id,
            run_id=call.run_id,
            row_id=call.row_id,
            mode=call.mode,
            repeat=call.repeat,
            status=call.status,
            ended_reason=call.ended_reason,
            error=call.error,
            turns=len(workspace.journal.turns(call.id, call.attempt)),
        )
        for call in chosen
    )


def _lines(row: ViewedRow, run: Run) -> Iterator[CallRow]:
    for call in row.calls:
        latency = next((m for m in call.comparison.metrics if m.name == _LATENCY), None)
        baseline = call.baseline
        yield CallRow(
            id=call.id,
            run_id=run.id,
            row_id=call.row,
            mode=call.mode,
            repeat=call.repeat,
            status=call.status,
            ended_reason=call.ended_reason,
            error=call.error,
            turns=len(call.turns),
            conversation_id=baseline.id,
            session_id=baseline.session_id,
            first_user_text=next((_short(turn.user) for turn in baseline.turns if turn.user), None),
            recorded_turns=sum(turn.user is not None for turn in baseline.turns),
            verdict=call.verdict,
            verdict_reason=call.verdict_reason,
            worst=call.comparison.status if call.turns else None,
            first_divergence=call.comparison.first_divergence,
            first_other_act=call.comparison.first_other_act,
            latency_ms=latency.replay if latency else None,
            baseline_latency_ms=latency.baseline if latency else None,
        )


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= 200 else text[:199] + "…"


def _outline(call: CallView) -> _Outline:
    """Return what totals need of `call`: no word of it, and its numbers."""
    turns = tuple(
        replace(turn, text_diff=(), tool_diff=(), note=None) for turn in call.comparison.turns
    )
    return _Outline(
        id=call.id,
        status=call.status,
        mode=call.mode,
        has_turns=call.has_turns,
        comparison=replace(call.comparison, turns=turns),
    )


def _distributions(outlines: Sequence[_Outline]) -> Iterator[Distribution]:
    """Yield how each metric is spread, over the talks that have it on both sides."""
    found: dict[str, list[Metric]] = {}
    for outline in outlines:
        for metric in outline.comparison.metrics:
            if metric.change is not None:
                found.setdefault(metric.name, []).append(metric)
    for name, metrics in found.items():
        baseline = [m.baseline for m in metrics if m.baseline is not None]
        replay = [m.replay for m in metrics if m.replay is not None]
        edges = edges_of([*baseline, *replay])
        yield Distribution(
            name=name,
            unit=metrics[0].unit,
            better=metrics[0].better,
            edges=edges,
            baseline=counts_in(edges, baseline),
            replay=counts_in(edges, replay),
        )
