"""The walk-through on 100 real airline talks does what its page says."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from reenact.domain.run_view import RunView
from reenact.settings import Settings

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "tau_bench"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def walkthrough(shared: Path) -> Iterator[ModuleType]:
    results = shared / "data/conversations/tau_bench/gpt-4o-airline.even_tasks.json"
    patch = pytest.MonkeyPatch()
    patch.setenv("TAU_BENCH_FILE", str(results))
    patch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("walkthrough", FOLDER / "walkthrough.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    patch.undo()
    sys.modules.pop("recorded_agent", None)


@pytest.fixture(scope="module")
def settings(walkthrough: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    found: Settings = walkthrough.settings_in(tmp_path_factory.mktemp("home"))
    assert walkthrough.import_talks(found) == 100
    return found


@pytest.fixture(scope="module")
def themselves(walkthrough: ModuleType, settings: Settings) -> RunView:
    run: RunView = walkthrough.against_themselves(settings)
    return run


def test_every_talk_replayed_against_itself_is_the_same(themselves: RunView) -> None:
    parted = {
        call.row: call.comparison.first_divergence
        for call in themselves.calls
        if call.comparison.status != "same"
    }

    assert parted == {}
    assert len(themselves.calls) == 100
    assert {call.ended_reason for call in themselves.calls} == {"finished"}


def test_every_call_is_answered_at_rung_one_and_none_is_live(
    walkthrough: ModuleType, themselves: RunView
) -> None:
    calls = [asked for call in themselves.calls for asked in walkthrough.asked_in(call)]

    assert len(calls) == 577
    assert {asked.provenance for asked in calls} == {"recorded"}
    assert {asked.served.rung for asked in calls if asked.served} == {1}
    assert not [call.unused_calls for call in themselves.calls if call.unused_calls]


def test_the_numbers_on_the_page_are_the_printed_ones(
    walkthrough: ModuleType, themselves: RunView
) -> None:
    assert "\n".join(walkthrough.counted(themselves)) in README


def test_a_write_that_the_failed_talk_lacks_is_refused_and_can_be_declared(
    walkthrough: ModuleType, settings: Settings
) -> None:
    (call,) = walkthrough.against_passing_trial(settings, walkthrough.FAILED).calls

    (asked,) = walkthrough.refused(call)
    assert (asked.name, asked.arguments) == ("cancel_reservation", {"reservation_id": "FDZ0T5"})
    assert asked.result is None
    assert "- tool: cancel_reservation" in asked.served.declare
    lines = list(walkthrough.told(call))
    assert [line for line in lines if line.startswith(("turn ", "calls: "))] == [
        line for line in README.splitlines() if line.startswith(("turn ", "calls: "))
    ]


def test_with_the_result_declared_the_fix_can_be_judged(
    walkthrough: ModuleType, settings: Settings, tmp_path: Path
) -> None:
    as_it_is, declared = walkthrough.declared(settings, tmp_path)

    assert as_it_is.startswith("as it is: No evidence")
    assert declared.startswith("declared: Fixed")
    assert f"{as_it_is}\n{declared}\n" in README
