from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.fidelity import judge
from reenact.capture.importers.abcd import conversations_in
from reenact.capture.importing import import_paths
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import Conversation, Message
from reenact.domain.turn import turns_of
from reenact.errors import DecodeError
from reenact.store.spans import open_span_store


def taken(path: Path) -> tuple[dict[str, Conversation], list[str]]:
    rejected: list[str] = []
    found = tuple(conversations_in(path, project="p", on_reject=rejected.append))
    return {talk.session_id or "": talk for talk in found}, rejected


@pytest.fixture(scope="module")
def file(shared: Path) -> Path:
    return shared / "data/conversations/dialogs/abcd/abcd_sample.json"


@pytest.fixture(scope="module")
def real(file: Path) -> dict[str, Conversation]:
    found, rejected = taken(file)
    assert rejected == []
    return found


def chat(*rows: Any, targets: Any = None, **more: Any) -> dict[str, Any]:
    delexed = [{"targets": targets} for _ in rows]
    return {"convo_id": 1, "original": list(rows), "delexed": delexed, **more}


HELLO = chat(["agent", "Hi!"], ["customer", "Hello."])


def attempt(folder: Path, data: Any) -> tuple[dict[str, Conversation], list[str]]:
    path = folder / "abcd.json"
    path.write_text(json.dumps(data))
    return taken(path)


def test_all_three_chats_are_taken_word_for_word(real: dict[str, Conversation], file: Path):
    assert list(real) == ["abcd-3592", "abcd-9489", "abcd-3695"]
    for told in json.loads(file.read_text()):
        talk = real[f"abcd-{told['convo_id']}"]
        words = [item.text for item in talk.items if isinstance(item, Message)]
        assert words == [text for speaker, text in told["original"] if speaker != "action"]
        actions = [text for speaker, text in told["original"] if speaker == "action"]
        assert [call.result for call in talk.tool_calls] == actions


def test_people_answer_and_no_model_does(real: dict[str, Conversation]):
    talk = real["abcd-3592"]
    roles = {item.role for item in talk.items if isinstance(item, Message)}
    assert roles == {"user", "operator"}
    assert talk.model_calls == ()
    fidelity = judge(talk)
    for name in ("system_prompt", "model", "usage"):
        axis = fidelity.axis(name)
        assert axis is not None
        assert (axis.status, axis.detail) == (
            "not_applicable", "a person answered, and no model",
        )  # fmt: skip


def test_an_action_row_is_a_tool_call_whose_values_have_no_names(real: dict[str, Conversation]):
    calls = real["abcd-3592"].tool_calls
    assert [call.name for call in calls] == [
        "pull-up-account", "validate-purchase", "enter-details", "notify-team",
    ]  # fmt: skip
    assert (calls[0].arguments, calls[0].arguments_raw) == (None, '["crystal minh"]')
    assert calls[0].result == "Account has been pulled up for Crystal Minh."
    axis = judge(real["abcd-3592"]).axis("tool_calls")
    assert axis is not None
    assert "not their names" in axis.detail
    assert real["abcd-3695"].tool_calls[0].arguments == {}


def test_a_greeting_is_turn_zero_and_rows_in_a_row_stay_apart(real: dict[str, Conversation]):
    greeting, first, *_ = turns_of(real["abcd-3592"])
    assert (greeting.index, greeting.user) == (0, None)
    assert greeting.assistant == "Hi!\nHow can I help you?"
    assert first.user == "Hi! I need to return an item, can you help me with that?"
    fourth = turns_of(real["abcd-3592"])[4]
    assert [m.text for m in fourth.user_messages] == [
        "Username: cminh730", "cminh730@email.com", "Order ID: 3348917502",
    ]  # fmt: skip


def test_what_the_chat_was_about_is_kept(real: dict[str, Conversation]):
    scenario = real["abcd-3695"].metadata["scenario"]
    assert (scenario["flow"], scenario["subflow"]) == ("storewide_query", "timing_4")


def test_every_chat_survives_the_way_through_spans(real: dict[str, Conversation]):
    for talk in real.values():
        assert conversation_from(spans_of(talk)) == talk


def test_the_file_is_told_by_its_looks_and_importing_twice_doubles_nothing(
    file: Path, tmp_path: Path
):
    store = open_span_store(f"sqlite:///{tmp_path / 'spans.db'}")
    first = import_paths([file], store=store, project="p")
    again = import_paths([file], store=store, project="p")
    store.close()
    assert (first.files, first.conversations, first.skipped) == (1, {"p": 3}, ())
    assert (again.taken, again.duplicates) == (0, first.taken)


def test_the_splits_of_the_whole_dataset_are_read_one_after_the_other(tmp_path: Path):
    other = {**HELLO, "convo_id": 2}
    found, rejected = attempt(tmp_path, {"train": [HELLO], "dev": [other, other], "note": "x"})
    assert list(found) == ["abcd-1", "abcd-2"]
    assert rejected == ["dev 1: the same session as dev 0"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (7, "chat 1: the chat is no object"),
        ({"convo_id": None}, "chat 1: key convo_id is missing"),
        ({"convo_id": 5}, "chat 1: key original is missing or no list"),
        (chat(), "chat 1: key original holds nothing that was said"),
        (chat(["agent"]), "chat 1: key original.0 is no pair of speaker and text"),
        (chat(["robot", "Hi"]), "chat 1: key original.0 is said by 'robot'"),
        (
            chat(["customer", "Hi"], ["action", "Done."], targets=["x", None, None, [], -1]),
            "chat 1: key delexed.1.targets does not name the action of original.1",
        ),
    ],
)
def test_a_bad_chat_is_named_and_the_others_are_taken(broken: Any, reason: str, tmp_path: Path):
    found, (rejected,) = attempt(tmp_path, [HELLO, broken, {**HELLO, "convo_id": 2}])
    assert list(found) == ["abcd-1", "abcd-2"]
    assert rejected.startswith(reason)


def test_of_a_file_cut_short_the_whole_chats_are_taken(tmp_path: Path):
    path = tmp_path / "abcd.json"
    path.write_text(json.dumps([HELLO, {**HELLO, "convo_id": 2}])[:-30])
    found, (rejected,) = taken(path)
    assert list(found) == ["abcd-1"]
    assert rejected.startswith("chat 1: broken JSON at line 1")


@pytest.mark.parametrize("text", ["", "7", '{"a": 1}', "{"])
def test_a_file_of_something_else_is_an_error_that_names_it(text: str, tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(DecodeError, match="not a list of chats") as caught:
        taken(path)
    assert caught.value.where == str(path)
