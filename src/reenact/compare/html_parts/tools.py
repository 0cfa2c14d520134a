"""Tool calls in two columns: what the recording did, what the replay did, what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from reenact.compare.html_parts.element import Html, badge, clipped, element, group, json_text
from reenact.domain.comparison import ArgumentChange, ToolDiff
from reenact.domain.conversation import ToolCall
from reenact.domain.view import ToolCallView

_MAX_ARGUMENTS = 40
_SAID = {
    "arguments": ("other arguments", "changed"),
    "replaced": ("other tool", "changed"),
    "removed": ("not called", "removed"),
    "added": ("new call", "added"),
}

AnyCall = ToolCall | ToolCallView


def tool_pairs(diff: Iterable[ToolDiff]) -> Iterator[tuple[Html | None, Html | None]]:
    """Yield each aligned pair of calls as the two cells of a row."""
    for entry in diff:
        label, kind = _SAID.get(entry.op, ("", ""))
        mark = badge(label, kind) if label else None
        ours = entry.op == "removed"
        paths = tuple(change.path for change in entry.changes)
        yield (
            tool_card(entry.baseline, paths=paths, mark=mark if ours else None)
            if entry.baseline
            else None,
            tool_card(
                entry.replay,
                paths=paths,
                mark=None if ours else mark,
                inside=_inner_changes(entry.changes),
            )
            if entry.replay
            else None,
        )


def unpaired(
    baseline: Sequence[AnyCall], replay: Sequence[AnyCall]
) -> Iterator[tuple[Html | None, Html | None]]:
    """Yield calls of a turn that only one side has, in the column of that side."""
    for before, after in zip_longest(baseline, replay):
        yield (
            tool_card(before) if before is not None else None,
            tool_card(after) if after is not None else None,
        )


def tool_card(
    call: AnyCall,
    *,
    paths: Sequence[str] = (),
    mark: Html | None = None,
    inside: Html | None = None,
) -> Html:
    """Return one call: name, arguments with the changed ones marked, answer, provenance."""
    return element(
        "div",
        element("div", element("code", call.name, class_="name"), mark, _provenance(call)),
        _arguments(call, paths),
        inside,
        _answer(call),
        _miss(call),
        class_="tool",
    )


_RUNGS = {
    1: "same arguments",
    2: "same after normalising",
    3: "same key fields",
    4: "clearly nearest call",
    5: "the same thing seen in another result",
}


def _provenance(call: AnyCall) -> Html | None:
    if call.provenance is None:
        return None
    rung = call.served.rung if call.served else None
    title = _RUNGS.get(rung or 0)
    if call.served and call.served.score is not None:
        title = f"{title}, {call.served.score:.0%} alike"
    if call.served and call.served.model is not None:
        title = f"made up by {call.served.model}"
    return badge(call.provenance, call.provenance, title=title)


def _arguments(call: AnyCall, paths: Sequence[str]) -> Html | None:
    if isinstance(call.arguments, Mapping):
        if not call.arguments:
            return None
        shown = list(call.arguments.items())[:_MAX_ARGUMENTS]
        more = len(call.arguments) - len(shown)
        lines = [_argument(str(key), json_text(value), paths) for key, value in shown]
        rest = element("li", f"and {more} more", class_="quiet") if more else None
        return element("ul", lines, rest, class_="arguments")
    known = call.arguments is not None
    text = json_text(call.arguments) if known else clipped(call.arguments_raw or "", 2000)
    if not text:
        return element("p", "arguments are not in the capture", class_="quiet")
    return element("ul", element("li", element("code", text), class_="changed" if paths else None))


def _argument(key: str, value: str, paths: Sequence[str]) -> Html:
    changed = any(path == key or path.startswith(f"{key}.") for path in paths)
    return element(
        "li",
        element("span", key, class_="key"),
        element("mark" if changed else "code", value),
    )


def _inner_changes(changes: Sequence[ArgumentChange]) -> Html | None:
    """Spell out changes inside a nested argument, where the eye would have to search."""
    inner = [change for change in changes if "." in change.path][:10]
    if not inner:
        return None
    return element("ul", (element("li", _inner_change(c)) for c in inner), class_="inside")


def _inner_change(change: ArgumentChange) -> Html:
    before = None if change.op == "added" else element("del", json_text(change.baseline, 200))
    after = None if change.op == "removed" else element("ins", json_text(change.replay, 200))
    return group(element("span", change.path, class_="key"), before, " ", after)


def _answer(call: AnyCall) -> Html | None:
    if call.provenance == "refused":
        return None
    if call.error is not None:
        return element("p", "failed: ", clipped(call.error, 600), class_="failed")
    text = json_text(call.result) if not isinstance(call.result, str) else call.result
    summary = element("summary", "result ", element("span", clipped(text, 80), class_="peek"))
    return element("details", summary, element("pre", clipped(text, 2000)), class_="result")


def _miss(call: AnyCall) -> Html | None:
    served = call.served
    if served is None or served.miss is None:
        return None
    declare = served.declare and group(
        element("p", "To give it an answer, paste this under ", element("code", "declared:")),
        element("pre", clipped(served.declare, 4000), class_="paste"),
    )
    return element("div", element("p", clipped(served.miss, 1200)), declare or None, class_="miss")
