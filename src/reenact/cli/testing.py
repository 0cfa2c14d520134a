"""`reenact test`: run the kept cases and fail loudly when a bug is back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from reenact.cli import console
from reenact.cli.run_text import VERDICT_COLOURS, call_lines
from reenact.domain.agent import ToolsMode
from reenact.errors import NothingJudged, ReenactError, UsageError
from reenact.evaluate.expectations import statement
from reenact.evaluate.verdicts import exit_code_for
from reenact.keep.file import cases_in, read_case
from reenact.keep.suite import CaseResult, run_case

KEPT_FOLDER = Path("tests/replays")


def run_kept(
    *paths: Path,
    agent: str | None = None,
    repeats: int | None = None,
    tools: ToolsMode | None = None,
    serve_tools: str | None = None,
    turn_timeout: float | None = None,
    json: bool = False,
) -> int:
    """Run kept cases; a failure shows where the replay first went another way.

    Exits 0 where all pass, 1 where a bug is back or still there, 3 where a case could not be
    compared, 4 where nothing was judged.

    Args:
        paths: Kept files, or folders that hold some; tests/replays by default.
        agent: The agent under test; the one that each file names by default.
        repeats: How often each case is run; as its file says by default.
        tools: Who runs the agent's tools: intercepted, returned, served or own.
        serve_tools: Where they are served, as [HOST:]PORT; a free port by default.
        turn_timeout: The longest an answer may take, in seconds.
        json: Print the results as JSON.
    """
    files = cases_in(paths or _usual_place())
    if not files:
        raise NothingJudged(
            "no kept case here",
            where=", ".join(str(path) for path in paths or (KEPT_FOLDER,)),
            next_step="reenact keep RUN/ROW writes one",
        )
    out = console.data()
    results: list[CaseResult] = []
    broken: list[tuple[Path, ReenactError]] = []
    for file in files:
        try:
            with console.agents_words_apart():
                result = run_case(
                    read_case(file),
                    target=agent,
                    repeats=repeats,
                    tools=tools,
                    serve_tools=serve_tools,
                    turn_timeout_s=turn_timeout,
                )
        except ReenactError as error:
            broken.append((file, error))
            said = f"[red]error[/] {console.shown(str(file))}: {console.shown(error.render())}"
            console.notes().print(said, soft_wrap=True)
            continue
        results.append(result)
        if not json:
            _say(out, file, result)
    if json:
        console.print_json([*map(_data, results), *(_broken(*pair) for pair in broken)])
    else:
        _total(out, results, len(broken))
    return _exit_code(results, [error for _, error in broken])


def _usual_place() -> tuple[Path, ...]:
    if not KEPT_FOLDER.is_dir():
        raise UsageError(
            f"there is no folder {KEPT_FOLDER} here",
            next_step="name kept files or folders: reenact test PATH",
        )
    return (KEPT_FOLDER,)


def _say(out: Console, file: Path, result: CaseResult) -> None:
    verdict = result.verdict.verdict
    colour = VERDICT_COLOURS[verdict]
    word = "PASS" if result.exit_code == 0 else "FAIL"
    out.print(
        f"[{colour}]{word} {verdict.replace('_', ' ')}[/]  {console.shown(str(file))}",
        soft_wrap=True,
    )
    out.print(f"     [dim]{console.shown(result.sentence)}[/]", soft_wrap=True)
    if result.exit_code == 0:
        return
    call = next((c for c in result.run.calls if _failed(c)), result.run.calls[0])
    for judgement in call.judgements:
        if judgement.outcome != "pass":
            text = f"{statement(judgement.expectation)}: {judgement.reason}"
            mark = "x" if judgement.outcome == "fail" else "?"
            out.print(f"     [red]{mark}[/] {console.shown(text)}", soft_wrap=True)
    for line in call_lines(call):
        out.print(f"     {line}", soft_wrap=True)


def _failed(call: Any) -> bool:
    return any(judgement.outcome == "fail" for judgement in call.judgements)


def _total(out: Console, results: Sequence[CaseResult], broken: int) -> None:
    counts: dict[str, int] = {}
    for result in results:
        counts[result.verdict.verdict] = counts.get(result.verdict.verdict, 0) + 1
    said = [f"{n} {verdict.replace('_', ' ')}" for verdict, n in counts.items()]
    said += [f"{broken} could not run"] if broken else []
    out.print(f"{len(results) + broken} kept: {', '.join(said)}")


def _data(result: CaseResult) -> dict[str, Any]:
    from reenact import codec

    return {
        "case": result.run.scenario,
        "verdict": codec.to_data(result.verdict),
        "sentence": result.sentence,
        "exit_code": result.exit_code,
        "run": codec.to_data(result.run),
    }


def _broken(file: Path, error: ReenactError) -> dict[str, Any]:
    """Tell of a case that could not run in the keys of one that could."""
    return {
        "case": str(file),
        "verdict": None,
        "sentence": error.render(),
        "exit_code": error.exit_code,
        "run": None,
    }


def _exit_code(results: Sequence[CaseResult], broken: Sequence[ReenactError]) -> int:
    """Return the code of the worst: a bug that is back first, then what could not run."""
    judged = exit_code_for([r.verdict.verdict for r in results], command="test") if results else 0
    if judged == 1 or not broken:
        return judged
    return max(error.exit_code for error in broken)
