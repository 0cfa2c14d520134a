"""The fidelity of what an import touched: the mean, and what is lacking most often."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reenact.capture import summary
from reenact.capture.conversations import Conversations
from reenact.capture.importing import import_paths
from reenact.capture.summary import summarise
from support.imported import PROJECT, a_store, imported


def talks(tmp_path: Path, count: int, *, name: str = "talks.jsonl", **fields: object) -> Path:
    told = [
        {"messages": [
            {"role": "user", "content": f"Hi {n}"}, {"role": "assistant", "content": "Yo"}],
         "session_id": f"{name}-{n}", **fields}
        for n in range(count)
    ]  # fmt: skip
    path = tmp_path / name
    path.write_text("".join(json.dumps(talk) + "\n" for talk in told))
    return path


def test_the_score_is_the_mean_over_the_conversations(shared: Path):
    folder = shared / "data" / "otlp" / "oi_openai_rooted" / "wire"
    with a_store() as store:
        report = import_paths([folder], store=store, project=PROJECT)
        scores = [r.fidelity.score for r in Conversations(store).list(PROJECT)]
    found = report.fidelity[PROJECT]

    assert None not in scores
    assert found.score == round(sum(s for s in scores if s is not None) / 5)
    assert (found.judged, found.cut) == (5, False)
    axes = {axis.name: axis for axis in found.axes}
    assert set(axes) == {"tool_effects", "session"}
    assert axes["session"].conversations == 1
    assert axes["session"].reason.startswith("no session id")
    assert axes["tool_effects"].conversations == 5


def test_only_what_was_touched_is_judged(tmp_path: Path):
    with a_store() as store:
        import_paths([talks(tmp_path, 3, name="old.jsonl")], store=store, project=PROJECT)
        report = import_paths([talks(tmp_path, 2)], store=store, project=PROJECT)

    assert report.conversations == {PROJECT: 5}
    assert report.fidelity[PROJECT].judged == 2


def test_an_import_that_finds_all_of_it_there_is_judged_too(tmp_path: Path):
    path = talks(tmp_path, 2)
    with a_store() as store:
        first = import_paths([path], store=store, project=PROJECT)
        again = import_paths([path], store=store, project=PROJECT)

    assert (again.taken, again.duplicates) == (0, first.taken)
    assert again.fidelity == first.fidelity


def test_the_newest_are_judged_where_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(summary, "MAX_JUDGED", 2)
    found = imported(talks(tmp_path, 3)).report.fidelity[PROJECT]
    assert (found.judged, found.cut) == (2, True)

    monkeypatch.setattr(summary, "MAX_JUDGED", 3)
    found = imported(talks(tmp_path, 3)).report.fidelity[PROJECT]
    assert (found.judged, found.cut) == (3, False)


def test_looking_for_conversations_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(summary, "MAX_LOOKED_AT", 2)
    found = imported(talks(tmp_path, 3)).report.fidelity[PROJECT]

    assert (found.judged, found.cut) == (2, True)


def test_traces_that_continue_one_another_count_once(shared: Path):
    found = imported(shared / "data" / "otlp" / "oi_openai_bare" / "wire")

    assert found.report.fidelity[PROJECT].judged == len(found.conversations)


def test_reasons_that_differ_in_numbers_are_one_reason(tmp_path: Path):
    found = imported(talks(tmp_path, 2)).report.fidelity[PROJECT]
    usage = next(axis for axis in found.axes if axis.name == "usage")

    assert usage.conversations == 2
    assert usage.reason.startswith("tokens and cost of these turns have no baseline")


def test_nothing_touched_is_no_score():
    with a_store() as store:
        found = summarise(store, PROJECT, {})

    assert (found.score, found.judged, found.axes) == (None, 0, ())
