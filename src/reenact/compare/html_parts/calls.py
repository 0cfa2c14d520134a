"""One call execution: its first divergence, verdict, numbers, turns and what was left unused."""

from __future__ import annotations

from collections.abc import Iterable

from reenact.compare.html_parts.element import Html, badge, clipped, element, group, json_text
from reenact.compare.html_parts.metrics import metrics_table
from reenact.compare.html_parts.tools import tool_card
from reenact.compare.html_parts.turns import turn_section
from reenact.compare.sentences import verbatim_text
from reenact.domain.comparison import Divergence
from reenact.domain.expectation import Expectation, Judgement
from reenact.domain.fidelity import Axis, Fidelity
from reenact.domain.run_view import CallView
from reenact.domain.view import TurnView

_MAX_UNUSED = 50


def call_section(call: CallView, *, number: int) -> Html:
    """Return everything that the run knows of one call execution."""
    repeat = f" · repeat {call.repeat + 1}" if call.repeat else ""
    quiet = element("span", mode_text(call) + repeat, class_="quiet")
    return element(
        "section",
        element("h2", call.row, quiet, verdict_badge(call)),
        element("p", clipped(call.verdict_reason, 600), class_="quiet")
        if call.verdict_reason
        else None,
        element("p", f"The user's words: {verbatim_text(call)}", class_="quiet"),
        _divergence(call, number),
        _ended(call),
        _judgements(call.judgements),
        metrics_table(call.comparison.metrics),
        _fidelity(call.fidelity),
        element("h3", "Turns"),
        _turns(call, number),
        _unused(call),
        class_="call",
        id=f"call-{number}",
    )


def mode_text(call: CallView) -> str:
    """Return how the call was run, where it was not end to end."""
    if call.mode == "fork":
        return f" · a fork, live from turn {call.first_turn}"
    return " · turn by turn" if call.mode == "turn" else ""


def verdict_badge(call: CallView) -> Html:
    """Return the call's verdict as a label."""
    return badge(call.verdict.replace("_", " "), f"verdict {call.verdict}")


def divergence_text(call: CallView) -> str:
    """Return the first divergence in one sentence, or that there is none."""
    first = call.comparison.first_divergence
    if first is not None:
        return first.sentence
    return "Every turn is the same." if call.comparison.turns else "No turn was compared."


def _divergence(call: CallView, number: int) -> Html:
    first = call.comparison.first_divergence
    if first is None:
        return element("p", divergence_text(call), class_="divergence none")
    acted = call.comparison.first_other_act
    return element(
        "div",
        element("p", _jump(first.sentence, number, first.turn)),
        _later(acted, number) if acted and acted.turn != first.turn else None,
        class_="divergence",
    )


def _later(acted: Divergence, number: int) -> Html:
    """Name the first turn in which the agent did, not only said, something else."""
    return element(
        "p", "First other act: ", _jump(acted.sentence, number, acted.turn), class_="later"
    )


def _jump(sentence: str, number: int, turn: int) -> Html:
    return element("a", clipped(sentence, 700), href=f"#call-{number}-turn-{turn}")


def _ended(call: CallView) -> Html | None:
    reason = call.agent_error or call.error
    if call.ended_reason in (None, "finished") and reason is None:
        return None
    ended = (call.ended_reason or call.status).replace("_", " ")
    detail = f": {clipped(reason, 600)}" if reason else ""
    return element("p", f"Ended: {ended}{detail}", class_="note")


def _judgements(judgements: Iterable[Judgement]) -> Html | None:
    lines = [
        element(
            "li",
            badge(judged.outcome.replace("_", " "), f"outcome {judged.outcome}"),
            f"{_expected(judged.expectation)}: {clipped(judged.reason, 400)}",
        )
        for judged in judgements
    ]
    return (
        group(element("h3", "Expectations"), element("ul", lines, class_="plain"))
        if lines
        else None
    )


def _expected(expectation: Expectation) -> str:
    where = f"turn {expectation.turn}: " if expectation.turn is not None else ""
    what = expectation.kind.replace("_", " ")
    tool = expectation.tool or ""
    narrowed = json_text(expectation.arguments, 300) if expectation.arguments else ""
    text = f"“{clipped(expectation.text, 200)}”" if expectation.text else ""
    return f"{where}{' '.join(part for part in (what, tool, narrowed, text) if part)}"


def _fidelity(fidelity: Fidelity) -> Html:
    score = "not known" if fidelity.score is None else f"{fidelity.score} of 100"
    rows = (_axis(axis) for axis in fidelity.axes if axis.status != "not_applicable")
    return element(
        "details",
        element("summary", f"Fidelity of the capture: {score}"),
        element("table", element("tbody", rows), class_="axes"),
        class_="fidelity",
    )


def _axis(axis: Axis) -> Html:
    return element(
        "tr",
        element("th", axis.name.replace("_", " "), scope="row"),
        element("td", badge(axis.status, f"axis {axis.status}")),
        element("td", "" if axis.score is None else str(axis.score)),
        element("td", clipped(axis.detail, 600)),
    )


def _turns(call: CallView, number: int) -> Iterable[Html]:
    recorded: dict[int | None, TurnView] = {turn.index: turn for turn in call.baseline.turns}
    replayed: dict[int | None, TurnView] = {turn.index: turn for turn in call.turns}
    first = next((turn for turn in call.comparison.turns if turn.status != "same"), None)
    for compared in call.comparison.turns:
        # A turn that only the replay has may have the number of a recorded one.
        only = compared.recorded_turn is None and compared.index in recorded
        yield turn_section(
            compared,
            baseline=recorded.get(compared.recorded_turn),
            replay=replayed.get(compared.replayed_turn),
            anchor=f"call-{number}-{'replayed' if only else 'turn'}-{compared.index}",
            first=compared is first,
        )


def _unused(call: CallView) -> Html | None:
    if not call.unused_calls:
        return None
    shown = call.unused_calls[:_MAX_UNUSED]
    more = len(call.unused_calls) - len(shown)
    return group(
        element("h3", "Recorded calls that the replay never asked for"),
        element("div", (tool_card(c) for c in shown), class_="unused"),
        element("p", f"and {more} more", class_="quiet") if more else None,
    )
