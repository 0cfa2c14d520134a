"""Runs to show: a view of a few call executions, made of talks and their replays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from reenact.compare.compare import compare
from reenact.compare.summary import metric_means, turn_status_counts
from reenact.domain.conversation import Conversation, Served, ToolCall
from reenact.domain.expectation import Expectation, Judgement, RowVerdict, Verdict
from reenact.domain.fidelity import Axis, Fidelity
from reenact.domain.run import EndReason, TurnRecord
from reenact.domain.run_view import CallView, RunSummary, RunView
from reenact.domain.turn import Turn, turns_of
from reenact.domain.view import TurnView, tool_call_view, turn_view, view_of
from support.replays import record, replay_of
from support.talks import START, agent, call, model, talk, user

FIDELITY = Fidelity(
    score=92,
    axes=(
        Axis(name="user_turns", status="present", score=100, detail="4 of 4"),
        Axis(name="tool_results", status="partial", score=66, detail="2 of 3: 1 was cut short"),
        Axis(name="model", status="missing", score=0, detail="no model name is in the capture"),
        Axis(name="audio", status="not_applicable", score=None, detail="no voice"),
    ),
)


def call_view(
    conversation: Conversation,
    turns: Sequence[TurnRecord],
    *,
    row: str = "refund-tuesday",
    ended: EndReason = "finished",
    error: str | None = None,
    verdict: Verdict = "no_evidence",
    judgements: tuple[Judgement, ...] = (),
    unused: tuple[ToolCall, ...] = (),
    fidelity: Fidelity = FIDELITY,
) -> CallView:
    """Return the view of one call execution, compared as a run compares it."""
    return CallView(
        id=f"call-{row}",
        row=row,
        lane="candidate",
        mode="conversation",
        repeat=0,
        status="completed" if ended in ("finished", "diverged") else "failed",
        ended_reason=ended,
        error=error,
        agent_error=None,
        session_id="replay-1",
        baseline=view_of(conversation, fidelity),
        turns=tuple(_shown(turn) for turn in turns),
        comparison=compare(conversation, turns, ended=ended, error=error),
        judgements=judgements,
        scores=(),
        verdict=verdict,
        verdict_reason=f"{row}: judged over 1 repeat",
        verbatim_share=1.0,
        verbatim_words=1.0,
        fidelity=fidelity,
        unused_calls=tuple(map(tool_call_view, unused)),
    )


def _shown(turn: TurnRecord) -> TurnView:
    shown = turn_view(Turn(index=turn.index, items=turn.items))
    return replace(shown, misfit=turn.misfit, after_divergence=turn.after_divergence)


def run_view(*calls: CallView, **fields: str) -> RunView:
    """Return the view of a run of `calls`."""
    comparisons = [c.comparison for c in calls]
    summary = RunSummary(
        total=len(calls),
        completed=sum(c.status == "completed" for c in calls),
        failed=sum(c.status == "failed" for c in calls),
        cancelled=0,
        completion_percent=100.0,
        turn_status=turn_status_counts(comparisons),
        verdicts=dict(Counter(c.verdict for c in calls)),
        metrics=metric_means(comparisons),
        scores={},
    )
    given = {
        "project": "shop",
        "scenario": "The refund nobody asked for",
        "agent": "shop-support",
        "target": "shop.agents:fixed",
        "reason": None,
        **fields,
    }
    rows = tuple(
        RowVerdict(
            row_id=c.row,
            verdict=c.verdict,
            baseline_passed=None,
            passed=0,
            failed=0,
            no_evidence=1,
            interval=None,
            sentence=c.verdict_reason,
        )
        for c in calls
    )
    return RunView(
        id="run-1",
        run_test_id="test-1",
        replay_session_id="rs-1",
        agent_version=2,
        user_policy="verbatim",
        mode="conversation",
        repeats=1,
        status="completed",
        created_at=START,
        started_at=START,
        ended_at=START,
        summary=summary,
        rows=rows,
        calls=calls,
        **given,
    )


STORY = talk(
    user("Hi! I would like to know where my order A-1001 is."),
    model(417, 37),
    call("check_status", {"order_id": "A-1001"}, {"status": "shipped", "eta": "Friday"}),
    agent("Your order A-1001 has shipped and will arrive on Friday."),
    user("Great. And can you send me the invoice for it?"),
    model(520, 41),
    call(
        "send_invoice",
        {"order": {"id": "A-1001", "items": [{"sku": "S-1", "count": 1}]}, "to": "ana@example.com"},
        {"sent": True},
    ),
    agent("I have sent the invoice to ana@example.com."),
    user("Thank you."),
    model(560, 12),
    agent("You are welcome! Is there anything else I can do for you?"),
    user("Yes: what is happening with A-1003? I only want to know where it is."),
    model(640, 55),
    call("issue_refund", {"order_id": "A-1003", "amount": 49.9}, {"refund_id": "R-77"}),
    agent("I have issued a refund of $49.90 for your order A-1003. Anything else?"),
    user("What?! I did not ask for a refund."),
    model(700, 40),
    agent("I am sorry about that. A person will call you back."),
)
"""The refund story in five turns: turn 4 refunds an order that was only asked about."""


def story_call() -> CallView:
    """Return a replay of the story in which the agent does better, with every kind of mark."""
    same = replay_of(STORY)
    invoice = call(
        "send_invoice",
        {"order": {"id": "A-1001", "items": [{"sku": "S-1", "count": 2}]}, "to": "ana@example.com"},
        {"sent": True},
    )
    miss = (
        "the nearest recorded call is check_status(order_id='A-1001') on turn 1 (served already); "
        "what differs: order_id: recorded 'A-1001', asked 'A-1003'"
    )
    looked_up = ToolCall(
        name="check_status",
        arguments={"order_id": "A-1003"},
        error="refused: check_status has no recorded result",
        answered=False,
        provenance="refused",
        served=Served(
            miss=miss,
            declare='- tool: check_status\n  arguments: {"order_id": "A-1003"}\n'
            "  result: {}  # what the tool would have answered",
        ),
    )
    turns = [
        same[0],
        record(
            2,
            replace(user("Great. And can you send me the invoice for it?"), provenance="recorded"),
            model(520, 44),
            replace(invoice, provenance="declared", served=Served(rung=1)),
            agent("I have sent the invoice to ana@example.com."),
        ),
        record(3, user("Thank you."), model(560, 9), agent("You are welcome! Anything else?")),
        replace(
            record(
                4,
                user("Yes: what is happening with A-1003? I only want to know where it is."),
                model(650, 38),
                looked_up,
                replace(call("audit_log", {"event": "status"}), provenance="live", result="ok"),
                agent("Your order A-1003 is on its way. No refund was made. Anything else?"),
            ),
            misfit="called check_status, audit_log where the recording called issue_refund",
        ),
        replace(same[4], after_divergence=True),
    ]
    refund = Expectation(kind="must_not_call", turn=4, tool="issue_refund")
    look = Expectation(
        kind="must_call", turn=4, tool="check_status", arguments={"order_id": "A-1003"}
    )
    return call_view(
        STORY,
        turns,
        verdict="fixed",
        judgements=(
            Judgement(expectation=refund, outcome="pass", reason="issue_refund was not called"),
            Judgement(expectation=look, outcome="pass", reason="check_status was called", turn=4),
        ),
        unused=tuple(c for t in turns_of(STORY) for c in t.tool_calls if c.name == "issue_refund"),
    )


def stopped_call() -> CallView:
    """Return a replay that strict stopped after its first turn."""
    other = record(
        1,
        user("Hi! I would like to know where my order A-1001 is."),
        agent("Which order is it?"),
    )
    return call_view(
        STORY,
        [replace(other, misfit="called no tool where the recording called check_status")],
        row="refund-stopped",
        ended="diverged",
        error="called no tool where the recording called check_status",
        verdict="regressed",
    )
