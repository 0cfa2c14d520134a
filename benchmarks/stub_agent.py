"""A small agent for uvicorn that answers after 50 ms, and counts; used without ../shared."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from benchmarks.workload import ANSWER, ANSWER_S

ANSWERED = json.dumps(
    {"content": ANSWER, "usage": {"input_tokens": 120, "output_tokens": 42}}
).encode()
count = {"requests": 0}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer /agent, /stats and /reset."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"].endswith("shutdown"):
                return
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/agent":
        count["requests"] += 1
        await asyncio.sleep(ANSWER_S)
        await _answer(send, ANSWERED)
    elif scope["path"] == "/reset":
        count["requests"] = 0
        await _answer(send, b"{}")
    else:
        await _answer(send, json.dumps(count).encode())


async def _answer(send: Any, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
