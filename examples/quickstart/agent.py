"""The smallest agent that can be replayed: a function, and a tool with the decorator on it."""

from __future__ import annotations

import reenact

STOCK = {"lantern": 4, "camp stove": 0}


@reenact.tool(effect="read")
def in_stock(item: str) -> dict[str, int]:
    """Return how many of an item there are. In a replay this body does not run."""
    return {"count": STOCK[item]}


def answer(messages: list[dict[str, str]], message: str) -> str:
    """Answer one message; `messages` is what was said before it.

    Your own agent calls a model here. This one looks for a word.
    """
    item = next((name for name in STOCK if name in message.lower()), None)
    if item is None:
        return "Which item do you mean?"
    count = in_stock(item)["count"]
    return f"There are {count} of it." if count else "It is sold out."
