"""`reenact keep`: turn a replayed row into a regression test, once it is proven to be one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reenact.cli import console
from reenact.cli.desk import server
from reenact.cli.runs import found_run
from reenact.domain.expectation import Expectation
from reenact.evaluate.expectations import statement
from reenact.keep.keeping import Kept, keep_row
from reenact.runs.workspace import Workspace

NOT_KEPT = 1


def keep(
    row: str,
    *,
    to: Path = Path("tests/replays"),
    name: str | None = None,
    description: str = "",
    allow_personal_data: bool = False,
    force: bool = False,
    update: bool = False,
) -> int:
    """Keep a replayed row as a regression test.

    The expectations are proposed from what differs between the recording and the replay. The
    file is written once they fail on the recording and hold in every repeat of the replay.

    Args:
        row: RUN/ROW, or RUN alone where the run has one row; RUN may be `latest`.
        to: The folder for the kept file and its recording.
        name: The case's name; made from the session's id by default.
        description: What the case is about.
        allow_personal_data: Keep a recording that holds personal data or secrets.
        force: Keep it although the proof does not hold.
        update: Change the kept file of this name; what you wrote in it stays, comments too.
    """
    run_id, _, row_id = row.partition("/")
    if server() is not None:
        from reenact.cli.keep_there import keep_there

        wanted = {
            "name": name,
            "description": description,
            "allow_personal_data": allow_personal_data,
            "force": force,
            "update": update,
        }
        return keep_there(run_id, row_id or None, wanted, to=to)
    with Workspace() as workspace:
        kept = keep_row(
            workspace,
            found_run(workspace, run_id),
            row_id or None,
            folder=to,
            name=name,
            description=description,
            allow_personal_data=allow_personal_data,
            force=force,
            update=update,
        )
    _say(kept)
    return 0 if kept.path is not None else NOT_KEPT


def _say(kept: Kept) -> None:
    say_proof(
        kept.case.expectations,
        holds=kept.proof.holds,
        sentence=kept.proof.sentence,
        problems=kept.proof.problems,
    )
    if kept.path is None:
        say_not_kept(updated=kept.updated)
        return
    say_kept(str(kept.path), names_agent=kept.case.agent is not None)


def say_proof(
    expectations: Sequence[Expectation], *, holds: bool, sentence: str, problems: Sequence[str]
) -> None:
    """Print what a case expects, and whether that tells the bug from the fix."""
    out = console.data()
    for expectation in expectations:
        reason = f"  [dim]{console.shown(expectation.reason)}[/]" if expectation.reason else ""
        out.print(f"expects  {console.shown(statement(expectation))}{reason}", soft_wrap=True)
    colour = "green" if holds else "red"
    out.print(f"proof    [{colour}]{console.shown(sentence)}[/]", soft_wrap=True)
    for problem in problems:
        out.print(f"         [red]{console.shown(problem)}[/]", soft_wrap=True)


def say_not_kept(*, updated: bool) -> None:
    """Say that nothing was written, and what to do."""
    notes = console.notes()
    notes.print("not kept: the case does not tell the bug from the fix")
    edit = ", take out of the file what no longer holds" if updated else ""
    notes.print(f"  -> replay the fixed agent and keep that run{edit}, or pass --force")


def say_kept(path: str, *, names_agent: bool) -> None:
    """Say where the file is, and how to run it."""
    notes = console.notes()
    console.data().print(f"kept     {console.shown(path)}", soft_wrap=True)
    if not names_agent:
        notes.print("the agent is not named in the file: words alone do not say how to reach it")
        notes.print("  -> name it on the command line, or write an agent file and `agent: FILE`")
    notes.print(f"[dim]run it: reenact test {console.shown(path)} --agent TARGET[/]")
