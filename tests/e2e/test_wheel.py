"""The wheel, installed as a user would into an empty environment, runs the demo."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

PROJECT = Path(__file__).parents[2]
NOT_REACHED = ("Could not find a version", "No matching distribution", "Temporary failure")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*build, str(PROJECT)], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_everything_that_is_not_code(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    package = PROJECT / "src" / "reenact"
    wanted = {
        f"reenact/{file.relative_to(package)}"
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert wanted <= held


@pytest.mark.timeout(300)
def test_an_empty_environment_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "empty")], check=True)
    python = tmp_path / "empty" / "bin" / "python"
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", str(wheel)], capture_output=True, text=True
    )
    if installed.returncode and any(words in installed.stderr for words in NOT_REACHED):
        pytest.skip("the package index is not reachable, so the dependencies cannot be installed")
    assert installed.returncode == 0, installed.stderr
    alone = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "REENACT"))}
    shown = subprocess.run(
        [tmp_path / "empty" / "bin" / "reenact", "demo"],
        cwd=tmp_path,
        env=alone,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "issue_refund" in shown.stdout
    assert (tmp_path / "reenact-demo").is_dir()
    served = _served_page(tmp_path / "empty" / "bin", home=tmp_path / "home", environ=alone)
    assert "<title>Reenact</title>" in served


def _served_page(commands: Path, *, home: Path, environ: dict[str, str]) -> str:
    """Return the front page of an installed server, once its script was given too; without Node."""
    alone = {**environ, "PATH": str(commands), "REENACT_HOME": str(home)}
    command = [commands / "reenact", "serve", "--port", "0", "--no-grpc"]
    with subprocess.Popen(command, env=alone, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip().partition("=")[2]
            page = urlopen(f"{url}/p/any/sessions", timeout=20).read().decode()
            (script, *_) = re.findall(r'src="(/assets/[^"]+\.js)"', page)
            assert urlopen(f"{url}{script}", timeout=20).status == 200
            return page
        finally:
            server.send_signal(signal.SIGINT)
