"""The progress bar of a run, on the error stream and only where there is a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reenact.domain.run import CallExecution
from reenact.runs.running import OnEnd


@contextmanager
def talks_progress(total: int, run_id: str) -> Iterator[OnEnd]:
    """Show how many of `total` talks have ended; yields what to call with each of them."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda call: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[red]{task.fields[failed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(run_id, total=total, failed="")
        failed = 0

        def ended(call: CallExecution) -> None:
            nonlocal failed
            failed += call.status == "failed"
            bar.update(task, advance=1, failed=f"{failed} failed" if failed else "")

        yield ended
