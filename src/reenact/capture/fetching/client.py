"""Asks a source with patience: bounded waits, bounded answers, clear words for a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec

from reenact.capture.fetching.access import Access
from reenact.errors import SourceFailed

ATTEMPTS = 6
"""How often one request is tried."""
LONGEST_WAIT = 120.0
"""Seconds that one wait may take, whatever a server asks for."""
ALL_WAITS = 1_800.0
"""Seconds that all waits of one fetch may take together."""
ANSWER_BYTES = 64 * 2**20
"""The largest answer that is taken; beyond it smaller pages are asked for."""
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_LATER = "run the same command again later: it goes on where it stopped"

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Transport(Protocol):
    """Sends one request and returns the answer, whatever its status; follows no redirect."""

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, limit: int
    ) -> Answer:
        """Return the answer.

        Raises:
            Unreachable: where none came in time.
            AnswerTooLarge: where it has more than `limit` bytes.
        """


class Unreachable(Exception):
    """Raised by a transport where no answer came; the text says why."""


class AnswerTooLarge(Exception):
    """Raised by a transport where an answer is larger than may be taken."""


class Refused(SourceFailed):
    """Raised where a source answers with a status that asking again will not change."""

    def __init__(self, status: int, what: str, *, where: str, next_step: str):
        self.status = status
        super().__init__(what, where=where, next_step=next_step)


class Client:
    """Asks one source, and waits where it must."""

    def __init__(
        self,
        transport: Transport,
        access: Access,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], datetime],
        on_wait: Callable[[float, str], None] = lambda seconds, why: None,
    ) -> None:
        self._transport = transport
        self._access = access
        self._sleep = sleep
        self._now = now
        self._on_wait = on_wait
        self._waited = 0.0

    def get(self, path: str, params: Params = ()) -> Any:
        """Return the JSON at `path`; raises SourceFailed, AnswerTooLarge."""
        query = f"?{urlencode(list(params))}" if params else ""
        return self._ask("GET", f"{path}{query}", None)

    def post(self, path: str, content: Any) -> Any:
        """Return the JSON that `path` answers to `content`; raises SourceFailed, AnswerTooLarge."""
        return self._ask("POST", path, msgspec.json.encode(content))

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        where = f"{method} {self._access.url}{path.partition('?')[0]}"
        headers = {"accept": "application/json", **self._access.headers}
        if body is not None:
            headers["content-type"] = "application/json"
        url = f"{self._access.url}{path}"
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._transport.send(
                    method, url, headers=headers, body=body, limit=ANSWER_BYTES
                )
            except Unreachable as error:
                why, asked = self._safe(str(error)), None
            else:
                if answer.status not in _PASSING:
                    return self._content(answer, where)
                why, asked = f"status {answer.status}", self._asked_for(answer)
            if attempt == ATTEMPTS:
                raise SourceFailed(
                    f"no answer in {ATTEMPTS} tries: {why}", where=where, next_step=_LATER
                )
            self._wait(2.0 ** (attempt - 1) if asked is None else asked, why, where)
        raise AssertionError("the last try returns or raises")

    def _wait(self, seconds: float, why: str, where: str) -> None:
        if seconds > LONGEST_WAIT or self._waited + seconds > ALL_WAITS:
            raise SourceFailed(
                f"{why}: it asks for a pause of {seconds:,.0f} s", where=where, next_step=_LATER
            )
        self._waited += seconds
        self._on_wait(seconds, why)
        self._sleep(seconds)

    def _asked_for(self, answer: Answer) -> float | None:
        """Return the seconds that a server asks to wait, None where it does not say."""
        told = answer.headers.get("retry-after", "").strip()
        if told.isdecimal():
            return float(told)
        try:
            at = parsedate_to_datetime(told)
        except (TypeError, ValueError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - self._now()).total_seconds())

    def _content(self, answer: Answer, where: str) -> Any:
        if answer.status in (401, 403):
            raise Refused(
                answer.status,
                f"not let in: status {answer.status}{self._said(answer)}",
                where=where,
                next_step=f"check {self._access.keys} in the environment, and what it may read",
            )
        if 300 <= answer.status < 400:
            there = self._safe(answer.headers.get("location", "another place"))
            raise Refused(
                answer.status,
                f"sends on to {there[:200]}; keys are not sent on",
                where=where,
                next_step="give the address that it names as --url",
            )
        if answer.status >= 400:
            raise Refused(
                answer.status,
                f"status {answer.status}{self._said(answer)}",
                where=where,
                next_step="check --url and --from-project",
            )
        try:
            return _data(answer.body)
        except (ValueError, RecursionError):
            raise SourceFailed(
                f"the answer is no JSON but {answer.headers.get('content-type', 'unnamed')[:60]}",
                where=where,
                next_step="check --url: it must be the address of the API",
            ) from None

    def _said(self, answer: Answer) -> str:
        """Return what a refusal says, on one line and without secrets."""
        said = self._safe(" ".join(answer.body[:2_000].decode("utf-8", "replace").split()))
        return f": {said[:200]}" if said and not said.startswith("<") else ""

    def _safe(self, text: str) -> str:
        for secret in self._access.secrets:
            text = text.replace(secret, "…")
        return text


def _data(body: bytes) -> Any:
    """Return the data of JSON, of careless writers' too; each record is made safe on its own."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return json.loads(body, parse_constant=lambda name: name)
