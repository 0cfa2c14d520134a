"""Northlight Bikes, the shop of the demo: its orders, and the ledger of what was done for real.

The ledger is how the demo proves that a replay touches nothing: it must stay empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order and where it is."""

    item: str
    price: float
    ordered: str
    status: str
    last_seen: str
    expected: str


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "NB-5507": Order(
            item="handlebar bag",
            price=38.5,
            ordered="5 November",
            status="delivered",
            last_seen="the front door",
            expected="12 November",
        ),
        "NB-5519": Order(
            item="floor pump",
            price=45.0,
            ordered="11 November",
            status="out for delivery",
            last_seen="the local depot",
            expected="17 November",
        ),
        "NB-5528": Order(
            item="pannier bag",
            price=64.0,
            ordered="9 November",
            status="in transit",
            last_seen="the northern sorting centre",
            expected="19 November",
        ),
    }
)

LEDGER: list[str] = []
"""Every refund that was really paid in this process. A replay must never add a line."""


def find_order(order_id: str) -> dict[str, Any]:
    """Return what was ordered; raises KeyError for an order that the shop does not have."""
    order = ORDERS[order_id]
    return {
        "order_id": order_id,
        "item": order.item,
        "price": order.price,
        "ordered": order.ordered,
    }


def check_status(order_id: str) -> dict[str, Any]:
    """Return where an order is; raises KeyError for an order that the shop does not have."""
    order = ORDERS[order_id]
    return {"status": order.status, "last_seen": order.last_seen, "expected": order.expected}


def issue_refund(order_id: str, amount: float) -> dict[str, Any]:
    """Pay `amount` back to the customer, for real: this cannot be undone."""
    LEDGER.append(f"{amount:.2f} EUR paid back for {order_id}")
    return {"refund_id": f"R-{order_id.removeprefix('NB-')}", "amount": amount, "state": "paid"}
