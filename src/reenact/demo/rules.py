"""A scripted stand-in for a language model: keyword rules, so that the demo needs no model.

A rule reads the talk and either says something or asks for a tool. The first rule that has an
opinion wins. The bug of the demo is the order of two rules: `HASTY` looks for a wish for money
before it looks for the question where the parcel is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_ORDER = re.compile(r"\bNB-\d{4}\b")
_PRICE = re.compile(r"(\d+\.\d\d) EUR")
NOT_UNDERSTOOD = "I am sorry, I did not understand that. What can I do for you?"


@dataclass(frozen=True, slots=True)
class Say:
    """Answer the customer."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Ask for a tool."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a rule may look at."""

    words: str
    """What the customer just said, in lower case."""
    order_id: str | None
    """The last order number that the customer named."""
    price: float | None
    """The last price that the agent named."""
    names_order: bool
    """True where the customer named an order just now."""
    results: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=())
    """The tools that answered since the customer spoke, and what they answered."""


Rule = Callable[[Seen], Say | Call | None]


def decide(messages: Sequence[Mapping[str, Any]], rules: Sequence[Rule]) -> Say | Call:
    """Return what the stand-in does next, given OpenAI-style messages."""
    seen = _seen(messages)
    answers = (rule(seen) for rule in rules)
    return next((answer for answer in answers if answer is not None), Say(NOT_UNDERSTOOD))


def report(seen: Seen) -> Say | None:
    """Put the answer of a tool into words."""
    if not seen.results:
        return None
    tool, result = seen.results[-1]
    return Say(_REPORTS[tool].format_map(result) if tool in _REPORTS else json.dumps(result))


def money(seen: Seen) -> Call | None:
    """Pay back where the customer speaks of money."""
    if seen.order_id is None or seen.price is None:
        return None
    if "money back" not in seen.words and "refund" not in seen.words:
        return None
    return Call("issue_refund", {"order_id": seen.order_id, "amount": seen.price})


def status(seen: Seen) -> Call | None:
    """Look where the parcel is."""
    if seen.order_id is None or "where" not in seen.words:
        return None
    return Call("check_status", {"order_id": seen.order_id})


def order(seen: Seen) -> Call | None:
    """Look up an order that the customer has just named."""
    if seen.order_id is None or not seen.names_order:
        return None
    return Call("find_order", {"order_id": seen.order_id})


def small_talk(seen: Seen) -> Say | None:
    """Answer what needs no tool."""
    return next((Say(text) for word, text in _SMALL_TALK if word in seen.words), None)


HASTY: tuple[Rule, ...] = (report, money, status, order, small_talk)
"""The old agent: money first."""
CAREFUL: tuple[Rule, ...] = (report, status, money, order, small_talk)
"""The fixed agent: look first."""

_REPORTS = {
    "find_order": "I have it here: one {item} for {price:.2f} EUR, ordered on {ordered}. "
    "What can I do for you?",
    "check_status": "Your order is {status}, last seen at {last_seen}. "
    "It is expected on {expected}.",
    "issue_refund": "I have paid {amount:.2f} EUR back to you. The reference is {refund_id}.",
}
_SMALL_TALK = (
    ("stop", "I am very sorry. The payment is already on its way, a colleague will write to you."),
    ("tyres", "Yes, we have tubeless tyres in 650B and 700C."),
    ("open", "We are open from nine to six, Monday to Saturday."),
    ("not arrived", "I am sorry to hear that. What is your order number?"),
    ("thank", "You are welcome. Ride safely!"),
)


def _seen(messages: Sequence[Mapping[str, Any]]) -> Seen:
    asked = max(place for place, message in enumerate(messages) if message["role"] == "user")
    words = _content(messages[asked])
    customer = " ".join(_content(m) for m in messages if m["role"] == "user")
    agent = " ".join(_content(m) for m in messages if m["role"] == "assistant")
    orders, prices = _ORDER.findall(customer), _PRICE.findall(agent)
    return Seen(
        words=words.lower(),
        order_id=orders[-1] if orders else None,
        price=float(prices[-1]) if prices else None,
        names_order=bool(_ORDER.search(words)),
        results=tuple(_results(messages[asked + 1 :])),
    )


def _results(messages: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    names = {
        call["id"]: call["function"]["name"]
        for message in messages
        for call in message.get("tool_calls") or ()
    }
    return [
        (names[message["tool_call_id"]], json.loads(_content(message)))
        for message in messages
        if message["role"] == "tool"
    ]


def _content(message: Mapping[str, Any]) -> str:
    return str(message.get("content") or "")
