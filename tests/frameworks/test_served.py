"""Agent servers that `reenact run` starts: their tools answer for the replay that asks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.tool_server import tool_server

pytest.importorskip("langchain", reason="LangChain is not installed here: make test-frameworks")
pytest.importorskip("flask", reason="Flask is not installed here: make test-frameworks")

TOOL = """
from langchain_core.tools import tool

@tool
def check_status(order_id: str) -> dict:
    "Say where an order is."
    return {"status": "real"}
"""
APPS = {
    "starlette": TOOL
    + """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def chat(request):
    return JSONResponse(await check_status.ainvoke({"order_id": "A-1"}))

app = Starlette(routes=[Route("/chat", chat)])
""",
    "flask": TOOL
    + """
from flask import Flask

app = Flask(__name__)

@app.get("/chat")
def chat():
    return check_status.invoke({"order_id": "A-1"})
""",
}
STARTS = {
    "starlette": ("-m", "uvicorn", "app:app", "--log-level", "error", "--port"),
    "flask": ("-m", "flask", "run", "--port"),
}


@pytest.mark.parametrize("server", STARTS)
def test_a_server_answers_a_replay_from_the_recording_and_a_user_for_real(
    server: str, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(APPS[server])
    with (
        tool_server(check_status={"status": "shipped"}) as tools,
        running(tmp_path, *STARTS[server], REENACT_TOOLS_URL=tools.url) as url,
    ):
        assert chat(url, baggage="reenact.run=r1,reenact.turn=1") == {"status": "shipped"}
        assert chat(url) == {"status": "real"}
        assert [arguments for _, arguments, _ in tools.asked] == [{"order_id": "A-1"}]


def chat(url: str, **headers: str) -> object:
    request = urllib.request.Request(f"{url}/chat", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@contextmanager
def running(folder: Path, *command: str, **environ: str) -> Iterator[str]:
    """Start `command` with `reenact run` on a free port; yield its address once it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "reenact", "run", "--", sys.executable, *command, str(port)]
    with subprocess.Popen(argv, cwd=folder, env=os.environ | environ) as process:
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")
