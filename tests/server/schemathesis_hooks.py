"""What schemathesis does before each request. It loads this file by itself."""

from __future__ import annotations

import re
import uuid
from typing import Any

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Give each request a key of its own: the same one twice is another law, tested elsewhere."""
    sent = (case.headers or {}).get(KEY)
    if isinstance(sent, str) and re.fullmatch("[!-~]{1,200}", sent):
        case.headers[KEY] = str(uuid.uuid4())
