"""`reenact import`: captures from files and folders into the store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from reenact.capture.importing import ImportFormat
from reenact.cli import console
from reenact.cli.desk import connected, here_only, server
from reenact.cli.taken import counted, print_next, print_some, print_taken
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace

if TYPE_CHECKING:
    from reenact.capture.importing import ImportReport, Skipped
    from reenact.remote.sending import SendReport


def import_paths(
    paths: Annotated[list[Path], Parameter(name="PATH", consume_multiple=True)],
    *,
    project: str | None = None,
    format: ImportFormat = "auto",
    verbose: bool = False,
    json: bool = False,
) -> int:
    """Take in captures from files and folders. Importing twice doubles nothing.

    Args:
        paths: Files or folders: OTLP request bodies, exports of other tools, lists of messages.
        project: The project to put them in; what the captures themselves say by default.
        format: otlp: OpenTelemetry request bodies; openai_agents: the OpenAI Agents SDK's own JSON;
            langgraph: its checkpoints in SQLite; langfuse, langsmith, phoenix, mlflow: what these
            export as JSON or JSON lines; messages: JSONL of OpenAI-style message lists;
            tau: tau-bench and tau2 results; sgd, abcd: dialogues of these datasets;
            vapi, retell: calls of these platforms; auto: by the looks of each file.
        verbose: List everything that was skipped or rejected.
        json: Print JSON.
    """
    if server() is not None:
        return _sent(paths, project=project, format=format, verbose=verbose, json=json)
    from reenact.capture import importing

    with Workspace() as workspace, console.notes().status("importing"):
        report = importing.import_paths(
            paths,
            store=workspace.spans,
            project=project,
            format=format,
            replays_among=workspace.journal.replays_among,
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


def _sent(
    paths: list[Path], *, project: str | None, format: ImportFormat, verbose: bool, json: bool
) -> int:
    """Send captures to the server; return the exit code."""
    from reenact.remote.sending import send_paths

    if project is not None:
        here_only(
            "--project",
            why="a server puts spans where its key belongs, or where they say themselves",
            instead="use an API key of that project",
        )
    with connected(server() or "") as there, console.notes().status("sending"):
        report = send_paths(there, paths, format=format)
    if json:
        console.print_json(report)
    else:
        _print_sent(report, verbose=verbose)
    if not report.posts:
        raise UsageError(
            "nothing could be sent",
            where=", ".join(str(path) for path in paths[:3]),
            next_step="--verbose lists what was skipped and why",
        )
    return 0


def _print_sent(report: SendReport, *, verbose: bool) -> None:
    out = console.data()
    bodies = counted(report.posts, "request body", "bodies")
    out.print(f"{counted(report.files, 'file')}, {bodies} sent and stored there")
    if report.rejected:
        out.print(f"{counted(report.rejected, 'span')} rejected:", style="yellow")
        print_some(report.reasons, verbose=verbose)
    _print_skipped(report.skipped, verbose=verbose)


def _print_skipped(skipped: Sequence[Skipped], *, verbose: bool) -> None:
    if skipped:
        console.data().print(f"{counted(len(skipped), 'file')} skipped:", style="yellow")
        print_some([f"{it.path}: {it.reason}" for it in skipped], verbose=verbose)


def _print(report: ImportReport, *, verbose: bool) -> None:
    out = console.data()
    out.print(f"{counted(report.files, 'file')}, {counted(report.posts, 'request body', 'bodies')}")
    print_taken(report, verbose=verbose)
    _print_skipped(report.skipped, verbose=verbose)
    print_next(report)
