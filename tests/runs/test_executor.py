from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from reenact import codec
from reenact.domain.agent import AgentTarget, CallableTarget, HttpTarget
from reenact.domain.budget import Budget
from reenact.domain.progress import Event
from reenact.domain.run import CallExecution, Run, RunTest
from reenact.errors import UsageError
from reenact.runs.executor import Executor, LocalExecutor
from reenact.runs.workspace import Workspace
from reenact.settings import Settings
from support.runs import made, reached
from support.story import old, put, refund


def local(workspace: Workspace, function: Any = old, **given: Any) -> Executor:
    return LocalExecutor(workspace, reach=lambda target, options: reached(function), **given)


@pytest.fixture(autouse=True)
def story(workspace: Workspace) -> None:
    put(workspace, *(refund(f"s{number}") for number in range(3)))


def test_a_run_is_submitted_by_its_id(workspace: Workspace) -> None:
    run = made(workspace)
    executor = local(workspace)
    before = executor.progress(run.id)
    assert (before.status, before.calls, before.turns) == ("pending", 3, 0)
    assert executor.submit(run.id).status == "completed"
    after = executor.progress(run.id)
    assert (after.completed, after.failed, after.turns) == (3, 0, 9)


def test_a_run_is_cancelled_from_another_process_and_goes_on(
    workspace: Workspace, settings: Settings
) -> None:
    """Two workspaces over one store are two processes as far as the store can tell."""
    run = made(workspace, concurrency=1)
    asked: list[str] = []
    began = threading.Event()

    async def slow(messages: list[dict[str, Any]], message: str) -> str:
        asked.append(message)
        began.set()
        if len(asked) == 1:
            await asyncio.to_thread(other.join)
            await asyncio.sleep(3)  # the run looks for requests twice a second
        return old(messages, message)

    def cancel() -> None:
        assert began.wait(timeout=30)
        local(elsewhere).cancel(run.id)

    with Workspace(settings) as elsewhere:
        other = threading.Thread(target=cancel)
        other.start()
        stopped = local(workspace, slow).submit(run.id)
        other.join()
        assert (stopped.status, stopped.stopped_by) == ("cancelled", "user")
        assert "cancelled by request; go on: reenact runs resume" in (stopped.reason or "")
        # The turn that was under way was finished and kept.
        assert local(elsewhere).progress(run.id).turns == len(asked)
        assert len(asked) < 9
        whole = local(elsewhere, slow).resume(run.id)
        assert whole.status == "completed"
        assert len(asked) == 9
        assert not elsewhere.control.is_asked_to_stop(run.id)


def test_a_run_that_nobody_has_begun_is_cancelled_at_once(workspace: Workspace) -> None:
    run = made(workspace)
    assert local(workspace).cancel(run.id).status == "cancelled"
    assert local(workspace).resume(run.id).status == "completed"


def test_a_run_that_has_ended_is_neither_cancelled_nor_resumed(workspace: Workspace) -> None:
    run = local(workspace).submit(made(workspace).id)
    for act in (local(workspace).cancel, local(workspace).resume):
        with pytest.raises(UsageError, match="nothing is left to run"):
            act(run.id)


def test_a_run_that_spent_its_budget_goes_on_with_a_higher_one(workspace: Workspace) -> None:
    run = made(workspace, budget=Budget(max_turns=4))
    assert local(workspace).submit(run.id).stopped_by == "budget"
    with pytest.raises(UsageError, match="has spent its budget"):
        local(workspace).resume(run.id)
    assert local(workspace).resume(run.id, budget=Budget(max_turns=9)).status == "completed"


def test_a_listener_hears_every_turn_and_no_word_of_it(workspace: Workspace) -> None:
    heard: list[Event] = []
    run = made(workspace, mode="both", concurrency=2)
    local(workspace, listener=heard.append).submit(run.id)
    kinds = [event.kind for event in heard]
    assert (kinds[0], kinds[-1]) == ("run_began", "run_ended")
    assert kinds.count("turn_kept") == 18
    assert kinds.count("call_ended") == 3 + 9
    written = "\n".join(codec.to_json(event).decode() for event in heard)
    for secret in ("A-1001", "shipped", "refund", "sorry"):
        assert secret not in written


def test_what_a_run_is_made_of_can_be_sent_to_another_machine(workspace: Workspace) -> None:
    run = made(workspace, mode="both", budget=Budget(max_turns=4))
    test = workspace.records.run_test(run.run_test_id)
    for kind, value in ((Run, run), (RunTest, test)):
        assert codec.from_json(kind, codec.to_json(value), where="sent") == value
    for call in workspace.records.calls(run.id):
        assert codec.from_json(CallExecution, codec.to_json(call), where="sent") == call
    targets = [
        CallableTarget(path="shop.agents:answer", tools="returned", stateless=False),
        HttpTarget(url="http://h/v1", headers={"authorization": "${KEY}"}, template="openai"),
    ]
    for target in targets:
        sent = codec.to_json(target, kind=AgentTarget)
        assert codec.from_json(AgentTarget, sent, where="sent") == target  # type: ignore[arg-type]
