"""One turn written out: words, model calls, tools, the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from reenact.capture.assembly.items import (
    failure_item,
    loose_item,
    message_item,
    model_call_item,
    moment,
    said_items,
    tool_call_item,
)
from reenact.capture.assembly.tools import Asked
from reenact.capture.assembly.trees import Node
from reenact.capture.assembly.turns import Draft
from reenact.capture.reading import WireMessage
from reenact.domain.conversation import Item, Message, words


class WrittenTurn:
    """Writes out one turn."""

    def __init__(
        self,
        draft: Draft,
        asked: Sequence[Asked],
        owners: Mapping[int, set[int]],
        later: Draft | None,
    ):
        self.draft = draft
        self.asked = asked
        self.later = later
        self.cover = self._cover(owners)

    def items(self) -> Iterator[Item]:
        """Yield the user's words, then calls and tools as they came, then the answer."""
        draft = self.draft
        yield from self._words()
        yield from said_items(draft.prior)
        final = self._answering()
        loose = sorted(draft.loose, key=lambda node: node.order)
        former: Node | None = None
        for call in draft.calls:
            while loose and loose[0].order < call.order:
                yield loose_item(loose.pop(0), former)
            former = call
            yield from (tool_call_item(a) for a in self.asked if a.by is None and a.before is call)
            yield model_call_item(call)
            requested = [asked for asked in self.asked if asked.by is call]
            said = _text(call.reading.messages_out)
            if said and requested and not call.in_tool and call is not final:
                yield message_item("assistant", said, call, author=call.reading.agent_name)
            yield from map(tool_call_item, requested)
        yield from (loose_item(node, former) for node in loose)
        yield from self._answer(final)

    def _cover(self, owners: Mapping[int, set[int]]) -> Node | None:
        """Return the topmost span around this turn's calls and no other turn's.

        A span that waits for the user begins too early to stand for a turn.
        """
        draft = self.draft
        if not draft.calls:
            return draft.traces[0].root if draft.traces and draft.words else None
        for call in reversed(draft.calls):
            alone = self._alone(call, owners)
            spoke = [n for n in alone if n.reading.output_text and not _under_tool(n)]
            if spoke:
                return spoke[-1]
        alone = self._alone(draft.calls[-1], owners)
        return alone[-1] if alone else None

    @staticmethod
    def _alone(call: Node, owners: Mapping[int, set[int]]) -> list[Node]:
        return [n for n in call.above if len(owners[id(n)]) == 1 and not n.reading.waits]

    def _words(self) -> Iterator[Item]:
        draft = self.draft
        opener = draft.calls[0] if draft.calls else None
        at = self.cover if self.cover and (not opener or self._opens(opener)) else opener
        author = _user(draft, opener)
        own = self._own_words()
        for place, message in enumerate(draft.words):
            said = own if own and place == len(draft.words) - 1 else message.text
            began = moment(at.span.start_ns) if at else None
            yield Message(
                role="user",
                parts=words(said) if said else (),
                author=author,
                started_at=began,
                ended_at=began,
                trace_id=at.span.trace_id if at else None,
                span_id=at.span.span_id if at else None,
            )

    def _opens(self, opener: Node) -> bool:
        return self.cover is not None and self.cover in opener.above

    def _own_words(self) -> str | None:
        """Return the user's own words where the model was given them inside of a longer text."""
        said = self.cover.reading.input_text if self.cover else None
        wire = self.draft.words[-1].text if self.draft.words else None
        if said and wire and said != wire and _holds(wire, said.strip()):
            return said
        return None

    def _answering(self) -> Node | None:
        """Return the call whose text is the answer: the one that the next turn's history holds.

        Without such proof it is the last one; after it an agent may only have used more tools.
        """
        outer = [call for call in self.draft.calls if not call.in_tool]
        spoke = [call for call in outer if _text(call.reading.messages_out)]
        if not spoke:
            return outer[-1] if outer else None
        kept = self._kept_texts()
        proven = [
            call for call in spoke if (_text(call.reading.messages_out) or "").strip() in kept
        ]
        if proven:
            return proven[-1]
        asks = any(message.calls for message in spoke[-1].reading.messages_out)
        return outer[-1] if asks else spoke[-1]

    def _kept_texts(self) -> set[str]:
        """Return what the agent has said by the next turn's history."""
        if self.later is None or not self.later.calls:
            return set()
        told = self.later.calls[0].reading.messages_in
        return {m.text.strip() for m in told if m.role == "assistant" and m.text and not m.calls}

    def _answer(self, final: Node | None) -> Iterator[Item]:
        """Yield what the user got: the root's text, else the last call's; else the failure."""
        cover = self.cover
        rooted = cover.reading.output_text if cover else None
        own = _text(final.reading.messages_out) if final else None
        said = rooted or own or (self._told_later(final) if final else None)
        at = cover if rooted else final
        if said and at is not None:
            author = at.reading.agent_name or (final.reading.agent_name if final else None)
            yield message_item("assistant", said, at, author=author, began=final)
            return
        if any(call.reading.error for call in self.draft.calls):
            return
        failed = [
            node
            for trace in self.draft.traces
            for node in (*trace.nodes, trace.root)
            if node.reading.error and (node is trace.root or node.reading.kind == "agent")
        ]
        if failed:
            yield failure_item(failed[-1])

    def _told_later(self, final: Node) -> str | None:
        """Return the answer out of the next turn's history, for a call without output."""
        if final.reading.messages_out or final.reading.error or not self.later:
            return None
        if not self.later.calls or not final.links:
            return None
        next_call = self.later.calls[0]
        place = len(final.links)
        told = next_call.reading.messages_in
        if len(told) <= place or next_call.links[place - 1] != final.links[-1]:
            return None
        return told[place].text if told[place].role == "assistant" else None


def _holds(text: str, words: str) -> bool:
    """Tell whether `text` holds `words`, and not just as letters inside of other words."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def _under_tool(node: Node) -> bool:
    return node.in_tool or node.reading.kind == "tool"


def _user(draft: Draft, opener: Node | None) -> str | None:
    if opener is not None:
        for node in (opener, *opener.above):
            if node.reading.user_id:
                return node.reading.user_id
    found = (trace.first(lambda reading: reading.user_id) for trace in draft.traces)
    return next((user for user in found if user), None)


def _text(messages: Sequence[WireMessage]) -> str | None:
    """Return the words of an output; white space alone is none."""
    texts = [m.text for m in messages if m.role == "assistant" and m.text and m.text.strip()]
    return "\n".join(texts) or None
