"""One sentence for a turn that is not the same, as a person would say it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reenact.codec import canonical
from reenact.domain.comparison import ArgumentChange, TextOp, ToolDiff, TurnComparison
from reenact.domain.conversation import ToolCall
from reenact.domain.run import UserChoice
from reenact.domain.run_view import CallView

MAX_VALUE = 60
"""Characters of one argument in a sentence."""
MAX_CALL = 200
"""Characters of one call in a sentence."""
MAX_EXCERPTS = 160
"""Characters of both excerpts of a changed text together."""

MAX_SENTENCE = 600
"""Characters of a whole sentence."""

_BEFORE_CHANGE = 20
# Control characters could drive a terminal, lone surrogates cannot be written at all.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def sentence_of(turn: TurnComparison) -> str:
    """Say what became of `turn`, starting with its number ("Turn 4: ...")."""
    return one_line(f"Turn {turn.index}: {_difference(turn)}", MAX_SENTENCE)


def choice_text(choice: UserChoice) -> str:
    """Say what the user's side chose on a turn, who decided, and why."""
    said = {
        "next": f"recorded turn {choice.recorded_turn}, as it was due",
        "other": f"recorded turn {choice.recorded_turn}, out of its order",
        "repeat": f"recorded turn {choice.recorded_turn} once more",
        "improvise": "improvised",
        "failed": "the user's side failed",
    }[choice.kind]
    by = "" if choice.decided_by == "rules" else f" ({choice.decided_by} decided)"
    return f"{said}{by}: {choice.reason}"


def turn_name(turn: TurnComparison) -> str:
    """Return what a turn is called beside others: its number, and the one in the replay."""
    if _only_replayed(turn):
        return f"turn {turn.index} of the replay"
    moved = turn.replayed_turn not in (None, turn.index)
    return f"turn {turn.index}" + (f" (turn {turn.replayed_turn} of the replay)" if moved else "")


def verbatim_text(call: CallView) -> str:
    """Say how much of what the user said was recorded: by turns, and by words if they differ."""
    if call.verbatim_share is None:
        return "verbatim unknown"
    text = f"verbatim {call.verbatim_share:.0%}"
    words = call.verbatim_words
    if words is None or f"{words:.0%}" == f"{call.verbatim_share:.0%}":
        return text
    return f"{text} of turns, {words:.0%} of words"


def _only_replayed(turn: TurnComparison) -> bool:
    return turn.recorded_turn is None and turn.replayed_turn is not None


def one_line(text: str, length: int) -> str:
    """Return `text` on one line, at most `length` characters, fit for a terminal."""
    return _short(_UNFIT.sub(" ", text[: length * 4]).strip(), length)


def call_text(call: ToolCall) -> str:
    """Write a call as `name(key=value, ...)`, long values and long lists shortened."""
    arguments = call.arguments if call.arguments is not None else call.arguments_raw
    if arguments is None:
        return f"{call.name}(…)"
    if not isinstance(arguments, Mapping):
        return f"{call.name}({value_text(arguments)})"
    inner = ", ".join(f"{key}={value_text(value)}" for key, value in arguments.items())
    return f"{call.name}({_short(inner, MAX_CALL)})"


def value_text(value: Any) -> str:
    """Write a value the way Python does, its end cut off where it is long."""
    if isinstance(value, str):
        return repr(_short(value, MAX_VALUE))
    return _short(repr(value), MAX_VALUE)


def _difference(turn: TurnComparison) -> str:
    if turn.status in ("error", "missing", "extra"):
        return turn.note or turn.status
    if turn.status == "tools_changed":
        return _tools_changed(turn.tool_diff)
    if turn.status == "arguments_changed":
        return _arguments_changed(turn.tool_diff)
    if turn.status == "text_changed":
        return _text_changed(turn.text_diff)
    return "same"


def _tools_changed(diff: Sequence[ToolDiff]) -> str:
    moved = _moved(diff)
    changed = [entry for entry in diff if entry.op in ("replaced", "removed", "added")]
    first = next((entry for entry in changed if _key(entry) not in moved), changed[0])
    if _key(first) in moved:
        return f"{_text(first.baseline or first.replay)} came in another order"
    if first.baseline is None:
        return f"{_text(first.replay)} was added"
    if first.replay is None:
        return f"{_text(first.baseline)} was not called"
    return f"{_text(first.baseline)} became {_text(first.replay)}"


def _moved(diff: Sequence[ToolDiff]) -> set[str | None]:
    """Return the calls that were removed in one place and added in another."""
    removed = {_key(entry) for entry in diff if entry.op == "removed"}
    return removed & {_key(entry) for entry in diff if entry.op == "added"}


def _key(entry: ToolDiff) -> str | None:
    call = entry.baseline or entry.replay
    if call is None or entry.op == "replaced":
        return None
    return canonical([call.name, call.arguments, call.arguments_raw])


def _text(call: ToolCall | None) -> str:
    return "nothing" if call is None else call_text(call)


def _arguments_changed(diff: Sequence[ToolDiff]) -> str:
    changed = next(entry for entry in diff if entry.op == "arguments")
    name = changed.baseline.name if changed.baseline else ""
    first, *others = changed.changes
    also = f" (and {len(others)} more)" if others else ""
    return f"{_argument_changed(name, first)}{also}"


def _argument_changed(name: str, change: ArgumentChange) -> str:
    if change.op == "added":
        return f"{name}: {change.path}={value_text(change.replay)} was added"
    if change.op == "removed":
        return f"{name}: {change.path}={value_text(change.baseline)} was left out"
    where = f"{name}({change.path})" if change.path else name
    return f"{where}: {value_text(change.baseline)} became {value_text(change.replay)}"


def _text_changed(diff: Sequence[TextOp]) -> str:
    before = "".join(step.baseline for step in diff)
    after = "".join(step.replay for step in diff)
    if not before.strip():
        return f"no answer became {_quoted(after, 0, MAX_EXCERPTS)}"
    if not after.strip():
        return f"{_quoted(before, 0, MAX_EXCERPTS)} became no answer"
    if before.split() == after.split():
        return "only white space changed"
    common = len(diff[0].baseline) if diff and diff[0].op == "equal" else 0
    half = MAX_EXCERPTS // 2
    return f"{_quoted(before, common, half)} became {_quoted(after, common, half)}"


def _quoted(text: str, change_at: int, length: int) -> str:
    """Quote about `length` characters of `text` around the place where it changed."""
    start = change_at - _BEFORE_CHANGE if change_at + _BEFORE_CHANGE > length else 0
    start = max(0, min(start, len(text) - length))
    # Only this window is looked at: the text may be a megabyte.
    words = " ".join(text[start : start + length * 2].split())
    return f'"{"…" if start else ""}{_short(words, length - bool(start))}"'


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
