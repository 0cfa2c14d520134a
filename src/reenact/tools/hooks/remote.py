"""The tool server of a replay that runs in another process, as a desk.

Where it is comes from the environment of the agent's process alone (`REENACT_TOOLS_URL`): the
headers of a request say which turn it belongs to, and are never dialled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from reenact.domain.conversation import Served
from reenact.tools.answer import ToolAnswer

URL_VARIABLE = "REENACT_TOOLS_URL"
TOKEN_VARIABLE = "REENACT_TOOLS_TOKEN"  # noqa: S105 - the name of one
_TIMEOUT_S = 120.0
_MOST_BYTES = 64 * 2**20
_PROVENANCES = ("recorded", "declared", "simulated", "refused")

Post = Callable[[str, Mapping[str, str], bytes], tuple[int, bytes]]
"""Sends a body to an address with headers; returns the status and the body of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteDesk:
    """Asks the tool server for the turn that `headers` name. Waits for the network."""

    url: str | None
    token: str | None
    headers: Mapping[str, str]
    """`traceparent` and `baggage` of the request that is being answered."""
    post: Post

    @property
    def waits(self) -> bool:
        """It waits for the network."""
        return True

    def ask(
        self,
        name: str,
        arguments: Any,
        *,
        run: Callable[[], Any] | None = None,
        id: str | None = None,
    ) -> ToolAnswer:
        """Answer `name(arguments)` from the other process; never runs the tool."""
        if self.url is None:
            return _refused(
                f"refused: {name} was called for a replay, but {URL_VARIABLE} does not say where "
                "its tool server is"
            )
        headers = {**self.headers, "content-type": "application/json"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        address = f"{self.url.rstrip('/')}/tools/{quote(name)}"
        try:
            status, body = self.post(address, headers, json.dumps(arguments).encode())
        except OSError as error:
            where = urlsplit(self.url).netloc
            return _refused(f"refused: the tool server at {where} does not answer: {error}")
        return _read(name, status, body)

    def let(self, name: str, arguments: Any, *, id: str | None = None) -> ToolAnswer:
        """Let a call run that only steers the agent; the other process does not hear of it."""
        return ToolAnswer(provenance="live", served=Served())

    def finish_live(self, answer: ToolAnswer, *, result: Any, error: str | None) -> None:
        """Do nothing: no tool of the world is run for another process's replay."""


def remote_desk_for(headers: Mapping[str, str]) -> RemoteDesk:
    """Return the desk of the tool server that the environment names."""
    environ = os.environ
    return RemoteDesk(
        url=environ.get(URL_VARIABLE) or None,
        token=environ.get(TOKEN_VARIABLE) or None,
        headers=headers,
        post=post,
    )


def post(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """Send `body` with the standard library: an agent's process may have no other client.

    Raises:
        OSError: where no answer comes.
    """
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, Request, build_opener

    if urlsplit(url).scheme not in ("http", "https"):
        raise OSError(f"{URL_VARIABLE} is no http address")
    request = Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_TIMEOUT_S) as answer:
            return answer.status, answer.read(_MOST_BYTES)
    except HTTPError as error:
        with error:
            return error.code, error.read(_MOST_BYTES)


def _read(name: str, status: int, body: bytes) -> ToolAnswer:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        return _refused(f"refused: the tool server answered {status} and no JSON object to {name}")
    error = answer.get("error")
    provenance = answer.get("provenance")
    if status != 200 or provenance not in _PROVENANCES:
        return _refused(f"refused: the tool server answered {status} to {name}: {error}")
    told = str(error) if error is not None else None
    return ToolAnswer(
        provenance=provenance, result=answer.get("result"), error=told, served=Served()
    )


def _refused(why: str) -> ToolAnswer:
    return ToolAnswer(provenance="refused", error=why, served=Served(miss=why))
