"""What holds for the tools of every framework, in every way to run its agents."""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from reenact.domain.conversation import Conversation
from reenact.domain.run_view import RunView
from support.chat_server import ChatServer
from support.frameworks import asked, replayed, told
from support.shop_tools import RAN, Answer
from support.talks import agent, call, talk, user

WAYS = {
    ("langchain", "invoke"): "langchain",
    ("langchain", "ainvoke"): "langchain",
    ("openai_agents", "run"): "agents.tool",
    ("openai_agents", "run_sync"): "agents.tool",
    ("pydantic_ai", "run"): "pydantic_ai",
    ("pydantic_ai", "run_sync"): "pydantic_ai",
    ("smolagents", "calls"): "smolagents",
    ("smolagents", "code"): "smolagents",
    ("google_adk", "run_async"): "google.adk",
}


@dataclass
class Way:
    """A way to run the agent of a framework."""

    answer: Answer

    @functools.cached_property
    def run(self) -> RunView:
        """The parcels, replayed once for all tests that look at it."""
        RAN.clear()
        with tempfile.TemporaryDirectory() as folder:
            return replayed(self.answer, Path(folder))


@pytest.fixture(params=list(WAYS), ids=" ".join, scope="module")
def way(request: pytest.FixtureRequest, model: ChatServer) -> Way:
    framework, name = request.param
    pytest.importorskip(
        WAYS[request.param], reason=f"{framework} is not installed here: make test-frameworks"
    )
    return Way(importlib.import_module(f"support.shop_{framework}").ways(model)[name])


def test_a_replay_answers_every_tool_from_the_recording(way: Way) -> None:
    assert asked(way.run) == [
        (1, "check_status", {"order_id": "A-1001"}, "recorded"),
        (2, "check_status", {"order_id": "A-1001"}, "recorded"),
        (2, "check_status", {"order_id": "A-1003"}, "recorded"),
        (3, "issue_refund", {"order_id": "A-1003", "amount": 49.9}, "recorded"),
        (4, "check_status", {"order_id": "A-9999"}, "refused"),
    ]
    assert RAN == []


def test_the_model_hears_results_failures_and_refusals(way: Way) -> None:
    first, both, failed, refused = told(way.run)

    assert "shipped" in first
    assert both.index("delivered") < both.index("in transit")
    assert "the ledger is closed" in failed
    assert "nothing recorded answers this call of check_status" in refused


def test_outside_a_replay_the_tools_run_as_ever(way: Way) -> None:
    RAN.clear()
    said = way.answer([], "Where is A-1001?")
    text = asyncio.run(said) if inspect.iscoroutine(said) else said

    assert "real" in text
    assert RAN == [("check_status", {"order_id": "A-1001"})]


def test_talks_at_once_keep_their_own_recordings(way: Way, tmp_path: Path) -> None:
    RAN.clear()
    talks = [_status_of(f"place {number}", id=f"sess:s{number}") for number in range(6)]

    run = replayed(way.answer, tmp_path, *talks, concurrency=6)

    for number, one in enumerate(sorted(run.calls, key=lambda call: call.row)):
        assert (one.turns[0].assistant or "").count(f"place {number}") == 2
    assert len(run.calls) == 6
    assert RAN == []


def test_a_tool_that_was_allowed_runs_once_and_its_result_is_noted(
    way: Way, tmp_path: Path
) -> None:
    RAN.clear()
    lost = talk(user("And A-9999?"), agent("I do not know it."))

    run = replayed(way.answer, tmp_path, lost, live_tools=["check_status"])

    (live,) = run.calls[0].turns[0].tool_calls
    assert RAN == [("check_status", {"order_id": "A-9999"})]
    assert (live.provenance, live.error) == ("live", None)
    assert "real" in str(live.result)


def _status_of(place: str, *, id: str) -> Conversation:
    return talk(
        user("Where are both?"),
        call("check_status", {"order_id": "A-1001"}, {"status": place}),
        call("check_status", {"order_id": "A-1003"}, {"status": place}),
        agent("There."),
        id=id,
    )
