"""`reenact import`: captures from files and folders into the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from reenact.cli import console
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace

if TYPE_CHECKING:
    from reenact.capture.importing import ImportReport

Format = Literal[
    "auto", "otlp", "openai_agents", "langgraph",
    "messages", "tau", "sgd", "abcd", "vapi", "retell",
]  # fmt: skip
_SHOWN = 10


def import_paths(
    paths: Annotated[list[Path], Parameter(name="PATH", consume_multiple=True)],
    *,
    project: str | None = None,
    format: Format = "auto",
    verbose: bool = False,
    json: bool = False,
) -> int:
    """Take in captures from files and folders. Importing twice doubles nothing.

    Args:
        paths: Files or folders: OTLP request bodies, tau-bench results, JSONL of messages.
        project: The project to put them in; what the captures themselves say by default.
        format: otlp: OpenTelemetry request bodies; openai_agents: the OpenAI Agents SDK's own JSON;
            langgraph: its checkpoints in SQLite;
            messages: JSONL of OpenAI-style message lists; tau: tau-bench and tau2 results;
            sgd, abcd: dialogues of these datasets; vapi, retell: calls of these platforms;
            auto: by the looks of each file.
        verbose: List everything that was skipped or rejected.
        json: Print JSON.
    """
    from reenact.capture import importing

    with Workspace() as workspace, console.notes().status("importing"):
        report = importing.import_paths(
            paths,
            store=workspace.spans,
            project=project,
            format=format,
            is_replay=workspace.journal.knows_trace,
        )
    if json:
        console.print_json(report)
    else:
        _print(report, verbose=verbose)
    if not report.taken and not report.duplicates:
        raise UsageError(
            "nothing could be taken",
            where=", ".join(str(path) for path in paths[:3]),
            next_step="name a file, or a folder whose captures have .headers.json beside them; "
            "--verbose lists what was skipped and why",
        )
    return 0


def _print(report: ImportReport, *, verbose: bool) -> None:
    out = console.data()
    out.print(f"{_count(report.files, 'file')}, {_count(report.posts, 'request body', 'bodies')}")
    out.print(f"{_count(report.taken, 'span')} taken, {_count(report.duplicates, 'duplicate')}")
    if report.logs:
        out.print(f"{_count(report.logs, 'log record')} of model calls taken")
    if report.ignored:
        out.print(f"{report.ignored:,} other log records read, and not kept")
    if report.replays:
        out.print(f"{_count(report.replays, 'span')} of replays, kept apart")
    for name, count in report.conversations.items():
        out.print(f"project {console.shown(name)}: {_count(count, 'conversation')}")
    if report.rejected:
        out.print(f"{_count(report.rejected, 'span')} rejected:", style="yellow")
        _print_some(report.reasons, verbose=verbose)
    if report.skipped:
        out.print(f"{_count(len(report.skipped), 'file')} skipped:", style="yellow")
        _print_some([f"{it.path}: {it.reason}" for it in report.skipped], verbose=verbose)
    for name in report.projects[:1]:
        line = f"next: reenact sessions --project {console.shown(quote(name))}"
        console.notes().print(line, style="dim", soft_wrap=True)


def _print_some(lines: Sequence[str], *, verbose: bool) -> None:
    out = console.data()
    for line in lines if verbose else lines[:_SHOWN]:
        out.print(f"  {console.printable(line)}", markup=False, soft_wrap=True)
    if not verbose and len(lines) > _SHOWN:
        out.print(f"  and {len(lines) - _SHOWN:,} more: --verbose lists them")


def _count(number: int, noun: str, plural: str | None = None) -> str:
    many = f"{noun.rpartition(' ')[0]} {plural}" if plural else f"{noun}s"
    return f"{number:,} {noun if number == 1 else many}"
