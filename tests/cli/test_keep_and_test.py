"""The whole way on a real capture: replay, keep, a red test and a green one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

AGENTS = """
import re
import reenact

@reenact.tool(effect="read")
def check_status(order_id): raise AssertionError("a tool ran for real")

@reenact.tool(effect="write")
def issue_refund(order_id, amount): raise AssertionError("a tool ran for real")

def fixed(messages, message):
    orders = re.findall(r"[A-Z]-[0-9]{4}", message)
    orders += ["A-1003"] if "What?!" in message else []
    return " ".join(check_status(order_id=order)["status"] for order in orders) or "Sorry."

def old(messages, message):
    if "A-1003" in message:
        issue_refund("A-1003", 49.9)
        return "I have refunded $49.90 for order A-1003."
    return fixed(messages, message)
"""
TALK = ("--project", "oi_openai_rooted", "--session", "sess-tue-4711")


@pytest.fixture(autouse=True)
def beside_the_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kettle_desk.py").write_text(AGENTS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_fixed_bug_is_kept_and_its_test_is_red_on_the_old_agent(captured, tmp_path):
    replayed = captured("replay", *TALK, "--agent", "kettle_desk:fixed", "--user-policy", "strict")
    assert replayed.code == 0
    assert "issue_refund(order_id='A-1003', amount=49.9) became check_status" in replayed.out
    kept = captured("keep", "latest", "--to", "kept")
    assert kept.code == 0, kept.err
    assert "must not call issue_refund on turn 4" in kept.out
    assert (tmp_path / "kept" / "sess-tue-4711.reenact.yaml").is_file()
    green = captured("test", "kept")
    assert (green.code, green.out.split()[:2]) == (0, ["PASS", "fixed"])
    red = captured("test", "kept", "--agent", "kettle_desk:old")
    assert (red.code, red.out.split()[:3]) == (1, ["FAIL", "still", "failing"])
    assert "issue_refund(order_id='A-1003', amount=49.9) was called on turn 4" in red.out


def test_a_case_that_cannot_run_is_told_in_the_json_too(captured, tmp_path):
    captured("replay", *TALK, "--agent", "kettle_desk:fixed", "--user-policy", "strict")
    captured("keep", "latest", "--to", "kept", "--name", "good")
    broken = tmp_path / "kept" / "broken.reenact.yaml"
    broken.write_text((tmp_path / "kept" / "good.reenact.yaml").read_text() + "verdikt: x\n")

    told = captured("test", "kept", "--json")
    assert told.code == 2
    good, bad = sorted(json.loads(told.out), key=lambda case: case["exit_code"])
    assert (good["case"], good["exit_code"], good["verdict"]["verdict"]) == ("good", 0, "fixed")
    assert (bad["case"], bad["exit_code"]) == ("kept/broken.reenact.yaml", 2)
    assert (bad["verdict"], bad["run"]) == (None, None)
    assert "unknown key of a kept file: 'verdikt'" in bad["sentence"]


def test_keeping_is_proposed_only_where_a_finished_talk_differs(captured, tmp_path):
    differs = captured("replay", *TALK, "--agent", "kettle_desk:fixed")
    assert "keep a case: reenact keep run-" in differs.err
    (tmp_path / "broken_desk.py").write_text(
        "from kettle_desk import *\ndef answer(messages, message): raise OSError('down')\n"
    )
    failed = captured("replay", *TALK, "--agent", "broken_desk:answer")
    assert "OSError: down (broken_desk.py:2)" in failed.out
    assert "keep a case" not in failed.err


def test_what_does_not_tell_the_bug_from_the_fix_is_not_kept(captured, tmp_path):
    captured("replay", *TALK, "--agent", "kettle_desk:old")
    kept = captured("keep", "latest", "--to", "kept")
    assert kept.code == 1
    assert "not kept" in kept.err
    assert not (tmp_path / "kept").exists()


def test_the_json_of_a_run_fits_its_schema(captured):
    import jsonschema

    from reenact.cli.schema import schema_of

    told = captured("replay", *TALK, "--agent", "kettle_desk:fixed", "--json")
    run = json.loads(told.out)
    jsonschema.Draft202012Validator(schema_of("run")).validate(run)
    assert run["calls"][0]["verdict"] == "no_evidence"
    shown = captured("runs", "show", run["id"], "--json")
    assert json.loads(shown.out)["calls"] == run["calls"]


def test_a_capture_without_the_users_words_is_not_comparable(reenact, shared):
    reenact("import", str(shared / "data/otlp/google_adk"), "--project", "adk")
    argv = ("--project", "adk", "--session", "sess-tue-4711", "--agent", "kettle_desk:fixed")
    ended = reenact("replay", *argv)
    assert ended.code == 3
    assert "the capture lacks what the user said on turns 1, 2, 3, 4, 5." in ended.out


NOISY = """
import os
from kettle_desk import fixed

print("imported", flush=True)

def answer(messages, message):
    print("asked", flush=True)
    os.write(1, b"a process it started\\n")
    return fixed(messages, message)
"""


def test_what_an_agent_prints_does_not_stand_in_the_json(captured, tmp_path):
    (tmp_path / "noisy_desk.py").write_text(NOISY)
    argv = ("replay", *TALK, "--agent", "noisy_desk:answer", "--json")
    ran = subprocess.run(
        [sys.executable, "-m", "reenact", *argv], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["status"] == "completed"
    for noise in ("imported", "asked", "a process it started"):
        assert noise in ran.stderr


def test_the_report_is_one_file_that_asks_for_nothing(captured, tmp_path):
    captured("replay", *TALK, "--agent", "kettle_desk:fixed", "--html", "report.html")
    report = (tmp_path / "report.html").read_text()
    assert "issue_refund" in report
    assert "http://" not in report
    assert "https://" not in report
    assert "<script" not in report


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("replay", *TALK, "--agent", "no_such_desk:x"), 2, "no module named no_such_desk"),
        (("replay", *TALK[:2], "--session", "nope", "--agent", "kettle_desk:old"), 2, "nope"),
        (("replay", *TALK, "--agent", "http://127.0.0.1:9/"), 2, "--allow-live-tools"),
        (
            (
                "replay", *TALK, "--agent", "http://127.0.0.1:9/", "--tools", "returned",
                "--connect-retries", "0",
            ),
            5,
            "reenact runs resume",
        ),
        (("test",), 2, "tests/replays"),
        (("keep", "latest"), 2, "there is no run yet"),
        (("runs", "show", "run-x"), 2, "run-x"),
    ],
)  # fmt: skip
def test_what_cannot_work_ends_with_its_exit_code_and_the_next_step(captured, argv, code, said):
    ended = captured(*argv)
    assert ended.code == code
    assert said in ended.err
