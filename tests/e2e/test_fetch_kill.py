"""A fetch that is killed goes on where it was: no span lost, none doubled."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from reenact.capture.fetching.fetch import PAGE_SIZE
from support.captures import spans_of_capture
from support.http_source import Asked, Reply, serving_source
from support.peer_exports import phoenix
from support.processes import COMMAND, reenact
from support.source_apis import phoenix_api


@pytest.mark.parametrize("request_number", [1, 2, 3])
def test_a_killed_fetch_goes_on(shared: Path, tmp_path: Path, request_number: int) -> None:
    folder = shared / "data" / "otlp" / "llamaindex_oi"
    rows = phoenix(spans_of_capture(folder))
    answering = phoenix_api(project="default", rows=rows)
    killed: list[subprocess.Popen[bytes]] = []

    def killing(asked: Asked) -> Reply:
        if killed and len(source.asked) == request_number:
            killed.pop().kill()
        return answering(asked)

    with serving_source(killing) as source:
        argv = ("fetch", "phoenix", "--url", source.url, "--project", "shop")
        environ = {**os.environ, "REENACT_HOME": str(tmp_path)}
        process = subprocess.Popen(
            [*COMMAND, *argv], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        killed.append(process)
        assert process.wait(timeout=50) == -9
        before = (request_number - 1) * PAGE_SIZE
        told = reenact(tmp_path, *argv)

    assert told["taken"] + told["duplicates"] >= len(rows) - before
    assert told["duplicates"] <= PAGE_SIZE
    assert reenact(tmp_path, "projects")["projects"][0]["spans"] == len(rows)
