"""Fidelity: what a capture holds of the original, axis by axis, and what its gaps limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reenact.domain.conversation import Conversation, ToolCall
from reenact.domain.fidelity import Axis, AxisName, Fidelity
from reenact.domain.turn import Turn, turns_of


def judge(conversation: Conversation) -> Fidelity:
    """Return the axes of `conversation` and their mean over those that apply."""
    turns = [turn for turn in turns_of(conversation) if turn.index > 0]
    calls = [call for call in conversation.tool_calls if call.requestor == "agent"]
    judged = (
        _user_turns(turns),
        _assistant_text(turns),
        _tool_calls(conversation, calls),
        _tool_results(calls),
        _tool_effects(calls),
        _system_prompt(conversation),
        _model(conversation),
        _usage(conversation),
        _timing(conversation, turns),
        _session(conversation),
        _prior_memory(conversation),
        _audio(conversation),
    )
    axes = tuple(_explained(axis, conversation) for axis in judged)
    scores = [axis.score for axis in axes if axis.score is not None]
    return Fidelity(score=round(sum(scores) / len(scores)) if scores else None, axes=axes)


def _explained(axis: Axis, conversation: Conversation) -> Axis:
    """Return `axis` with the source's own reason for what it lacks, where it has one."""
    reason = conversation.gaps.get(axis.name)
    if reason is None or axis.status == "present":
        return axis
    counted, colon, _ = axis.detail.partition(": ")
    return replace(
        axis, detail=f"{counted}: {reason}" if colon and axis.score is not None else reason
    )


def _user_turns(turns: Sequence[Turn]) -> Axis:
    found = sum(turn.user is not None for turn in turns)
    return _share(
        "user_turns",
        found,
        len(turns),
        missing="turns without the user's words cannot be replayed: let the instrumentation "
        "capture message content",
        none="nobody spoke for the user: there is nothing to replay",
    )


def _assistant_text(turns: Sequence[Turn]) -> Axis:
    expected = [turn for turn in turns if turn.assistant is not None or turn.error is None]
    found = sum(turn.assistant is not None for turn in expected)
    return _share(
        "assistant_text",
        found,
        len(expected),
        missing="answers that are not there cannot be compared with a replay's",
        none="no turn was answered",
    )


def _tool_calls(conversation: Conversation, calls: Sequence[ToolCall]) -> Axis:
    found = sum(call.arguments is not None for call in calls)
    if not calls and conversation.tools:
        detail = f"none made; {len(conversation.tools)} tools were offered"
        return Axis(name="tool_calls", status="not_applicable", score=None, detail=detail)
    return _share(
        "tool_calls",
        found,
        len(calls),
        missing="calls without their arguments cannot be matched with a replay's",
        none="no tool was called",
    )


def _tool_results(calls: Sequence[ToolCall]) -> Axis:
    run = [call for call in calls if call.answered]
    whole = [call for call in run if call.error is not None or not call.truncated]
    cut = [c for c in run if c.error is None and c.truncated and c.result is not None]
    lost = len(run) - len(whole) - len(cut)
    notes = []
    if cut:
        longest = max(len(c.result) if isinstance(c.result, str) else 0 for c in cut)
        at = f" at {longest:,} characters" if longest else ""
        notes.append(
            f"{len(cut)} of {len(run)} tool results truncated{at}: raise the attribute "
            "length limit of the exporter (OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT)"
        )
    if lost:
        notes.append(f"{lost} of {len(run)} results are not in the telemetry")
    return _share(
        "tool_results",
        len(whole),
        len(run),
        missing="; ".join([*notes, "calls that need them will miss"]),
        none="no tool was run",
    )


def _tool_effects(calls: Sequence[ToolCall]) -> Axis:
    known = sum(call.effect != "unknown" for call in calls)
    names = sorted({call.name for call in calls if call.effect == "unknown"})
    shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return _share(
        "tool_effects",
        known,
        len(calls),
        missing=f"whether {shown} read or write is not known: what the recording does not "
        "answer is refused; declare it with @reenact.tool(effect=...)",
        none="no tool was called",
    )


def _system_prompt(conversation: Conversation) -> Axis:
    calls = conversation.model_calls
    found = sum(call.system_prompt is not None for call in calls)
    return _share(
        "system_prompt",
        found,
        len(calls),
        missing="a changed prompt cannot be told from the recorded one",
        none="no model call was captured",
    )


def _model(conversation: Conversation) -> Axis:
    calls = conversation.model_calls
    return _share(
        "model",
        sum(call.model is not None for call in calls),
        len(calls),
        missing="a changed model cannot be told from the recorded one",
        none="no model call was captured",
    )


def _usage(conversation: Conversation) -> Axis:
    calls = [call for call in conversation.model_calls if call.error is None]
    found = sum(
        call.usage.input_tokens is not None and call.usage.output_tokens is not None
        for call in calls
    )
    return _share(
        "usage",
        found,
        len(calls),
        missing="tokens and cost of these turns have no baseline; streamed calls need "
        "stream_options include_usage",
        none="no model call was captured",
    )


def _timing(conversation: Conversation, turns: Sequence[Turn]) -> Axis:
    if conversation.time_synthetic:
        return Axis(
            name="timing",
            status="missing",
            score=0,
            detail="the source has no clock; latency has no baseline",
        )
    found = sum(turn.latency_ms is not None for turn in turns)
    if conversation.spoken and turns and found == len(turns):
        detail = f"{found} of {found}; these are times of speech, no baseline for those of text"
        return Axis(name="timing", status="present", score=100, detail=detail)
    return _share(
        "timing",
        found,
        len(turns),
        missing="latency of these turns has no baseline",
        none="there are no turns",
    )


def _session(conversation: Conversation) -> Axis:
    if conversation.session_id is not None:
        return Axis(name="session", status="present", score=100, detail="the capture names it")
    if len(conversation.trace_ids) > 1:
        return Axis(
            name="session",
            status="partial",
            score=50,
            detail=f"no session id; {len(conversation.trace_ids)} traces joined by their "
            "histories: set session.id on the spans",
        )
    return Axis(
        name="session",
        status="missing",
        score=0,
        detail="no session id: earlier turns may exist that are not in this conversation; set "
        "session.id on the spans",
    )


def _prior_memory(conversation: Conversation) -> Axis:
    if not conversation.history:
        return Axis(
            name="prior_memory",
            status="not_applicable",
            score=None,
            detail="nothing was said before the first turn",
        )
    return Axis(
        name="prior_memory",
        status="present",
        score=100,
        detail=f"{len(conversation.history)} earlier messages and calls, sent as history",
    )


def _audio(conversation: Conversation) -> Axis:
    if conversation.spoken:
        return Axis(name="audio", status="missing", score=0, detail="a spoken talk, taken as text")
    return Axis(name="audio", status="not_applicable", score=None, detail="a talk in text")


def _share(name: AxisName, found: int, of: int, *, missing: str, none: str) -> Axis:
    """Return an axis by the share that was found; `missing` says what a gap limits."""
    if of == 0:
        return Axis(name=name, status="not_applicable", score=None, detail=none)
    if found == of:
        return Axis(name=name, status="present", score=100, detail=f"{found} of {of}")
    score = int(100 * found / of)
    status = "partial" if found else "missing"
    return Axis(name=name, status=status, score=score, detail=f"{found} of {of}: {missing}")  # type: ignore[arg-type]
