"""Records for tests of the store: a run with call executions, and turns to journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from reenact.domain.agent import AgentDefinition, AgentSnapshot, AgentVersion, CallableTarget
from reenact.domain.conversation import Message, Served, ToolCall, words
from reenact.domain.run import CallExecution, Run, RunTest, TurnRecord
from reenact.store.records import Records

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


def an_agent(*prompts: str, id: str = "agent-1", name: str = "support") -> AgentDefinition:
    """Return an agent with one version per prompt."""
    versions = tuple(
        AgentVersion(number=n, snapshot=AgentSnapshot(system_prompt=prompt), created_at=NOON)
        for n, prompt in enumerate(prompts, start=1)
    )
    return AgentDefinition(id=id, project_id="shop", name=name, versions=versions)


def a_run_test(id: str = "test-1") -> RunTest:
    """Return a run test of no scenario."""
    return RunTest(
        id=id,
        project_id="shop",
        name="refunds",
        agent_id="agent-1",
        agent_version=1,
        target=CallableTarget(path="shop:agent"),
        scenario_ids=(),
        created_at=NOON,
    )


def a_run(id: str = "run-1", *, test: str = "test-1") -> Run:
    """Return a pending run."""
    return Run(id=id, run_test_id=test, project_id="shop", created_at=NOON)


def a_call(number: int, *, run: str = "run-1", attempt: int = 0) -> CallExecution:
    """Return a call execution, pending or (with an attempt) running."""
    call = CallExecution(
        id=f"{run}/row-{number}/0", run_id=run, scenario_id="scenario-1", row_id=f"row-{number}"
    )
    if not attempt:
        return call
    return replace(
        call,
        attempt=attempt,
        status="running",
        session_id=f"replay-{number}-{attempt}",
        trace_key=f"{number:08x}{attempt:08x}",
    )


def with_calls(records: Records, count: int) -> tuple[CallExecution, ...]:
    """Keep a run with `count` calls; return them as their first attempt."""
    records.save_run_test(a_run_test())
    records.save_run(a_run())
    records.add_calls(a_call(n) for n in range(count))
    return tuple(a_call(n, attempt=1) for n in range(count))


def a_turn(call: CallExecution, index: int, *, answer: str = "It is on its way.") -> TurnRecord:
    """Return a finished turn with a tool call."""
    return TurnRecord(
        call_id=call.id,
        attempt=call.attempt,
        index=index,
        items=(
            Message(role="user", parts=words("Where is it?"), provenance="recorded"),
            ToolCall(
                name="find",
                arguments={"id": index},
                result={"state": ["sent", None, 1.5]},
                provenance="recorded",
                served=Served(rung=1, recorded_call=0),
                started_at=NOON,
            ),
            Message(role="assistant", parts=words(answer), ended_at=NOON),
        ),
        trace_id=f"{call.trace_key}{index:016x}",
    )
