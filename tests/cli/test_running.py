"""`reenact run`: the program is itself, with the hooks in place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from reenact.cli.running import check_command, environment
from reenact.errors import UsageError

HOOKED = (
    "import sys\n"
    "print(sys.argv[1:], any(type(one).__module__ == 'reenact.tools.hooks.importing' "
    "for one in sys.meta_path))\n"
)
RUN = [sys.executable, "-m", "reenact", "run", "--"]


def started(
    command: Sequence[str], folder: Path, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, *command],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "agent.py").write_text(HOOKED)
    return tmp_path


@pytest.mark.parametrize("way", [["agent.py"], ["-m", "agent"], ["-W", "error", "agent.py"]])
def test_a_script_and_a_module_start_with_the_hooks_and_their_own_arguments(
    folder: Path, way: list[str]
) -> None:
    done = started([sys.executable, *way, "--home", "x", "-h"], folder)

    assert done.stdout == "['--home', 'x', '-h'] True\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_the_exit_code_is_the_program_s(folder: Path) -> None:
    assert started([sys.executable, "-c", "raise SystemExit(7)"], folder).returncode == 7


def test_a_signal_goes_to_the_program(folder: Path) -> None:
    waits = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with subprocess.Popen(
        [*RUN, sys.executable, "-c", waits], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM


def test_a_python_that_the_program_starts_has_the_hooks_too(folder: Path) -> None:
    starts = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, 'agent.py']))"

    assert started([sys.executable, "-c", starts], folder).stdout == "[] True\n"


def test_a_sitecustomize_of_the_user_s_is_run_as_well(folder: Path) -> None:
    own = folder / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import sys\nsys.own = 'mine'\n")
    path = os.pathsep.join([str(own), *filter(None, [os.environ.get("PYTHONPATH")])])

    done = started([sys.executable, "-c", "import sys; print(sys.own)"], folder, PYTHONPATH=path)

    assert done.stdout == "mine\n"


def test_a_python_without_reenact_is_not_run(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "bare"], check=True)
    environ = {**environment({}), "PATH": os.environ["PATH"]}

    done = subprocess.run(
        ["sh", "-c", 'REENACT_RUN=$$ exec "$0" -c "print(1)"', folder / "bare" / "bin" / "python"],
        env=environ,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "no tool is intercepted" in done.stderr
    assert "install reenact" in done.stderr


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["python", "-I", "agent.py"], "-I"),
        (["/usr/bin/python3.12", "-uE", "-m", "agent"], "-uE"),
        (["opentelemetry-instrument", "python", "agent.py"], "opentelemetry-instrument reenact"),
    ],
)
def test_what_would_start_without_the_hooks_is_refused(command: list[str], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        check_command(command)


@pytest.mark.parametrize(
    "command", [["python", "agent.py", "-I"], ["python", "-X", "dev", "agent.py"], ["ls", "-I"]]
)
def test_flags_of_the_program_itself_are_its_own(command: list[str]) -> None:
    check_command(command)


def test_what_cannot_be_started_says_what_to_do(folder: Path) -> None:
    missing = started(["no-such-program"], folder)
    nothing = started([], folder)

    assert (missing.returncode, nothing.returncode) == (2, 2)
    assert "no such program" in missing.stderr
    assert "reenact run -- python agent.py" in nothing.stderr
