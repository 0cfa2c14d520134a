"""The table of fixed runs that a failed recording answers is the one on the page."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "tau_bench"


@pytest.fixture(scope="module")
def answered(shared: Path) -> Iterator[ModuleType]:
    results = shared / "data/conversations/tau_bench/gpt-4o-airline.even_tasks.json"
    patch = pytest.MonkeyPatch()
    patch.setenv("TAU_BENCH_FILE", str(results))
    patch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("answered", FOLDER / "answered.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["answered"] = module
    spec.loader.exec_module(module)
    yield module
    patch.undo()
    for name in ("answered", "recorded_agent"):
        sys.modules.pop(name, None)


def test_nothing_wrong_is_served_and_the_numbers_on_the_page_are_the_printed_ones(
    answered: ModuleType,
) -> None:
    exact, rungs, declared = tallies = answered.tallied(answered.pairs())
    assert [tally.wrong for tally in tallies] == [[], [], []]
    assert (exact.answered, exact.pairs) == (1, 31)
    assert rungs.answered >= exact.answered
    assert declared.answered == 31
    assert sum(tally.rungs["rung 4"] + tally.rungs["rung 5"] for tally in tallies[:1]) == 0
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "\n".join(answered.table(tallies)) in page
