"""A capture sent to a peer comes back as it would have come here: live, and out of its files."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from reenact.cli.app import run
from support.imported import PROJECT, imported
from support.peer_servers import SETTLE_SECONDS, Peer
from support.views import Views, differences, views_of

pytestmark = pytest.mark.timeout(900)

CAPTURES = (
    "oi_openai_rooted",
    "oi_openai_bare",
    "oi_langgraph",
    "oi_anthropic",
    "otel_openai_v2_latest",
    "pydantic_ai_logfire",
    "traceai_openai",
    "traceloop_openai",
    "vercel_ai",
    "langfuse",
)
LOST: dict[str, dict[str, str]] = {
    "phoenix": {
        r"agent_version": "Phoenix keeps no resource, and service.version stands there",
    },
    "mlflow": {},
}
"""What a peer loses, as paths of the contract's view, with the reason."""


def fetch(peer: Peer, project: str, *more: str) -> int:
    where = ("--url", peer.url, "--from-project", project, "--project", PROJECT)
    return run(["fetch", peer.name, *where, *more])


def settled(peer: Peer, project: str, home: Path, direct: Views) -> list[str]:
    """Fetch until what came is what was sent, or has not been for long; return the differences.

    Phoenix answers a post before it has stored it, and even before it knows the project.
    """
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        came = stored(home) if fetch(peer, project, "--restart") == 0 else {}
        found = differences(direct, came, lost=LOST[peer.name], microseconds=2)
        if not found or time.monotonic() > until:
            return found
        time.sleep(1)


def stored(home: Path) -> Views:
    from reenact.store.spans import open_span_store

    store = open_span_store(f"sqlite:///{home / 'spans.db'}")
    try:
        return views_of(store, PROJECT)
    finally:
        store.close()


@pytest.mark.parametrize("capture", CAPTURES)
def test_a_capture_comes_back_as_it_was_sent(
    shared: Path,
    peer: Peer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    capture: str,
):
    folder = shared / "data" / "otlp" / capture
    direct = imported(folder / "wire", format="otlp")
    project = peer.take(folder)

    monkeypatch.setenv("REENACT_HOME", str(tmp_path / "live"))
    assert settled(peer, project, tmp_path / "live", direct.views) == []

    for file in peer.export(project, tmp_path / "files"):
        found = imported(file)
        assert found.report.taken == direct.report.taken, file.name
        assert found.report.rejected == 0, file.name
        got = differences(direct.views, found.views, lost=LOST[peer.name], microseconds=2)
        assert got == [], file.name

    capsys.readouterr()
    again = fetch(peer, project, "--restart", "--json")
    told = json.loads(capsys.readouterr().out)
    assert again == 0
    assert (told["taken"], told["duplicates"]) == (0, direct.report.taken)
