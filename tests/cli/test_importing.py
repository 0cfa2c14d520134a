"""`reenact import`: counts of everything, and clear words for what was not taken."""

from __future__ import annotations

import json
import shutil

import pytest

from support.imported import DATA
from support.posts import json_body, json_span


def lines(tmp_path, count: int, *, name: str = "talks.jsonl") -> str:
    talk = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}
    path = tmp_path / name
    path.write_text(
        "".join(json.dumps({"session_id": f"s{n}", **talk}) + "\n" for n in range(count))
    )
    return str(path)


def test_a_capture_is_counted_and_the_next_command_named(reenact, shared):
    folder = str(shared / "data" / "otlp" / "oi_openai_rooted")
    ended = reenact("import", folder, "--project", "shop")
    assert ended.code == 0
    assert ended.out.splitlines()[:3] == [
        "10 files, 10 request bodies",
        "47 spans taken, 0 duplicates",
        "project shop: 5 conversations",
    ]
    assert "expected.json: no .headers.json beside it" in ended.out
    assert "next: reenact sessions --project shop" in ended.err


def test_the_fidelity_of_what_came_is_summed_up(reenact, shared):
    folder = str(shared / "data" / "otlp" / "oi_openai_rooted")
    ended = reenact("import", folder, "--project", "shop")
    assert ended.out.splitlines()[3] == (
        "  fidelity 88 of 100, the mean of the 5 conversations that this touched"
    )
    assert "    tool_effects: below 100 in 5: whether " in ended.out
    told = json.loads(reenact("import", folder, "--project", "shop", "--json").out)
    assert told["fidelity"]["shop"]["score"] == 88
    assert [axis["name"] for axis in told["fidelity"]["shop"]["axes"]] == [
        "tool_effects",
        "session",
    ]


@pytest.mark.parametrize("name", ["langsmith_langgraph", "mlflow_openai", "mlflow_langgraph"])
def test_exports_of_other_tools_are_known_by_their_looks(reenact, name):
    path = DATA / f"{name}.jsonl"
    ended = reenact("import", str(path), "--project", "shop")
    assert ended.code == 0, ended.err
    assert "project shop: 1 conversation\n" in ended.out


def test_spans_of_an_export_that_cannot_be_taken_are_counted(reenact, tmp_path):
    good = json.loads((DATA / "langsmith_langgraph.jsonl").read_text().splitlines()[0])
    path = tmp_path / "runs.jsonl"
    path.write_text("".join(json.dumps(run) + "\n" for run in (good, good | {"start_time": "?"})))
    ended = reenact("import", str(path))
    assert ended.code == 0
    assert "1 span rejected:\n  runs.jsonl: line 2: key start_time is no time: '?'" in ended.out


def test_a_second_import_doubles_nothing(reenact, shared):
    folder = str(shared / "data" / "otlp" / "oi_openai_rooted")
    reenact("import", folder, "--project", "shop")
    ended = reenact("import", folder, "--project", "shop")
    assert ended.code == 0
    assert "0 spans taken, 47 duplicates" in ended.out
    assert json.loads(reenact("projects", "--json").out)["projects"][0]["spans"] == 47


def test_json_is_json_alone(reenact, shared):
    folder = str(shared / "data" / "otlp" / "oi_openai_rooted")
    told = json.loads(reenact("import", folder, "--json").out)
    assert (told["files"], told["posts"], told["taken"], told["rejected"]) == (10, 10, 47, 0)
    assert len(told["skipped"]) == 4
    assert sum(told["conversations"].values()) == 5


def test_the_first_skipped_files_are_listed_and_the_rest_counted(reenact, shared, tmp_path):
    source = shared / "data" / "otlp" / "oi_openai_rooted"
    folder = shutil.copytree(source, tmp_path / "capture")
    for number in range(20):
        (folder / f"note{number:02}.txt").write_text("x")
    short = reenact("import", str(folder)).out
    assert "24 files skipped:" in short
    assert "and 14 more: --verbose lists them" in short
    assert reenact("import", str(folder), "--verbose").out.count("no .headers.json") == 24


def test_messages_are_taken(reenact, tmp_path):
    ended = reenact("import", lines(tmp_path, 3), "--format", "messages", "--project", "chat")
    assert ended.code == 0, ended.err
    assert "project chat: 3 conversations" in ended.out
    assert json.loads(reenact("sessions", "--json").out)["total"] == 3


def test_tau_bench_is_taken(reenact, shared):
    path = shared / "data" / "conversations" / "tau2_runs" / "telecom_gpt-4o.json"
    ended = reenact("import", str(path), "--format", "tau", "--project", "telecom")
    assert ended.code == 0, ended.err
    assert "project telecom: 20 conversations" in ended.out


@pytest.mark.parametrize("content", [b"", b"\x00\x01garbage", b'{"resourceSpans": ['])
def test_a_file_that_gives_nothing_exits_2_and_names_it(reenact, tmp_path, content):
    path = tmp_path / "capture.pb"
    path.write_bytes(content)
    ended = reenact("import", str(path))
    assert ended.code == 2
    assert str(path) in ended.out + ended.err
    assert "->" in ended.err


def test_a_path_that_is_not_there_exits_2(reenact, tmp_path):
    ended = reenact("import", str(tmp_path / "none"))
    assert (ended.code, ended.out) == (2, "")
    assert str(tmp_path / "none") in ended.err


def test_an_empty_folder_exits_2(reenact, tmp_path):
    assert reenact("import", str(tmp_path)).code == 2


def test_control_characters_of_a_capture_do_not_reach_the_terminal(reenact, tmp_path):
    wire = tmp_path / "wire"
    wire.mkdir()
    body = json_body(json_span(traceId="\x1b]0;owned\x07"), json_span(), service="p\x1b[2J")
    (wire / "0001.json").write_bytes(body)
    about = {"path": "/v1/traces", "headers": [["content-type", "application/json"]]}
    (wire / "0001.json.headers.json").write_text(json.dumps(about))
    ended = reenact("import", str(tmp_path))
    assert ended.code == 0
    assert "\x1b" not in ended.out + ended.err
    assert "\x1b" not in reenact("projects").out
    assert "\x1b" not in reenact("projects", "--json").out


def test_axes_that_lack_something_for_one_reason_share_a_line(reenact, shared):
    folder = str(shared / "data" / "otlp" / "google_adk")
    told = reenact("import", folder, "--project", "p").out

    [line] = [line for line in told.splitlines() if "CAPTURE_MESSAGE_CONTENT" in line]
    assert "user_turns, assistant_text, tool_calls, tool_results, system_prompt:" in line
