from __future__ import annotations

from dataclasses import replace

from opentelemetry import baggage, trace

from reenact.domain.run import CallExecution
from reenact.replay.tracing import AttemptTraces, in_trace, new_trace_key

CALL = CallExecution(
    id="r/row/0",
    run_id="run-1",
    scenario_id="s",
    row_id="row",
    session_id="replay-1",
    trace_key=new_trace_key(),
)


def test_a_turns_trace_starts_with_the_key_of_its_attempt() -> None:
    trace_ids = {AttemptTraces(CALL).turn(turn).trace_id for turn in range(100)}
    assert len(trace_ids) == 100
    assert {trace_id[:16] for trace_id in trace_ids} == {CALL.trace_key}
    assert all(len(trace_id) == 32 for trace_id in trace_ids)


def test_the_headers_are_those_of_w3c() -> None:
    found = AttemptTraces(replace(CALL, row_id="tue 4,711")).turn(4)
    assert found.headers["traceparent"] == f"00-{found.trace_id}-{found.span_id}-01"
    assert "reenact.row=tue%204%2C711" in found.headers["baggage"]
    assert "reenact.turn=4" in found.headers["baggage"]


def test_instrumentation_in_this_process_sees_the_turn_as_its_parent() -> None:
    found = AttemptTraces(CALL).turn(1)
    with in_trace(found):
        context = trace.get_current_span().get_span_context()
        assert f"{context.trace_id:032x}" == found.trace_id
        assert context.trace_flags.sampled
        assert baggage.get_baggage("reenact.run") == "run-1"
    assert not trace.get_current_span().get_span_context().is_valid
