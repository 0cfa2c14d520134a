"""What exports of other tools have in common: times as text, JSON in text, JSON lines.

Shapes are those of Langfuse 3 and 4 (public API, blob storage), LangSmith (`/api/v1/runs/query`
and `/api/v2/runs/query`), Phoenix 20 and MLflow 3; those of Phoenix and MLflow are held against
the real servers in `tests/peers`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Rows = list[Row]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(ns: int, *, digits: int = 6) -> str:
    at = _EPOCH + timedelta(microseconds=ns // 1000)
    return at.isoformat(timespec="microseconds" if digits == 6 else "milliseconds")


def parsed(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)
