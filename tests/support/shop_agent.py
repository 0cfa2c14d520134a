"""The source of two agents for the shop's refund story, as a user's own file would hold it."""

SOURCE = """
import reenact


@reenact.tool(effect="read")
def check_status(order_id):
    raise AssertionError("a tool ran for real")


@reenact.tool(effect="write")
def issue_refund(order_id, amount):
    raise AssertionError("a tool ran for real")


def old(messages, message):
    if "A-1001" in message:
        return "Your " + check_status("A-1001")["item"] + " has shipped."
    if "A-1002" in message:
        return "It is " + check_status("A-1002")["status"] + "."
    if "A-1003" in message:
        issue_refund("A-1003", 49.9)
        return "I have refunded $49.90 for order A-1003."
    return "I cannot change that."


def fixed(messages, message):
    if "A-1003" in message:
        return "A-1003 is " + check_status("A-1003")["status"] + "."
    return old(messages, message)


flips = []


def flaky(messages, message):
    flips.append("A-1003" in message)
    return (fixed if sum(flips) % 2 else old)(messages, message)


def broken(messages, message):
    if "A-1003" in message:
        raise RuntimeError("no such model")
    return old(messages, message)


def helpless(messages, message):
    if "A-1003" in message:
        try:
            check_status("A-9999")
        except reenact.ToolRefused:
            return "I cannot say."
    return old(messages, message)
"""
