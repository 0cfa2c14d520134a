"""The pytest plugin: every kept file is a pytest item.

Imports nothing but pytest and the standard library until a kept file runs: pytest loads this
module in every project of an environment that has Reenact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from reenact.domain.run_view import CallView
    from reenact.keep.suite import CaseResult

SUFFIX = ".reenact.yaml"


class CaseFailed(Exception):
    """Raised when a kept case does not pass; its text is what a reader needs, line by line."""


class CaseWarning(pytest.PytestWarning):
    """Warns of a kept case that passes in some repeats only."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("reenact", "replay of kept conversations")
    group.addoption(
        "--reenact-agent",
        metavar="TARGET",
        help="the agent under test: module:function, agent.py:function, http://..., "
        "openai:http://... or an agent file; kept files may name their own",
    )
    group.addoption(
        "--reenact-tools",
        choices=("intercepted", "returned", "served", "own"),
        help="who runs the agent's tools; as the target says by default",
    )
    group.addoption(
        "--reenact-serve-tools",
        metavar="[HOST:]PORT",
        help="where the tools of an agent that is served are; a free port by default",
    )
    group.addoption(
        "--reenact-turn-timeout", type=float, metavar="S", help="the longest an answer may take"
    )
    group.addoption(
        "--reenact-repeats", type=int, metavar="N", help="how often each kept case is replayed"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect kept files."""
    if file_path.name.endswith(SUFFIX):
        return KeptFile.from_parent(parent, path=file_path)
    return None


class KeptFile(pytest.File):
    """A kept file."""

    def collect(self) -> Iterable[pytest.Item]:
        """Yield its case. The file is read when it runs, so that a wrong one fails alone."""
        yield KeptItem.from_parent(self, name=self.path.name.removesuffix(SUFFIX))


class KeptItem(pytest.Item):
    """A kept case, replayed and judged when it runs."""

    def runtest(self) -> None:
        """Replay the case; raise `CaseFailed` unless it passes."""
        from reenact.keep.file import read_case
        from reenact.keep.suite import run_case

        result = run_case(
            read_case(self.path),
            target=self.config.getoption("--reenact-agent"),
            repeats=self.config.getoption("--reenact-repeats"),
            tools=self.config.getoption("--reenact-tools"),
            serve_tools=self.config.getoption("--reenact-serve-tools"),
            turn_timeout_s=self.config.getoption("--reenact-turn-timeout"),
        )
        self.user_properties += _properties(result)
        if result.exit_code != 0:
            raise CaseFailed("\n".join(_lines(result)))
        if result.verdict.verdict == "flaky":
            self.warn(CaseWarning(f"{self.name}: {result.sentence}"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what happened in plain words; a traceback only for what nobody expected."""
        from reenact.errors import ReenactError

        if isinstance(excinfo.value, (CaseFailed, CaseWarning)):  # -W error raises the warning
            return str(excinfo.value)
        if isinstance(excinfo.value, ReenactError):
            return excinfo.value.render()
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the case is and its name."""
        return self.path, 0, f"reenact: {self.name}"


def _properties(result: CaseResult) -> list[tuple[str, object]]:
    call = result.run.calls[0]
    shares = [c.verbatim_share for c in result.run.calls if c.verbatim_share is not None]
    return [
        ("reenact_verdict", result.verdict.verdict),
        ("reenact_fidelity", call.fidelity.score),
        ("reenact_verbatim_share", round(min(shares), 4) if shares else None),
        ("reenact_run", result.run.id),
    ]


def _lines(result: CaseResult) -> Iterator[str]:
    """Yield the verdict, the first divergence, and every expectation that does not pass."""
    from reenact.evaluate.expectations import statement

    yield result.sentence
    call = _telling(result.run.calls)
    parted = call.comparison.first_divergence
    yield parted.sentence if parted else "The replay did what the recording did."
    for judgement in call.judgements:
        if judgement.outcome != "pass":
            outcome = judgement.outcome.replace("_", " ")
            yield f"  {outcome}: {statement(judgement.expectation)}: {judgement.reason}"
    if call.agent_error:
        yield f"  the agent: {call.agent_error}"
    for tool in (tool for turn in call.turns for tool in turn.tool_calls):
        if tool.served is not None and tool.served.declare:
            yield f"  nobody answered {tool.name}; to declare a result, add to declared:"
            yield from (f"    {line}" for line in tool.served.declare.splitlines())
    yield f"the whole run: reenact runs show {result.run.id}"


def _telling(calls: Iterable[CallView]) -> CallView:
    """Return the repeat that shows most: one that failed, else the first."""
    calls = list(calls)
    failed = (c for c in calls if any(j.outcome == "fail" for j in c.judgements))
    return next(failed, calls[0])
