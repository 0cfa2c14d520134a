"""How the demo tells its story on a terminal: steps, commands, talks, comparisons."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from reenact.domain.comparison import ToolDiff, TurnComparison
from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.run_view import CallView, RunView
from reenact.domain.turn import turns_of
from reenact.domain.view import ToolCallView, TurnView
from reenact.evaluate.expectations import statement

WIDTH = 92
"""The widest that a paragraph gets, in columns."""
_STATUS = {"same": "green", "text_changed": "yellow", "missing": "dim"}


class Teller:
    """Writes the story to a console, step by step."""

    def __init__(self, out: Console):
        self._out = out
        self._step = 0
        self._width = min(WIDTH, out.width)

    def title(self, text: str) -> None:
        """Write the heading of the whole."""
        self._out.print(f"\n[bold]{escape(text)}[/]")

    def step(self, name: str, text: str) -> None:
        """Begin a numbered step and say what it is for."""
        self._step += 1
        self._out.print(f"\n[bold cyan]{self._step}. {escape(name)}[/]")
        self.say(text)

    def say(self, text: str) -> None:
        """Write a paragraph."""
        for line in textwrap.wrap(text, self._width):
            self._out.print(escape(line), highlight=False)

    def command(self, text: str) -> None:
        """Show what a user would type."""
        self._out.print(f"\n  [bold]$ {escape(text)}[/]", highlight=False, soft_wrap=True)

    def lines(self, lines: Iterable[str]) -> None:
        """Show what a command gives: rich markup, a tab after what stands in the margin."""
        for line in lines:
            margin, _, words = line.rpartition("\t")
            label = Text.from_markup(f"    {margin}")
            row = Table.grid()
            row.add_column(width=label.cell_len)
            row.add_column()
            row.add_row(label, Text.from_markup(words))
            self._out.print(row)

    def found(self, text: str) -> None:
        """Say what a step has shown."""
        self._out.print()
        for number, line in enumerate(textwrap.wrap(text, self._width - 5)):
            mark = "[bold green]  => [/]" if not number else "     "
            self._out.print(f"{mark}{escape(line)}", highlight=False)

    def broken(self, text: str) -> None:
        """Say that the demo did not show what it should have."""
        self._out.print(f"\n[bold red]The demo broke:[/] {escape(text)}", highlight=False)


def talk_lines(talk: Conversation) -> Iterator[str]:
    """Yield a recorded talk: who said what, and which tools were called."""
    for turn in turns_of(talk):
        yield f"[dim]turn {turn.index}[/]  customer  \t{_clipped(turn.user or '')}"
        for call in turn.tool_calls:
            colour = "bold red" if call.name == "issue_refund" else "cyan"
            yield f"        tool      \t[{colour}]{shown_call(call)}[/]"
        yield f"        agent     \t{_clipped(turn.assistant or '')}"


def comparison_lines(call: CallView) -> Iterator[str]:
    """Yield a comparison turn by turn: the status, what changed, where answers came from."""
    after: dict[int | None, TurnView] = {turn.index: turn for turn in call.turns}
    before: dict[int | None, TurnView] = {turn.index: turn for turn in call.baseline.turns}
    for compared in call.comparison.turns:
        yield _heading(compared, before.get(compared.recorded_turn))
        for diff in compared.tool_diff:
            yield from _tool_lines(diff)
        if compared.status == "text_changed" or _other_tools(compared):
            yield from _words(before.get(compared.recorded_turn), after.get(compared.replayed_turn))
        if compared.note:
            yield f"          \t[dim]{_clipped(compared.note, 140)}[/]"


def shown_call(call: ToolCall | ToolCallView) -> str:
    """Return a call as `name(key='value')`, escaped for markup."""
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    inner = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return escape(f"{call.name}({inner})")


def _heading(compared: TurnComparison, before: TurnView | None) -> str:
    colour = _STATUS.get(compared.status, "bold red")
    status = compared.status.replace("_", " ")
    words = _clipped(before.user or "") if before else ""
    return f"turn {compared.index}  [{colour}]{status:<13}[/] \t[dim]{words}[/]"


def _tool_lines(diff: ToolDiff) -> Iterator[str]:
    if diff.op == "same" and diff.replay is not None:
        yield f"          \t{shown_call(diff.replay)}  {_source(diff.replay)}"
        return
    if diff.baseline is not None:
        yield f"        [red]-[/] \t[red]{shown_call(diff.baseline)}[/]"
    if diff.replay is not None:
        yield f"        [green]+[/] \t[green]{shown_call(diff.replay)}[/]  {_source(diff.replay)}"


def _source(call: ToolCall) -> str:
    return (
        "[dim]answered from the recording[/]"
        if call.provenance == "recorded"
        else (f"[yellow]{call.provenance}[/]")
    )


def _words(before: TurnView | None, after: TurnView | None) -> Iterator[str]:
    if before is not None and before.assistant:
        yield f"        [red]-[/] \t[red]{_clipped(before.assistant)}[/]"
    if after is not None and after.assistant:
        yield f"        [green]+[/] \t[green]{_clipped(after.assistant)}[/]"


def _other_tools(compared: TurnComparison) -> bool:
    return compared.status in ("tools_changed", "arguments_changed")


def _clipped(text: str, width: int = 100) -> str:
    flat = " ".join(text.split())
    return escape(flat if len(flat) <= width else flat[: width - 1] + "…")


def verdict_lines(run: RunView) -> Iterator[str]:
    """Yield the verdict of each case, and what its expectations found."""
    judgements = {call.row: call.judgements for call in run.calls}
    for row in run.rows:
        good = row.verdict in ("fixed", "passing")
        yield f"[bold {'green' if good else 'red'}]{row.verdict}[/]  {escape(row.row_id)}"
        for judgement in judgements[row.row_id]:
            mark = {"pass": "[green]pass[/]", "fail": "[red]fail[/]"}.get(judgement.outcome, "?")
            yield f"  {mark}  \t{escape(statement(judgement.expectation))}"
