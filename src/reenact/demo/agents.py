"""The support agent of the demo, as it was (`old`) and as it is (`fixed`).

Both are `agent(messages, message)`, as any agent that Reenact replays. Their model is a
scripted stand-in (`rules`); their tools are real functions with the decorator on them, so that
a replay answers them from the recording. The two agents differ in the order of two rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import reenact
from reenact.demo import shop
from reenact.demo.rules import CAREFUL, HASTY, Call, Rule, decide

PROMPT = (
    "You are the support agent of Northlight Bikes. Say where an order is and answer questions "
    "about the shop. Pay money back only when a customer clearly asks for it."
)
MOST_TOOL_CALLS = 5


@reenact.tool(effect="read")
def find_order(order_id: str) -> dict[str, Any]:
    """Look up what was ordered and for how much."""
    return shop.find_order(order_id)


@reenact.tool(effect="read")
def check_status(order_id: str) -> dict[str, Any]:
    """Look up where an order is."""
    return shop.check_status(order_id)


@reenact.tool(effect="write")
def issue_refund(order_id: str, amount: float) -> dict[str, Any]:
    """Pay money back to the customer."""
    return shop.issue_refund(order_id, amount)


TOOLS: Mapping[str, Callable[..., dict[str, Any]]] = MappingProxyType(
    {"find_order": find_order, "check_status": check_status, "issue_refund": issue_refund}
)


def old(messages: list[dict[str, Any]], message: str) -> str:
    """Answer as the agent did on Tuesday: it hears "money back" and pays."""
    return _answer(messages, message, HASTY)


def fixed(messages: list[dict[str, Any]], message: str) -> str:
    """Answer as the repaired agent does: it looks where the parcel is first."""
    return _answer(messages, message, CAREFUL)


def _answer(messages: list[dict[str, Any]], message: str, rules: Sequence[Rule]) -> str:
    talk = [*messages, {"role": "user", "content": message}]
    for place in range(MOST_TOOL_CALLS):
        step = decide(talk, rules)
        if not isinstance(step, Call):
            return step.text
        talk.append(asked(step, id=f"call_{place}"))
        result = TOOLS[step.tool](**step.arguments)
        talk.append({"role": "tool", "tool_call_id": f"call_{place}", "content": as_text(result)})
    raise RuntimeError(f"more than {MOST_TOOL_CALLS} tool calls in one turn")


def asked(step: Call, *, id: str) -> dict[str, Any]:
    """Return the assistant message that asks for a tool."""
    function = {"name": step.tool, "arguments": as_text(step.arguments)}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": id, "type": "function", "function": function}],
    }


def as_text(value: Any) -> str:
    """Return `value` as the JSON text that a model reads and writes."""
    return json.dumps(value, ensure_ascii=False)
