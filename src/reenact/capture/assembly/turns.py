"""Where turns begin: found once, here, from the model calls of all dialects alike.

Every model call repeats the history, so the user's new words are those after the last thing
that the agent or a tool said. A call without new words goes on with the turn. Where a whole
talk is one trace, a call in another turn's span that was told nothing older opens one as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec import structs

from reenact.capture.assembly.trees import Node, Trace, user_words
from reenact.capture.history import key
from reenact.capture.reading import WireMessage

UNKNOWN_WORDS = WireMessage(role="user", text=None)
"""Stands for something the user said that the capture does not hold."""


@dataclass(slots=True, eq=False)
class Draft:
    """A turn in the making."""

    words: tuple[WireMessage, ...] = ()
    """What the user said; empty in turn 0 only."""
    prior: tuple[WireMessage, ...] = ()
    """Messages of this turn that precede its first call: its capture begins in a tool loop."""
    calls: list[Node] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    loose: list[Node] = field(default_factory=list)
    """Tool and retrieval spans of the turn."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """All turns of a conversation, and what its first call's input tells of earlier ones."""

    turns: list[Draft]
    history: tuple[WireMessage, ...]


def draft_turns(traces: Sequence[Trace]) -> Drafts:
    """Cut the model calls of `traces` (in order) into turns and give each turn its tools."""
    maker = _Maker()
    for trace in traces:
        maker.take(trace)
    for trace in traces:
        maker.give_loose(trace)
    return Drafts(maker.turns, maker.history)


class _Maker:
    def __init__(self) -> None:
        self.turns: list[Draft] = []
        self.history: tuple[WireMessage, ...] = ()
        self._of_call: dict[int, Draft] = {}
        self._of_trace: dict[str, Draft] = {}

    def take(self, trace: Trace) -> None:
        """Add the calls of `trace`; without any, its root's words make a turn."""
        if not trace.calls:
            said = trace.first(lambda reading: reading.input_text)
            answered = trace.first(lambda reading: reading.output_text)
            if said or answered:
                words = WireMessage(role="user", text=said)
                self._of_trace[trace.id] = self._open(Draft(words=(words,)), trace)
            return
        for call in trace.calls:
            draft = None if call.in_tool and self.turns else self._opened_by(call, trace)
            if draft is not None:
                self._open(draft, trace)
            current = self.turns[-1]
            current.calls.append(call)
            if trace not in current.traces:
                current.traces.append(trace)
            self._of_call[id(call)] = current

    def give_loose(self, trace: Trace) -> None:
        """Give each tool and retrieval span to the turn of the last call that began before."""
        for node in trace.nodes:
            if node.reading.kind not in ("tool", "retrieval", "handoff"):
                continue
            before = [c for c in trace.calls if c.order[0] <= node.order[0]]
            call = before[-1] if before else next(iter(trace.calls), None)
            draft = self._of_call[id(call)] if call else self._of_trace.get(trace.id)
            draft = draft or self._latest_before(node)
            if draft is None:
                draft = self._open(Draft(), trace)
            draft.loose.append(node)
            if trace not in draft.traces:
                draft.traces.append(trace)

    def _latest_before(self, node: Node) -> Draft | None:
        started = [
            draft
            for draft in self.turns
            if any(call.order[0] <= node.order[0] for call in draft.calls)
        ]
        return started[-1] if started else next(iter(self.turns), None)

    def _open(self, draft: Draft, trace: Trace) -> Draft:
        draft.traces.append(trace)
        self.turns.append(draft)
        return draft

    def _opened_by(self, call: Node, trace: Trace) -> Draft | None:
        """Return the turn that `call` opens, None where it goes on with the current one."""
        current = self.turns[-1] if self.turns else None
        told = call.reading.messages_in
        words = user_words(told)
        new_trace = current is None or trace not in current.traces
        if current is None:
            return self._first(call, trace)
        if not told:
            opens = new_trace or _in_another_turn(call, current)
            return _untold(call, trace) if opens and not _unasked(call) else None
        if not words:
            return _fragment(told) if new_trace and not _goes_on(told, current) else None
        words = _unheard(call, words, current)
        if new_trace:
            return None if trace.bare and _retries(call, current) else Draft(words=words)
        return Draft(words=words) if _extends(call, current) or _is_new(call, current) else None

    def _first(self, call: Node, trace: Trace) -> Draft:
        told = call.reading.messages_in
        words = user_words(told)
        if not told:
            return Draft() if _unasked(call) else _untold(call, trace)
        if words:
            self._keep_earlier(told[: len(told) - len(words)])
            return Draft(words=words)
        draft = _fragment(told)
        if draft is None:
            return Draft(prior=told)
        self.history = told[: len(told) - len(draft.prior) - len(draft.words)]
        return draft

    def _keep_earlier(self, told: tuple[WireMessage, ...]) -> None:
        """Keep what precedes the first words: an earlier talk, or this one's greeting."""
        if told and all(m.role == "assistant" and not m.calls for m in told):
            self.turns.append(Draft(prior=told))
        else:
            self.history = told


def _untold(call: Node, trace: Trace) -> Draft:
    """Return a turn with the user's words as its span, or the root, says them.

    It is for calls without messages.
    """
    if call.turn is not None:
        said = call.turn.reading.input_text
    else:
        said = trace.root.reading.input_text or trace.first(lambda reading: reading.input_text)
    return Draft(words=(structs.replace(UNKNOWN_WORDS, text=said),))


def _unasked(call: Node) -> bool:
    """Tell whether a model was given its instructions alone: the agent speaks by itself."""
    turn, reading = call.turn, call.reading
    return (
        turn is not None
        and turn.reading.input_text is None
        and reading.system_prompt is not None
        and bool(reading.messages_out)
    )


def _in_another_turn(call: Node, current: Draft) -> bool:
    """Tell whether the spans of turns say that a call is not of the current one."""
    return call.turn is not None and call.turn not in [former.turn for former in current.calls]


def _is_new(call: Node, current: Draft) -> bool:
    """Tell whether a call in another turn's span was told words that this turn has not heard.

    Its history may not go on from this turn's: it was cut, summed up, or another agent's.
    """
    heard = {key for former in current.calls for key in former.keys}
    return _in_another_turn(call, current) and call.keys[-1] not in heard


def _fragment(told: tuple[WireMessage, ...]) -> Draft | None:
    """Return a turn that is under way: its user's words, and what came after them."""
    users = [place for place, message in enumerate(told) if message.role == "user"]
    if not users:
        return None
    end = users[-1] + 1
    return Draft(words=user_words(told[:end]), prior=told[end:])


def _goes_on(told: Sequence[WireMessage], current: Draft) -> bool:
    """Tell whether a history without new words is that of the current turn."""
    users = [key(message) for message in told if message.role == "user"]
    return not users or not current.words or users[-1] == key(current.words[-1])


def _unheard(call: Node, words: tuple[WireMessage, ...], current: Draft) -> tuple[WireMessage, ...]:
    """Return `words` without those of the current turn: nobody answered, so they stand first.

    That happens after a failed call. The same words alone are said again, and are new.
    """
    if not current.calls or not current.calls[0].links:
        return words
    known = current.calls[0].links
    goes_on = len(call.links) > len(known) and call.links[len(known) - 1] == known[-1]
    fresh = call.reading.messages_in[len(known) :]
    return fresh if goes_on and len(fresh) < len(words) else words


def _retries(call: Node, current: Draft) -> bool:
    """Tell whether a call asks again what a failed call asked."""
    return any(
        former.reading.error is not None and former.links == call.links for former in current.calls
    )


def _extends(call: Node, current: Draft) -> bool:
    """Tell whether a call of the same trace goes on from an answered one with new words.

    A sub-agent's history has nothing in common with it; a call in a tool loop has no new words.
    """
    told = call.reading.messages_in
    earlier = set(call.keys[: len(told) - len(user_words(told))])
    for former in current.calls:
        answer = former.reading.messages_out
        if any(message.calls for message in answer):
            continue
        if earlier.intersection([*former.keys[-1:], *map(key, answer[-1:])]):
            return True
    return False
