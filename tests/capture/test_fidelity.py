"""Fidelity by axis: what is there, what is not, and what that limits."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from reenact.capture.assembly import assemble
from reenact.capture.dialects import read
from reenact.capture.fidelity import judge
from reenact.domain.fidelity import Fidelity
from reenact.domain.span import Span
from support.conformance import DUE, STREAMED_WITHOUT_TOKENS, captured
from support.telling import agent, answered, asks, model, root, span, tool, user

ASKED = agent(None, asks("check", "c1", order="A-1"))
LOOKED = [user("Where?"), ASKED, answered(("c1", "sent"))]


def judged(*spans: Span, session: str | None = "s1") -> Fidelity:
    kind = "session" if session else "trace"
    return judge(assemble(spans, project="p", kind=kind, session_id=session))


WITHOUT_CONTENT = ("google_adk", "openai_agents_native")
"""Captures that hold no words: nobody asked their libraries to send any."""


def axis(fidelity: Fidelity, name: str) -> tuple[str, int | None]:
    found = fidelity.axis(name)
    return found.status, found.score


def test_a_whole_capture_lacks_only_what_telemetry_never_says(shared: Path):
    for name in DUE:
        if name in WITHOUT_CONTENT:
            continue
        known = {"tool_effects", "session"}
        known |= {"usage"} if name in STREAMED_WITHOUT_TOKENS else set()
        for conversation in captured(shared / "data" / "otlp" / name, "shop"):
            fidelity = judge(conversation)
            lacking = {a.name for a in fidelity.axes if a.status in ("partial", "missing")}
            assert lacking <= known, (name, fidelity)
            assert fidelity.score >= 75, (name, conversation.id)


def test_every_axis_is_judged_and_the_score_is_the_mean_of_those_that_apply():
    fidelity = judged(model(1, [user("Hi")], agent("Yo")))

    assert len({a.name for a in fidelity.axes}) == 12
    scores = [a.score for a in fidelity.axes if a.score is not None]
    assert fidelity.score == round(sum(scores) / len(scores))
    assert axis(fidelity, "system_prompt") == ("missing", 0)
    assert axis(fidelity, "tool_calls") == ("not_applicable", None)


def test_cut_and_lost_results_are_told_apart():
    fidelity = judged(
        model(1, [user("Where?")], agent(None, asks("a", "c1"), asks("b", "c2"), asks("c", "c3"))),
        tool(2, "a", call_id="c1", gen_ai__tool__call__result='{"rows": [1, 2'),
        tool(3, "b", call_id="c2"),
        tool(4, "c", call_id="c3", result="whole"),
    )

    results = fidelity.axis("tool_results")
    assert (results.status, results.score) == ("partial", 33)
    assert "1 of 3 tool results truncated at 14 characters" in results.detail
    assert "1 of 3 results are not in the telemetry" in results.detail
    assert "will miss" in results.detail


def test_unknown_effects_name_their_tools_and_the_remedy():
    effects = judged(model(1, [user("Where?")], ASKED)).axis("tool_effects")

    assert effects.status == "missing"
    assert "check" in effects.detail
    assert "declare" in effects.detail


def test_words_that_are_not_there_are_missing():
    fidelity = judged(root(1), span(2, gen_ai__operation__name="chat", parent=1))

    assert axis(fidelity, "user_turns") == ("missing", 0)
    assert axis(fidelity, "assistant_text") == ("missing", 0)
    assert axis(fidelity, "usage") == ("missing", 0)


def test_a_failed_turn_has_no_answer_to_miss():
    fidelity = judged(model(1, [user("Hi")], error="HTTP 400"))

    assert axis(fidelity, "assistant_text") == ("not_applicable", None)


def test_without_a_session_id_the_session_is_missing_or_guessed_from_histories():
    first = model(1, [user("Hi")], agent("Yo"), session=None, trace="a")
    more = model(5, [user("Hi"), agent("Yo"), user("Bye")], session=None, trace="b")

    assert axis(judged(first, session=None), "session") == ("missing", 0)
    assert axis(judged(first, more, session=None), "session") == ("partial", 50)
    assert axis(judged(first), "session") == ("present", 100)


def test_earlier_messages_are_prior_memory():
    later = model(1, [user("Hi"), agent("Yo"), user("Bye")], agent("Bye."))

    assert axis(judged(later), "prior_memory") == ("present", 100)


def test_an_empty_conversation_has_no_user_to_replay():
    assert judged().axis("user_turns").detail.startswith("nobody spoke")


@pytest.mark.parametrize(
    ("capture", "remedy"),
    [
        ("google_adk", "OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental"),
        ("openai_agents_native", "OpenTelemetry"),
    ],
)
def test_a_capture_without_content_says_what_to_set(shared: Path, capture: str, remedy: str):
    [first, *_] = captured(shared / "data" / "otlp" / capture, "shop")
    fidelity = judge(first)

    for name in ("user_turns", "assistant_text"):
        assert axis(fidelity, name) == ("missing", 0)
        assert remedy in fidelity.axis(name).detail


def test_each_library_is_told_its_own_way():
    silent = {
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 3,
    }  # fmt: skip
    for own, remedy in (
        ({}, "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY"),
        ({"traceloop.workflow.name": "w"}, "TRACELOOP_TRACE_CONTENT=true"),
        ({"ai.operationId": "ai.generateText.doGenerate"}, "recordInputs"),
    ):
        alone = replace(span(1), attributes={**silent, **own})
        assert remedy in judged(alone).axis("user_turns").detail


def test_a_failed_call_without_words_is_no_gap():
    failed = replace(span(1, gen_ai__operation__name="chat"), status="error")

    assert read(failed).gaps == {}
