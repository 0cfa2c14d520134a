"""Who calls a tool: which replayed turn an incoming request says that it belongs to.

Said by the headers that the agent forwards (`traceparent`, `baggage`), by the same words in
`_meta` of an MCP message, or by the address, which names the conversation. All of it is only
looked up among the turns that are open; nothing here is dialled or trusted further.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_PLACE = re.compile(r"(?P<session>[A-Za-z0-9_-]{1,80})(?:\.(?P<turn>\d{1,6}))?")
_TURN = re.compile(r"\d{1,6}")
_LONGEST = 8192
"""Characters of baggage that are read; W3C asks for no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a call says about where it comes from; None where it does not say."""

    trace_id: str | None = None
    session_id: str | None = None
    turn: int | None = None
    """The turn that the call itself names: if it is over, the call came too late."""
    turn_of_address: int | None = None
    """The turn that the address was given for. A client may keep it for the turns after."""
    mcp_session: str | None = None
    """The MCP session of the call, where the transport has such."""


def caller_of(
    headers: Mapping[str, str],
    *,
    place: str | None = None,
    meta: Mapping[str, object] | None = None,
) -> Caller:
    """Read `headers`, the address's `place` (`SESSION.TURN`) and an MCP message's `meta`.

    Headers come before the address: a client that was given its address on turn 1 still says
    with each call which turn that one belongs to.
    """
    said = {name: text for name, text in (meta or {}).items() if isinstance(text, str)}
    parent = _PARENT.fullmatch(headers.get("traceparent") or said.get("traceparent") or "")
    baggage = _baggage(headers.get("baggage") or said.get("baggage") or "")
    named = _PLACE.fullmatch(place) if place else None
    turn = _TURN.fullmatch(baggage.get("reenact.turn", ""))
    return Caller(
        trace_id=parent[1] if parent else None,
        session_id=baggage.get("session.id") or (named["session"] if named else None),
        turn=int(turn[0]) if turn else None,
        turn_of_address=int(named["turn"]) if named and named["turn"] else None,
        mcp_session=headers.get("mcp-session-id"),
    )


def is_place(text: str) -> bool:
    """Tell whether `text` can stand in an address as the name of a conversation."""
    return _PLACE.fullmatch(text) is not None


def _baggage(header: str) -> dict[str, str]:
    found = {}
    for member in header[:_LONGEST].split(","):
        key, separator, value = member.partition(";")[0].partition("=")
        if separator:
            found[key.strip()] = unquote(value.strip())
    return found
