"""What a kept file already says stays when its case is kept again: it is its people's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from reenact.domain.expectation import Expectation
from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import merged
from reenact.keep.case import KeptCase
from reenact.keep.file import read_statements
from reenact.matching.arguments import same_arguments


def case_before(folder: Path, name: str) -> KeptCase | None:
    """Return what the file of that name says, without its recording; None where there is none.

    Raises:
        KeptFileError: naming the line where a file says what it cannot.
    """
    path = folder / f"{name}.reenact.yaml"
    return read_statements(path) if path.exists() else None


def with_before(case: KeptCase, before: KeptCase | None) -> KeptCase:
    """Return `case` with the words, results and tool rules that `before` holds besides."""
    if before is None:
        return case
    return replace(
        case,
        description=case.description or before.description,
        agent=case.agent or before.agent,
        declared=(*before.declared, *_new_results(case.declared, before.declared)),
        tool_rules=tuple(merged((*case.tool_rules, *before.tool_rules)).values()),
    )


def expectations_with(
    before: KeptCase | None, proposed: Sequence[Expectation]
) -> tuple[Expectation, ...]:
    """Return what `before` expects, and what is proposed and not among it."""
    held = before.expectations if before else ()
    known = [replace(expectation, reason=None) for expectation in held]
    return (*held, *(p for p in proposed if replace(p, reason=None) not in known))


def _new_results(
    results: Sequence[DeclaredResult], known: Sequence[DeclaredResult]
) -> list[DeclaredResult]:
    """Return the results that declare no call which one of `known` declares already."""
    return [
        result
        for result in results
        if not any(
            one.tool == result.tool and same_arguments(one.arguments, result.arguments)
            for one in known
        )
    ]
