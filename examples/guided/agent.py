"""The changed agent: it looks before it pays, and asks one question more."""

from __future__ import annotations

import re

import reenact


@reenact.tool(effect="read")
def check_status(order_id: str) -> dict[str, str]:
    raise RuntimeError("no replay reaches the shop")


@reenact.tool(effect="write")
def issue_refund(order_id: str, amount: float) -> dict[str, bool]:
    raise RuntimeError("no replay reaches the shop")


def answer(messages: list[dict[str, str]], message: str) -> str:
    """Answer one message of a customer."""
    order = re.search(r"A-\d+", message)
    asked = any("which order number" in m["content"].lower() for m in messages)
    if order and "where" in message and not asked:
        return "Of course. Which order number should I look up?"
    if order:
        return f"{order.group()} is {check_status(order.group())['status']}."
    return "You are welcome. Is there anything else I can help you with?"
