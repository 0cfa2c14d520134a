"""`reenact tools serve` as a process: over stdio and over HTTP, with the SDK's own clients."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reenact.cli.app import run
from support.served import NO_MCP, Said, ask, mcp_calls, said

COMMAND = (sys.executable, "-W", "error", "-c", "from reenact.cli import main; main()")
STATUS = {"order_id": "NB-5528"}
PAID = {"order_id": "NB-5528", "amount": 64.0}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the demo's capture."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REENACT_HOME", str(folder))
        captured = str(files("reenact.demo") / "captured")
        assert run(["import", captured, "--project", "northlight", "--json"]) == 0
    return folder


def environ(home: Path) -> dict[str, str]:
    return {**os.environ, "REENACT_HOME": str(home)}


@contextmanager
def serving(home: Path, *argv: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    process = subprocess.Popen(
        [*COMMAND, "tools", "serve", "--session", "chat-1184", "--http", "0", *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ(home),
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(2)]
        yield process, dict(line.split(": ", 1) for line in lines)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


async def over_stdio(home: Path, errors: Path, *argv: str) -> tuple[list[str], list[Said]]:
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    server = StdioServerParameters(
        command=COMMAND[0],
        args=[*COMMAND[1:], "tools", "serve", "--session", "chat-1184", "--stdio", *argv],
        env=environ(home),
    )
    with errors.open("w") as log:
        async with (
            stdio_client(server, errlog=log) as (reading, writing),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]
            given = [
                said(await session.call_tool(name, arguments))
                for name, arguments in (
                    ("check_status", STATUS),
                    ("check_status", {"order_id": "NB-1"}),
                    ("issue_refund", PAID),
                    ("issue_refund", PAID),
                )
            ]
    return names, given


def test_a_client_that_starts_it_gets_the_recorded_results(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    report, errors = tmp_path / "served.json", tmp_path / "errors.txt"
    names, (status, missed, paid, again) = asyncio.run(
        over_stdio(home, errors, "--write", "issue_refund", "--report", str(report))
    )
    assert names == ["check_status", "find_order", "issue_refund"]
    assert json.loads(status.text)["status"] == "in transit"
    assert (missed.failed, paid.failed, again.failed) == (True, False, True)
    (talk,) = json.loads(report.read_text())
    assert [one["provenance"] for one in talk["calls"]] == [
        "recorded",
        "refused",
        "recorded",
        "refused",
    ]
    assert [one["name"] for one in talk["unused"]] == ["find_order"]
    told = errors.read_text()
    assert "2 recorded at rung 1, 2 refused" in told
    assert "order_id: recorded 'NB-5528', asked 'NB-1'" in told
    assert "never asked for: find_order" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_a_report_although_the_client_stays(
    home: Path, number: signal.Signals
) -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    }
    with subprocess.Popen(
        [*COMMAND, "tools", "serve", "--session", "chat-1184", "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ(home),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(hello) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        told = process.stderr.read()
    assert answer["result"]["serverInfo"]["name"] == "reenact"
    assert "no tool was called" in told


def test_over_http_each_session_starts_afresh_and_a_signal_ends_it_with_a_report(
    home: Path, tmp_path: Path
) -> None:
    pytest.importorskip("mcp", reason=NO_MCP)
    declared = tmp_path / "declared.yaml"
    declared.write_text(
        "- tool: check_status\n  arguments: {order_id: NB-1}\n  result: {status: lost}\n"
    )
    with serving(home, "--write", "issue_refund", "--declared", str(declared)) as (process, urls):
        calls = [("issue_refund", PAID), ("issue_refund", PAID)]
        given = [asyncio.run(mcp_calls(urls["MCP"], *calls)) for _ in range(2)]
        plain = ask(f"{urls['HTTP']}/check_status", {"order_id": "NB-1"})
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert [[one.failed for one in each] for each in given] == [[False, True]] * 2
    assert plain.body == {"result": {"status": "lost"}, "error": None, "provenance": "declared"}
    assert process.returncode == 0
    assert told.count("2 calls: 1 recorded at rung 1, 1 refused") == 2
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--stdio"], "name one recording"),
        (["--session", "chat-1184", "--trace", "x", "--stdio"], "name one recording"),
        (["--session", "chat-1184"], "serve in one way"),
        (["--session", "chat-1184", "--stdio", "--http", "0"], "serve in one way"),
        (["--session", "nobody", "--stdio"], "no such session"),
        (["--session", "chat-1184", "--http", "host:port"], "no address"),
        (["--session", "chat-1184", "--stdio", "--write", "pay"], "no tool pay"),
    ],
)
def test_wrong_use_is_told_before_anything_is_served(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, argv: list[str], said: str
) -> None:
    monkeypatch.setenv("REENACT_HOME", str(home))
    assert run(["tools", "serve", *argv]) == 2
    assert said in capsys.readouterr().err
