"""The command line as a process: what it loads, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

VERBS = (
    "import", "serve", "projects", "sessions", "traces", "conversations", "show", "inspect",
    "replay", "runs", "keep", "test", "demo",
)  # fmt: skip


def process(*argv: str, home: Path, code: str | None = None, **given):
    start = "import sys; from reenact.cli.app import run; sys.exit(run(sys.argv[1:]))"
    called = ["-c", code or start]
    environ = {**os.environ, "REENACT_HOME": str(home)}
    return subprocess.run(
        [sys.executable, *called, *argv], capture_output=True, text=True, env=environ, **given
    )


def test_help_names_every_verb_in_the_order_of_use(reenact):
    ended = reenact("--help")
    places = [ended.out.index(f"│ {verb} ") for verb in VERBS]
    assert ended.code == 0
    assert places == sorted(places)


def test_the_verbs_of_runs_are_its_commands(reenact):
    out = reenact("runs", "--help").out
    assert out.index("Commands") < out.index("resume")
    assert out.index("resume") < out.index("Everywhere")


def test_help_loads_nothing_heavy(tmp_path):
    heavy = ("pydantic", "sqlalchemy", "fastapi", "aiohttp", "opentelemetry", "reenact.domain")
    ended = process(
        "--help",
        home=tmp_path,
        code="import sys; from reenact.cli.app import run; run(sys.argv[1:]); "
        f"sys.exit(str([name for name in {heavy} if name in sys.modules]))",
    )
    assert ended.stderr.strip() == "[]"


def test_help_makes_no_home(tmp_path):
    assert process("--help", home=tmp_path / "none").returncode == 0
    assert not (tmp_path / "none").exists()


def test_the_help_of_a_verb_is_its_own(reenact):
    assert "Only sessions, or only session-less traces." in reenact("conversations", "--help").out


def test_the_version_is_printed(reenact):
    assert reenact("--version").out.startswith("reenact 0.")


@pytest.mark.parametrize(
    "argv", [("bogus",), ("sessions", "--bogus"), ("show",), ("sessions", "--limit", "many")]
)
def test_wrong_use_exits_2_and_names_the_help(reenact, argv):
    ended = reenact(*argv)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("error: ")
    assert "--help" in ended.err


def test_a_close_verb_is_suggested(reenact):
    assert reenact("session").err == (
        "error: there is no verb 'session'\n  -> did you mean reenact sessions?\n"
    )


def test_an_error_goes_to_stderr_with_its_next_step(reenact):
    ended = reenact("sessions")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[0] == "error: nothing has been captured yet"
    assert "-> reenact import" in ended.err


def test_home_may_be_named_anywhere_on_the_line(reenact, tmp_path):
    assert reenact("projects", "--home", str(tmp_path / "there")).code == 0
    assert (tmp_path / "there").is_dir()


def test_a_home_that_is_a_file_is_an_error(reenact, tmp_path):
    (tmp_path / "file").write_text("x")
    ended = reenact("--home", str(tmp_path / "file"), "projects")
    assert ended.code == 2
    assert str(tmp_path / "file") in ended.err


def test_an_interruption_exits_130_without_a_traceback(tmp_path):
    code = (
        "import sys; import reenact.cli.listing as listing; from reenact.cli.app import run\n"
        "def projects(): raise KeyboardInterrupt\n"
        "listing.projects = projects; sys.exit(run(['projects']))"
    )
    ended = process(home=tmp_path, code=code)
    assert ended.returncode == 130
    assert ended.stderr == "error: interrupted\n"


def test_a_closed_pipe_is_quiet(tmp_path):
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", "from reenact.cli import main; main()", "schema", "run"],
            stdout=write,
            stderr=subprocess.PIPE,
            env={**os.environ, "REENACT_HOME": str(tmp_path)},
        )
    finally:
        os.close(write)
    assert ended.stderr == b""
    assert ended.returncode == 141


def test_what_is_piped_is_utf_8_whatever_the_locale(tmp_path):
    path = tmp_path / "talk.jsonl"
    path.write_text('{"session_id": "s", "messages": [{"role": "user", "content": "Grüße 你好"}]}')
    environ = {**os.environ, "REENACT_HOME": str(tmp_path), "PYTHONIOENCODING": "ascii"}
    for argv in (["import", str(path), "--project", "p"], ["show", "s"], ["show", "s", "--json"]):
        ended = subprocess.run(
            [sys.executable, "-c", "from reenact.cli import main; main()", *argv],
            capture_output=True,
            env=environ,
        )
        assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.decode("utf-8"))["turns"][0]["user"] == "Grüße 你好"
