from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.fidelity import judge
from reenact.capture.importers.sgd import conversations_in
from reenact.capture.importing import import_paths
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import Conversation
from reenact.domain.turn import turns_of
from reenact.errors import DecodeError
from reenact.store.spans import open_span_store


def taken(path: Path) -> tuple[dict[str, Conversation], list[str]]:
    rejected: list[str] = []
    found = tuple(conversations_in(path, project="p", on_reject=rejected.append))
    return {talk.session_id or "": talk for talk in found}, rejected


@pytest.fixture(scope="module")
def file(shared: Path) -> Path:
    return shared / "data/conversations/dialogs/sgd/dev_dialogues_001.json"


@pytest.fixture(scope="module")
def real(file: Path) -> dict[str, Conversation]:
    found, rejected = taken(file)
    assert rejected == []
    return found


def frame(*call: Any, service: str = "Alarm_1") -> dict[str, Any]:
    if not call:
        return {"service": service}
    told = {"service": service, "service_call": {"method": call[0], "parameters": call[1]}}
    return {**told, "service_results": call[2]} if len(call) > 2 else told


def turn(speaker: str, text: str, *frames: dict[str, Any]) -> dict[str, Any]:
    return {"speaker": speaker, "utterance": text, "frames": list(frames)}


def dialogue(*turns: Any, **more: Any) -> dict[str, Any]:
    return {"dialogue_id": "1_00000", "services": ["Alarm_1"], "turns": list(turns), **more}


HELLO = dialogue(turn("USER", "Hi"), turn("SYSTEM", "Hello"))


def attempt(folder: Path, *dialogues: Any, name: str = "dialogues_001.json") -> Any:
    path = folder / name
    path.write_text(json.dumps(dialogues))
    return taken(path)


def test_all_dialogues_and_all_their_service_calls_are_taken(
    real: dict[str, Conversation], file: Path
):
    raw = json.loads(file.read_text())
    assert len(real) == len(raw) == 128
    total = 0
    for told in raw:
        talk = real[f"sgd-dev-{told['dialogue_id']}"]
        spoken = [t["utterance"] for t in told["turns"]]
        assert [t for turn in turns_of(talk) for t in (turn.user, turn.assistant)] == spoken
        frames = [f for t in told["turns"] for f in t["frames"] if "service_call" in f]
        assert len(frames) == len(talk.tool_calls)
        for call, wanted in zip(talk.tool_calls, frames, strict=True):
            assert call.name == wanted["service_call"]["method"]
            assert call.arguments == wanted["service_call"]["parameters"]
            assert (call.answered, call.result) == (True, wanted["service_results"])
            assert (call.id, call.requestor, call.error) == (None, "agent", None)
        total += len(frames)
    assert total == 209


def test_a_call_comes_before_the_words_that_tell_its_result(real: dict[str, Conversation]):
    third = turns_of(real["sgd-dev-1_00000"])[2]
    assert [item.kind for item in third.items] == ["message", "tool_call", "message"]
    assert third.assistant == "Your reservation has been made. Their phone number is 408-247-8880."


def test_the_schema_beside_the_dialogues_tells_reads_from_writes(real: dict[str, Conversation]):
    effects = {(call.name, call.effect) for talk in real.values() for call in talk.tool_calls}
    assert ("ReserveRestaurant", "write") in effects
    assert ("SearchOnewayFlight", "read") in effects
    assert {effect for _, effect in effects} == {"read", "write"}
    tools = {tool.name: tool for tool in real["sgd-dev-1_00000"].tools}
    assert set(tools) == {"ReserveRestaurant", "FindRestaurants"}
    assert tools["ReserveRestaurant"].parameters is not None
    assert tools["ReserveRestaurant"].parameters["required"] == [
        "restaurant_name", "location", "time",
    ]  # fmt: skip


def test_fidelity_says_that_no_model_answered_and_no_clock_ran(real: dict[str, Conversation]):
    fidelity = judge(real["sgd-dev-1_00000"])
    for name in ("system_prompt", "model", "usage"):
        axis = fidelity.axis(name)
        assert axis is not None
        assert axis.status == "not_applicable"
        assert "no model answered" in axis.detail
    assert fidelity.axis("timing").status == "missing"
    assert fidelity.axis("tool_effects").status == "present"


def test_every_dialogue_survives_the_way_through_spans(real: dict[str, Conversation]):
    for talk in real.values():
        assert conversation_from(spans_of(talk)) == talk


def test_the_file_is_told_by_its_looks_and_importing_twice_doubles_nothing(
    file: Path, tmp_path: Path
):
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    first = import_paths([file.parent], store=store, project="p")
    again = import_paths([file], store=store, project="p")
    store.close()
    assert (first.files, first.conversations) == (1, {"p": 128})
    assert [Path(s.path).name for s in first.skipped] == ["dev_schema.json"]
    assert "read along with the dialogues" in first.skipped[0].reason
    assert (again.taken, again.duplicates) == (0, first.taken)


def test_without_its_schema_effects_are_unknown_and_say_how_to_know_them(
    file: Path, tmp_path: Path
):
    shutil.copy(file, tmp_path)
    found, rejected = taken(tmp_path / file.name)
    talk = found["sgd-dev-1_00000"]
    assert (rejected, talk.tools) == ([], ())
    axis = judge(talk).axis("tool_effects")
    assert axis is not None
    assert "put the dataset's schema.json beside" in axis.detail


def test_a_schema_that_does_not_read_is_said_and_the_dialogues_are_taken(tmp_path: Path):
    (tmp_path / "schema.json").write_text('[{"service_name": "Alarm_1"}]')
    found, rejected = attempt(tmp_path, HELLO)
    assert list(found) == ["sgd-1_00000"]
    assert rejected == [
        "schema.json beside it: key slots is missing or no list; tools and effects are not known"
    ]


def test_the_split_is_part_of_the_session_because_ids_repeat(tmp_path: Path):
    train = tmp_path / "train"
    train.mkdir()
    assert list(attempt(train, HELLO)[0]) == ["sgd-train-1_00000"]
    assert list(attempt(tmp_path, HELLO, name="test_dialogues_1.json")[0]) == ["sgd-test-1_00000"]


def test_calls_of_two_services_in_one_turn_are_a_group(tmp_path: Path):
    calls = frame("Find", {"a": "1"}, []), frame("Find", {"a": "2"}, [{"b": "3"}], service="B")
    found, _ = attempt(tmp_path, dialogue(turn("USER", "Hi"), turn("SYSTEM", "So.", *calls)))
    first, second = found["sgd-1_00000"].tool_calls
    assert (first.result, second.result) == ([], [{"b": "3"}])
    assert first.group == second.group is not None


def test_a_call_without_results_is_never_given_those_of_another(tmp_path: Path):
    told = dialogue(
        turn("USER", "Hi"),
        turn("SYSTEM", "One.", frame("Find", {"a": "1"})),
        turn("USER", "And?"),
        turn("SYSTEM", "Two.", frame("Find", {"a": "2"}, [{"b": "3"}])),
    )
    first, second = attempt(tmp_path, told)[0]["sgd-1_00000"].tool_calls
    assert (first.answered, second.result) == (False, [{"b": "3"}])


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (7, "dialogue 1: the dialogue is no object"),
        ({}, "dialogue 1: key dialogue_id is missing"),
        (dialogue(turns=None), "dialogue 1: key turns is missing or no list"),
        (dialogue(), "dialogue 1: key turns holds nothing that was said"),
        (dialogue(7), "dialogue 1: key turns.0 is no object"),
        (
            dialogue(turn("BOTH", "Hi")),
            "dialogue 1: key turns.0.speaker is 'BOTH', not USER or SYSTEM",
        ),
        (dialogue({"speaker": "USER"}), "dialogue 1: key turns.0.utterance is missing"),
        (
            dialogue(turn("SYSTEM", "Hi", frame(None, {}))),
            "dialogue 1: key turns.0.frames.0.service_call.method is missing",
        ),
        (
            dialogue(turn("SYSTEM", "Hi", frame("Find", [1]))),
            "dialogue 1: key turns.0.frames.0.service_call.parameters is no object",
        ),
        (HELLO, "dialogue 1: the same session as dialogue 0"),
    ],
)
def test_a_bad_dialogue_is_named_and_the_others_are_taken(broken: Any, reason: str, tmp_path: Path):
    found, rejected = attempt(tmp_path, HELLO, broken, {**HELLO, "dialogue_id": "1_00002"})
    assert list(found) == ["sgd-1_00000", "sgd-1_00002"]
    assert rejected == [reason]


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', '[{"role": "user"}]', "[7]"])
def test_a_file_of_something_else_is_an_error_that_names_it(text: str, tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(DecodeError) as caught:
        taken(path)
    assert caught.value.where == str(path)
