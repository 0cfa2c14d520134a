from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reenact.capture.importers import listed as importer
from reenact.capture.importers.messages import conversations_in
from reenact.capture.items import conversation_from, spans_of
from reenact.domain.conversation import Conversation
from reenact.domain.turn import turns_of
from reenact.errors import DecodeError, UsageError

CHECK = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "check_status", "arguments": '{"order_id": "A-1003"}'},
}
OPENAI: list[dict[str, Any]] = [
    {"role": "system", "content": "You help."},
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": "Where is A-1003?"},
    {"role": "assistant", "content": "Let me see.", "tool_calls": [CHECK]},
    {"role": "tool", "tool_call_id": "call_1", "content": '{"status": "lost"}'},
    {"role": "assistant", "content": [{"type": "text", "text": "It is lost."}]},
]
ANTHROPIC: list[dict[str, Any]] = [
    {"role": "user", "content": [{"type": "text", "text": "Where is A-1003?"}]},
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me see."},
            {
                "type": "tool_use",
                "id": "t1",
                "name": "check_status",
                "input": {"order_id": "A-1003"},
            },
        ],
    },
    {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "t1", "content": '{"status": "lost"}'}],
    },
    {"role": "assistant", "content": "It is lost."},
]


def attempt(path: Path) -> tuple[tuple[Conversation, ...], list[str]]:
    rejected: list[str] = []
    found = tuple(conversations_in(path, project="shop", on_reject=rejected.append))
    return found, rejected


def lines(folder: Path, *talks: Any) -> Path:
    path = folder / "talks.jsonl"
    path.write_text("".join(f"{json.dumps(talk)}\n" for talk in talks))
    return path


def only(folder: Path, talk: Any) -> Conversation:
    (found,), rejected = attempt(lines(folder, talk))
    assert rejected == []
    return found


@pytest.mark.parametrize("messages", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def test_words_calls_and_answers_are_read_in_both_ways_of_writing(
    messages: list[dict[str, Any]], tmp_path: Path
) -> None:
    talk = only(tmp_path, {"messages": messages, "session_id": "s1"})
    (turn,) = turns_of(talk)
    (call,) = turn.tool_calls
    assert (turn.user, turn.assistant) == ("Where is A-1003?", "Let me see.\nIt is lost.")
    assert (call.name, call.arguments) == ("check_status", {"order_id": "A-1003"})
    assert (call.result, call.error) == ({"status": "lost"}, None)
    assert len(turn.model_calls) == 2
    assert conversation_from(spans_of(talk)) == talk


def test_what_is_said_of_the_conversation_is_kept(tmp_path: Path) -> None:
    told = {
        "messages": OPENAI,
        "session_id": "s1",
        "user_id": "ana",
        "model": "gpt-4o",
        "metadata": {"shop": 7},
        "tags": ["vip"],
        "tools": [{"type": "function", "function": {"name": "check_status"}}],
    }
    talk = only(tmp_path, told)
    assert (talk.id, talk.kind, talk.session_id) == ("sess:s1", "session", "s1")
    assert talk.system_prompt == "You help.\nBe brief."
    assert turns_of(talk)[0].user_id == "ana"
    assert talk.model_calls[0].model == "gpt-4o"
    assert (talk.metadata, talk.tags) == ({"shop": 7}, ("vip",))
    assert [tool.name for tool in talk.tools] == ["check_status"]


def test_without_a_session_id_a_talk_is_a_trace_named_by_its_content(tmp_path: Path) -> None:
    talk = only(tmp_path, OPENAI)
    assert (talk.kind, talk.session_id) == ("trace", None)
    assert talk.id == f"trace:{talk.trace_ids[0]}" == only(tmp_path, OPENAI).id
    assert spans_of(talk)[0].trace_id == talk.trace_ids[0]
    assert only(tmp_path, ANTHROPIC).id != talk.id


def test_without_any_time_messages_are_a_second_apart_and_marked(tmp_path: Path) -> None:
    talk = only(tmp_path, {"messages": ANTHROPIC, "started_at": "2026-11-24T12:00:00+01:00"})
    assert talk.time_synthetic
    assert talk.started_at == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert talk.ended_at == datetime(2026, 11, 24, 11, 0, 3, tzinfo=UTC)


def test_times_of_messages_are_read(tmp_path: Path) -> None:
    times = [1795521600, "2026-11-24T12:00:01Z", None, 1795521603000]
    told = [{**m, "timestamp": time} for m, time in zip(ANTHROPIC, times, strict=True)]
    talk = only(tmp_path, told)
    assert not talk.time_synthetic
    assert turns_of(talk)[0].latency_ms == 3000.0
    assert talk.tool_calls[0].started_at == datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)


def test_legacy_function_calls_are_tool_calls(tmp_path: Path) -> None:
    told = [
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": None,
            "function_call": {"name": "look", "arguments": '{"at": 1}'},
        },
        {"role": "function", "name": "look", "content": "a door"},
    ]
    (call,) = only(tmp_path, told).tool_calls
    assert (call.name, call.arguments, call.result) == ("look", {"at": 1}, "a door")


def test_answers_find_their_call_by_id_in_any_order(tmp_path: Path) -> None:
    asked = [
        {"id": id, "function": {"name": "look", "arguments": json.dumps({"at": id})}} for id in "ab"
    ]
    told = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "tool_calls": asked},
        {"role": "tool", "tool_call_id": "b", "content": "for b"},
        {"role": "tool", "tool_call_id": "a", "content": "for a"},
    ]
    calls = only(tmp_path, told).tool_calls
    assert [(c.arguments["at"], c.result) for c in calls] == [("a", "for a"), ("b", "for b")]
    assert {call.group for call in calls} == {1}


def test_an_answer_to_a_call_that_is_not_there_is_kept_as_not_requested(tmp_path: Path) -> None:
    told = [
        {"role": "user", "content": "Hi"},
        {"role": "tool", "tool_call_id": "x", "name": "look", "content": "a door"},
    ]
    (call,) = only(tmp_path, told).tool_calls
    assert (call.requested, call.answered, call.result) == (False, True, "a door")


def test_a_call_without_an_answer_is_not_answered(tmp_path: Path) -> None:
    talk = only(tmp_path, OPENAI[:4])
    assert [call.answered for call in talk.tool_calls] == [False]


def test_a_failed_anthropic_tool_is_an_error(tmp_path: Path) -> None:
    block = {**ANTHROPIC[2]["content"][0], "is_error": True, "content": "no such order"}
    told = [*ANTHROPIC[:2], {"role": "user", "content": [block]}, ANTHROPIC[3]]
    (call,) = only(tmp_path, told).tool_calls
    assert (call.result, call.error) == (None, "no such order")


def test_arguments_that_are_no_json_are_kept_as_they_were(tmp_path: Path) -> None:
    asked = {"id": "a", "function": {"name": "look", "arguments": '{"at": '}}
    told = [{"role": "user", "content": "Hi"}, {"role": "assistant", "tool_calls": [asked]}]
    (call,) = only(tmp_path, told).tool_calls
    assert (call.arguments, call.arguments_raw) == (None, '{"at": ')


def test_an_image_is_named_as_left_out(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "u"}}]
    talk = only(tmp_path, [{"role": "user", "content": parts}])
    assert turns_of(talk)[0].user == "Look"
    assert talk.metadata == {"left_out": ["messages.0: image_url"]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "broken JSON at column 2"),
        ("nonsense", "broken JSON at column 1: Expecting value"),
        ("7", "the conversation is no object"),
        ("{} {}", "more follows the JSON at column 4"),
        ('{"messages": 3}', "key messages is missing or no list"),
        ("[]", "key messages holds nothing that was said"),
        ('["hi"]', "key messages.0 is no object"),
        ('[{"role": "judge", "content": "x"}]', "key messages.0.role is 'judge'"),
        ('[{"role": "user", "content": ""}]', "key messages.0.content holds no words"),
        ('[{"role": "user", "content": 3}]', "key messages.0.content is no text"),
        ('[{"role": "assistant", "tool_calls": [{}]}]', "key messages.0 asks for a tool without"),
        ('[{"role": "tool", "content": "x"}]', "the tool answer without an id belongs to no call"),
        (
            '[{"role": "user", "content": "x", "timestamp": "soon"}]',
            "key messages.0.timestamp is no time: 'soon'",
        ),
        ('{"messages": [], "session_id": true}', "key messages holds nothing"),
        ("[" * 100_000, "nested too deep"),
        ('{"messages": [{"role": "user", "content": NaN}]}', "NaN is not JSON"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_taken(
    line: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "talks.jsonl"
    path.write_text(f"{json.dumps(OPENAI)}\n\n{line}\n{json.dumps(ANTHROPIC)}")
    found, (rejected,) = attempt(path)
    assert len(found) == 2
    assert rejected.startswith("line 3: ")
    assert reason in rejected


def test_a_session_that_comes_twice_is_rejected_and_names_the_first(tmp_path: Path) -> None:
    talks = [{"messages": told, "session_id": "s1"} for told in (OPENAI, ANTHROPIC)]
    found, rejected = attempt(lines(tmp_path, *talks))
    assert len(found) == 1
    assert rejected == ["line 2: the same session s1 as line 1"]


def test_a_line_that_is_no_text_or_too_long_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "MAX_LINE_BYTES", 2**20)
    path = tmp_path / "talks.jsonl"
    good = json.dumps(OPENAI).encode()
    path.write_bytes(b"\n".join([b"\xff", b" " * (3 * 2**20) + b"7", good]))
    found, rejected = attempt(path)
    assert len(found) == 1
    assert rejected == ["line 1: byte 0 is not UTF-8", "line 2: longer than 1 MiB"]


@pytest.mark.parametrize(
    ("data", "talks"),
    [
        (OPENAI, 1),
        ({"messages": OPENAI}, 1),
        ([OPENAI, {"messages": ANTHROPIC}], 2),
        ([], 0),
    ],
)
def test_a_json_file_holds_one_conversation_or_a_list(
    data: Any, talks: int, tmp_path: Path
) -> None:
    path = tmp_path / "talks.json"
    path.write_text(json.dumps(data, indent=2))
    found, rejected = attempt(path)
    assert (len(found), rejected) == (talks, [])


def test_of_a_json_file_cut_short_the_whole_conversations_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "talks.json"
    path.write_text(json.dumps([OPENAI, ANTHROPIC])[:-20])
    found, (rejected,) = attempt(path)
    assert len(found) == 1
    assert rejected.startswith("conversation 1: broken JSON")


def test_files_that_cannot_be_read_are_errors_that_name_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl: cannot be read"):
        attempt(tmp_path / "none.jsonl")
    broken = tmp_path / "broken.json"
    broken.write_text("[nonsense")
    with pytest.raises(DecodeError, match=r"broken\.json: broken JSON at line 1 column 2"):
        attempt(broken)


@pytest.mark.parametrize("levels", [64, 65, 300, 5000])
def test_a_result_nested_too_deep_to_be_written_again_stays_text(
    levels: int, tmp_path: Path
) -> None:
    result = "[" * levels + "]" * levels
    told = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": None, "tool_calls": [CHECK]},
        {"role": "tool", "tool_call_id": "call_1", "content": result},
    ]
    talk = only(tmp_path, told)
    assert isinstance(talk.tool_calls[0].result, str) == (levels > 64)
    assert conversation_from(spans_of(talk)) == talk


def test_a_part_whose_kind_is_no_text_is_named_and_the_words_are_taken(tmp_path: Path) -> None:
    parts = [{"type": [], "text": "?"}, {"type": {}}, {"type": "text", "text": "Hi"}]
    talk = only(tmp_path, [{"role": "user", "content": parts}, {"type": [], "role": "assistant"}])
    assert turns_of(talk)[0].user == "Hi"
    assert talk.metadata["left_out"] == ["messages.0: []", "messages.0: {}"]
