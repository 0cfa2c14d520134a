"""The port to whoever runs models: one exchange, as it is; and how one may fail.

Trying again, shapes and repairs are the same for all of them: see `asking`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from reenact.llm.port import Completion, Prompt

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses that may be gone a moment later. 529 is how Anthropic says it is overloaded."""
_EXCERPT = 300
_NEVER_PASSING = ("insufficient_quota", "billing_hard_limit")


class Passing(Exception):
    """Raised by a provider for what may be gone a moment later; `after_s` where it said when."""

    def __init__(self, what: str, *, after_s: float | None = None):
        self.after_s = after_s
        super().__init__(what)


class Unfit(Exception):
    """Raised by a provider that refuses the request as such: it will refuse it again."""


class Provider(Protocol):
    """One model, asked once: nothing is tried again, nothing is checked."""

    @property
    def name(self) -> str:
        """Its name, without a secret."""

    @property
    def secrets(self) -> Sequence[str]:
        """What must not show in a message."""

    async def once(self, prompt: Prompt) -> Completion:
        """Return the answer; a shape is asked for by the provider's own means.

        Raises:
            Passing: it may work a moment later.
            Unfit: it does not take such a request, for instance with a shape.
            ModelFailed: it does not work, and will not.
        """

    def pieces(self, prompt: Prompt) -> AsyncGenerator[str]:
        """Yield the text as it comes; raises as `once` does."""


def refused(status: int, said: str, *, headers: Mapping[str, str]) -> Passing | Unfit | None:
    """Return what an answer with an error status means; None where it fails for good.

    `headers` are those of the answer, their names in small letters.
    """
    what = f"answered {status}: {said or '(empty)'}"
    if status in PASSING and not any(word in said for word in _NEVER_PASSING):
        return Passing(what, after_s=_after_s(headers))
    return Unfit(what) if status in (400, 404, 415, 422, 501) else None


def without(text: str, secrets: Sequence[str]) -> str:
    """Return `text` with every one of the `secrets` blotted out, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "•••")
    return text


def excerpt(text: str, secrets: Sequence[str]) -> str:
    """Return the beginning of `text` on one line, without control signs and `secrets`."""
    plain = "".join(sign if sign.isprintable() else " " for sign in without(text, secrets))
    line = " ".join(plain.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def _after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for: a number, or a date."""
    if (exact := _number(headers.get("retry-after-ms"))) is not None:
        return exact / 1000
    stated = headers.get("retry-after")
    if stated is None or (seconds := _number(stated)) is not None:
        return seconds if stated is not None else None
    try:
        until = parsedate_to_datetime(stated)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None
