"""Turns side by side: the user's words once, then the original and the replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reenact.compare.html_parts.element import MAX_TEXT, Html, badge, clipped, element, group
from reenact.compare.html_parts.status_names import STATUS_NAMES
from reenact.compare.html_parts.tools import tool_card, tool_pairs, unpaired
from reenact.compare.sentences import choice_text, turn_name
from reenact.domain.comparison import TextOp, TurnComparison
from reenact.domain.view import ToolCallView, TurnView

_Pair = tuple[Html | None, Html | None]


def turn_section(
    compared: TurnComparison,
    *,
    baseline: TurnView | None,
    replay: TurnView | None,
    anchor: str,
    first: bool,
) -> Html:
    """Return one turn; `first` marks the first divergence. Equal turns are folded away."""
    body = group(
        _notes(compared, replay),
        _user(baseline, replay),
        _sides(compared, baseline, replay),
    )
    head = group(
        element("span", turn_name(compared).capitalize(), class_="number"),
        badge(STATUS_NAMES[compared.status], f"status {compared.status}"),
        badge("first divergence", "first") if first else None,
        badge("after divergence", "after") if compared.after_divergence else None,
    )
    if compared.status == "same":
        peek = element("span", clipped((baseline and baseline.user) or "", 90), class_="peek")
        summary = element("summary", head, peek)
        return element("details", summary, body, class_="turn same", id=anchor)
    heading = element("h4", head)
    return element("section", heading, body, class_=f"turn {'first' if first else ''}", id=anchor)


def _notes(compared: TurnComparison, replay: TurnView | None) -> Html | None:
    misfit = replay.misfit if replay else None
    notes = [note for note in (compared.note, misfit and f"parted here: {misfit}") if note]
    if not notes:
        return None
    return element("p", clipped("; ".join(notes), 1500), class_="note")


def _user(baseline: TurnView | None, replay: TurnView | None) -> Html | None:
    shown = replay or baseline
    if shown is None or shown.user is None:
        return None
    spoken = replay.provenance if replay else None
    theirs = [c for c in shown.tool_calls if c.requestor == "user"]
    chosen = replay.choice if replay else None
    return element(
        "div",
        element("div", "User", badge(spoken, spoken) if spoken else None, class_="who"),
        element("div", clipped(shown.user), class_="words"),
        element("p", clipped(choice_text(chosen), 600), class_="quiet") if chosen else None,
        (tool_card(call) for call in theirs),
        class_="user",
    )


def _sides(compared: TurnComparison, baseline: TurnView | None, replay: TurnView | None) -> Html:
    calls = _calls(compared, baseline, replay)
    if compared.status == "same":
        # What both did is shown once; the replay's cards say where each answer came from.
        cards = [after or before for before, after in calls]
        return element("div", cards, _words(baseline, None), class_="both")
    before, after = _texts(compared, baseline, replay)
    rows: Iterable[_Pair] = [*calls, (before, after)]
    return element(
        "div",
        element("div", "Original", class_="side head"),
        element("div", "Replay", class_="side head"),
        (_row(*pair) for pair in rows),
        class_="sides",
    )


def _row(before: Html | None, after: Html | None) -> Html:
    return group(_cell(before, "Original"), _cell(after, "Replay"))


def _cell(content: Html | None, side: str) -> Html:
    kind = "side" if content else "side none"
    return element("div", content or "no call", class_=kind, data_side=side)


def _calls(
    compared: TurnComparison, baseline: TurnView | None, replay: TurnView | None
) -> Sequence[_Pair]:
    if baseline is not None and replay is not None:
        return list(tool_pairs(compared.tool_diff))
    return list(unpaired(_asked(baseline), _asked(replay)))


def _asked(turn: TurnView | None) -> list[ToolCallView]:
    return [c for c in turn.tool_calls if c.requestor == "agent"] if turn else []


def _texts(compared: TurnComparison, baseline: TurnView | None, replay: TurnView | None) -> _Pair:
    steps = compared.text_diff
    one = _words(baseline, _marked(steps, "baseline"))
    other = _words(replay, _marked(steps, "replay"))
    return one, other


def _words(turn: TurnView | None, marked: Iterable[Html | str] | None) -> Html | None:
    if turn is None:
        return element("p", "no such turn on this side", class_="quiet")
    if turn.assistant is None:
        reason = f"no answer: {clipped(turn.error, 600)}" if turn.error else "no answer"
        return element("p", reason, class_="failed")
    content = list(marked or ()) or [clipped(turn.assistant)]
    failed = element("p", clipped(turn.error, 600), class_="failed") if turn.error else None
    return group(element("div", content, class_="words"), failed)


def _marked(steps: Sequence[TextOp], side: str) -> Iterator[Html | str]:
    """Yield the words of one side, those that the other lacks marked."""
    left = MAX_TEXT
    for step in steps:
        text: str = getattr(step, side)
        if not text:
            continue
        shown = clipped(text, left) if left > 0 else ""
        if step.op == "equal":
            yield shown
        else:
            yield from _changed("del" if side == "baseline" else "ins", shown)
        left -= len(text)
        if left <= 0:
            return


def _changed(tag: str, text: str) -> Iterator[Html | str]:
    """Mark changed words; white space before them is only marked where it is all that changed."""
    words = text.lstrip()
    if words:
        yield text[: len(text) - len(words)]
    yield element(tag, words or text)
