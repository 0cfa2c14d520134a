"""The pages about served tools do what they say, typed as they stand."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reenact.agents.targets import parse_target
from reenact.cli.app import run
from reenact.domain.agent import HttpTarget
from support.node import node_folder, npm_ci
from support.served import NO_MCP

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
EXAMPLE = ROOT / "examples" / "node_agent"


def blocks(page: str, kind: str) -> list[str]:
    text = (GUIDE / page).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for its_kind, block in found if its_kind == kind]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REENACT_HOME", str(tmp_path / "home"))
    captured = str(files("reenact.demo") / "captured")
    assert run(["import", captured, "--project", "northlight", "--json"]) == 0
    return tmp_path


def test_the_mcp_client_of_the_page_is_replayed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    (source,) = blocks("mcp.md", "python")
    (home / "support_agent.py").write_text(source)
    monkeypatch.chdir(home)
    capsys.readouterr()
    command = next(line for block in blocks("mcp.md", "") for line in block.splitlines())
    assert "support_agent.py:answer" in command

    assert run([*command.split()[1:], "--json"]) == 0

    (call,) = json.loads(capsys.readouterr().out)["calls"]
    asked = [tool for turn in call["turns"] for tool in turn["tool_calls"]]
    assert [(tool["name"], tool["provenance"]) for tool in asked] == [("find_order", "recorded")]


def test_the_agent_file_and_the_client_settings_of_the_page_are_read(home: Path) -> None:
    (text,) = blocks("mcp.md", "yaml")
    (home / "agent.yaml").write_text(text)
    target = parse_target(str(home / "agent.yaml"))
    assert isinstance(target, HttpTarget)
    assert target.tools == "served"
    (settings,) = blocks("mcp.md", "json")
    server = json.loads(settings)["mcpServers"]["recorded"]
    from reenact.cli.app import build_app

    build_app().parse_args(server["args"], exit_on_error=False, print_error=False)


@pytest.mark.timeout(400)
def test_the_node_agent_of_the_page_is_replayed_over_http_and_over_mcp(tmp_path: Path) -> None:
    ways = 2 if importlib.util.find_spec("mcp") else 1  # the page's last block is about MCP
    bin = node_folder()
    folder = tmp_path / "examples" / "node_agent"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("node_modules"))
    captured = tmp_path / "src" / "reenact" / "demo" / "captured"
    shutil.copytree(str(files("reenact.demo") / "captured"), captured)
    npm_ci(folder, bin)
    here = tmp_path / "bin"
    here.mkdir()
    for name in ("reenact", "python"):
        what = "-m reenact " if name == "reenact" else ""
        (here / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {what}"$@"\n')
        (here / name).chmod(0o755)
    script = "set -e\n" + "".join(blocks("tool-endpoint.md", "sh")[: ways + 2])
    script = script.replace("npm ci --ignore-scripts\n", "")  # it is done, or the test is skipped
    agents = {name: (folder / name).read_text() for name in ("agent.yaml", "mcp_agent.yaml")}
    for port in ("8801", "8802", "8803", "8765"):
        free = free_port()
        script = script.replace(port, free)
        agents = {name: text.replace(port, free) for name, text in agents.items()}
    for name, text in agents.items():
        (folder / name).write_text(text)

    told, errors = tmp_path / "out.txt", tmp_path / "errors.txt"
    with told.open("w") as out, errors.open("w") as err:
        shell = subprocess.Popen(
            ["sh", "-c", script],
            cwd=folder,
            env={
                **os.environ,
                "PATH": os.pathsep.join((str(here), str(bin), os.environ["PATH"])),
                "REENACT_HOME": str(tmp_path / "home"),
            },
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            code = shell.wait(timeout=300)
        finally:
            os.killpg(shell.pid, signal.SIGKILL)  # the model and the agents that it started

    assert code == 0, errors.read_text()
    lines = [line.strip() for block in blocks("tool-endpoint.md", "") for line in block.split("\n")]
    (shown,) = (line for line in lines if "became" in line)
    assert told.read_text().count(shown) == ways
    assert told.read_text().count("+ check_status(order_id='NB-5528') (recorded)") == ways
    assert "Traceback" not in errors.read_text()
