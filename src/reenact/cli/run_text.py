"""A run as lines for a terminal: what became of each talk, turn by turn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from rich.table import Table

from reenact.cli.console import shown as escape
from reenact.cli.localised_text import localised_lines
from reenact.compare.sentences import choice_text, turn_name, verbatim_text
from reenact.domain.comparison import Comparison, Metric, TextOp, ToolDiff, TurnComparison
from reenact.domain.conversation import ToolCall
from reenact.domain.run_view import CallView, MetricSummary, RunView
from reenact.domain.view import TurnView

_COLOURS = {
    "same": "green",
    "text_changed": "yellow",
    "arguments_changed": "magenta",
    "tools_changed": "red",
    "missing": "red",
    "extra": "red",
    "error": "red",
}
VERDICT_COLOURS = {
    "fixed": "green",
    "passing": "green",
    "flaky": "yellow",
    "no_evidence": "dim",
    "not_comparable": "yellow",
    "still_failing": "red",
    "regressed": "red",
}
_SHOWN_CALLS = 20
_PASTE = "to declare its result, paste into a --declared file or under declared: of a kept file"
_WIDTH = 160


def run_lines(run: RunView, *, limit: int = _SHOWN_CALLS) -> Iterator[str | Table]:
    """Yield the run as rich markup: heading, talks with their turns, metrics, totals."""
    yield (
        f"[bold]{escape(run.agent)}[/] v{run.agent_version} · {escape(run.target)}\n"
        f"[dim]{run.id} · project {escape(run.project)} · {run.user_policy} · "
        f"{run.repeats} repeat{'s' * (run.repeats != 1)}[/]"
    )
    yield from localised_lines(run.localised[:limit])
    for call in run.calls[:limit]:
        yield ""
        yield from call_lines(call)
    if len(run.calls) > limit:
        yield f"\n[dim]and {len(run.calls) - limit} more: reenact runs show {run.id} --json[/]"
    metrics = run.calls[0].comparison.metrics if len(run.calls) == 1 else run.summary.metrics
    if any(metric.baseline is not None for metric in metrics):
        yield ""
        yield metric_table(metrics)
        yield "[dim]all but turn_count: over the turns that both sides have[/]"
    yield ""
    yield summary_line(run)


def call_lines(call: CallView) -> Iterator[str]:
    """Yield one talk: where it parted, then its turns."""
    score = call.fidelity.score
    fidelity = "unknown" if score is None else f"{score} of 100"
    modes = {"turn": " · turn by turn", "fork": f" · live from turn {call.first_turn}"}
    name = f"[bold]{escape(call.row)}[/] #{call.repeat + 1}{modes.get(call.mode, '')}"
    yield (
        f"{name} · fidelity {fidelity} · {verbatim_text(call)} · "
        f"[{VERDICT_COLOURS[call.verdict]}]{call.verdict}[/]"
    )
    if call.verdict == "not_comparable":
        yield f"  [yellow]{escape(call.verdict_reason)}[/]"
    divergence = call.comparison.first_divergence
    if divergence is not None:
        yield f"  [bold]{escape(_one_line(divergence.sentence))}[/]"
        acted = call.comparison.first_other_act
        if acted is not None and acted.turn != divergence.turn:
            yield f"  [bold]first other act: {escape(_one_line(acted.sentence))}[/]"
    elif call.comparison.turns:
        yield "  [green]every turn is the same[/]"
    after: dict[int | None, TurnView] = {turn.index: turn for turn in call.turns}
    before: dict[int | None, TurnView] = {turn.index: turn for turn in call.baseline.turns}
    for turn in call.comparison.turns:
        yield from _turn_lines(turn, before.get(turn.recorded_turn), after.get(turn.replayed_turn))
    for what, calls in (
        ("recorded calls never asked for", call.unused_calls),
        ("calls that the recording did not answer", call.unrecorded_calls),
    ):
        if calls:
            names = Counter(one.name for one in calls)
            shown = ", ".join(f"{n} x {name}" if n > 1 else name for name, n in names.items())
            yield f"  [dim]{len(calls)} {what}: {escape(_one_line(shown))}[/]"
    if call.ended_reason not in ("finished", None) or call.error:
        yield f"  [dim]ended: {call.ended_reason}; {escape(_one_line(call.error or ''))}[/]"


def _turn_lines(
    compared: TurnComparison, before: TurnView | None, after: TurnView | None
) -> Iterator[str]:
    colour = _COLOURS[compared.status]
    later = " [dim](after the divergence)[/]" if compared.after_divergence else ""
    user = (after or before).user if (after or before) is not None else None  # type: ignore[union-attr]
    yield (
        f"  {turn_name(compared)} [{colour}]{compared.status.replace('_', ' ')}[/]{later}"
        f"  [dim]{escape(_one_line(user or '', 90))}[/]"
    )
    if after is not None and after.choice is not None:
        yield f"      [dim]user: {escape(_one_line(choice_text(after.choice), 300))}[/]"
    for diff in compared.tool_diff:
        if diff.op != "same":
            yield from _tool_lines(diff)
    if compared.status not in ("same", "missing") and (words := _word_line(compared.text_diff)):
        yield f"      {words}"
    if compared.note and not (compared.status == "extra" and after and after.choice):
        yield f"      [dim]{escape(_one_line(compared.note, 300))}[/]"
    for call in after.tool_calls if after else ():
        if call.provenance == "refused" and call.served and call.served.miss:
            yield f"      [yellow]{escape(call.name)} was refused:[/] {escape(call.served.miss)}"
            if call.served.declare:
                yield f"      [dim]{_PASTE}[/]"
                yield from (f"        [dim]{escape(x)}[/]" for x in call.served.declare.split("\n"))


def _tool_lines(diff: ToolDiff) -> Iterator[str]:
    if diff.baseline is not None:
        yield f"      [red]- {escape(shown_call(diff.baseline))}[/]"
    if diff.replay is not None:
        source = f" [dim]({diff.replay.provenance})[/]" if diff.replay.provenance else ""
        yield f"      [green]+ {escape(shown_call(diff.replay))}[/]{source}"


def shown_call(call: ToolCall) -> str:
    """Return a call as `name(key='value')`, shortened to a line."""
    if isinstance(call.arguments, dict):
        inner = ", ".join(f"{key}={value!r}" for key, value in call.arguments.items())
    else:
        inner = json.dumps(call.arguments, ensure_ascii=False)
    return _one_line(f"{call.name}({inner})")


def _word_line(ops: tuple[TextOp, ...]) -> str:
    parts: list[str] = []
    for op in ops:
        if op.op == "equal":
            parts.append(escape(_middle(op.baseline)))
            continue
        # The marks of wdiff stay readable where there are no colours.
        if op.baseline:
            parts.append(_marked(op.baseline, "red", "\\[-", "-]"))
        if op.replay:
            parts.append(_marked(op.replay, "green", "{+", "+}"))
    return "".join(parts).replace("\n", " ")


def _marked(words: str, colour: str, opening: str, closing: str) -> str:
    inner = words.strip()
    if not inner:
        return words  # only white space changed: there is nothing to mark
    before, _, after = words.partition(inner)
    return f"{before}[{colour}]{opening}{escape(inner)}{closing}[/]{after}"


def metric_table(metrics: tuple[MetricSummary, ...] | tuple[Metric, ...]) -> Table:
    """Return the metrics beside the baseline; an unknown value is a dash, never 0."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("metric")
    for name in ("original", "replay", "change"):
        table.add_column(name, justify="right")
    for metric in metrics:
        table.add_row(
            f"{metric.name}" + (f" ({metric.unit})" if metric.unit else ""),
            _number(metric.baseline),
            _number(metric.replay),
            _change(metric),
        )
    return table


def summary_line(run: RunView) -> str:
    """Return the totals in one line."""
    total = run.summary
    statuses = ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in total.turn_status.items() if n)
    failed = f", [red]{total.failed} failed[/]" if total.failed else ""
    return (
        f"{total.completed} of {total.total} talks completed{failed}; turns: {statuses or 'none'}"
    )


def worst_status(comparison: Comparison) -> str:
    """Return the worst status of a comparison, for one-line lists."""
    return comparison.status


def _change(metric: Any) -> str:
    if metric.change is None:
        return "-"
    percent = f" ({metric.change_percent:+.0f}%)" if metric.change_percent is not None else ""
    text = f"{_number(metric.change, signed=True)}{percent}"
    if not metric.change or metric.better is None:
        return text
    good = (metric.change < 0) == (metric.better == "lower")
    return f"[{'green' if good else 'red'}]{text}[/]"


def _number(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return "-"
    sign = "+" if signed else ""
    if value == int(value) and abs(value) < 1e12:
        return f"{int(value):{sign},}"
    return f"{value:{sign},.1f}" if abs(value) >= 1 else f"{value:{sign}.4g}"


def _middle(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:25]} … {text[-25:]}"


def _one_line(text: str, width: int = _WIDTH) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
