"""What an HTTP agent answered, before its content is read: bodies, refusals, redirects."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from yarl import URL

from reenact.agents.address import shown_url
from reenact.agents.answers import excerpt
from reenact.agents.port import AgentFailed

MOST_BYTES = 10 * 2**20
"""The largest answer that is read."""


def next_hop(response: aiohttp.ClientResponse) -> URL:
    """Return where a redirect leads; raises AgentFailed where that is another server."""
    place = response.headers.get("Location", "")
    try:
        moved = response.url.join(URL(place))
        same = bool(place) and moved.origin() == response.url.origin()
    except ValueError:
        same = False
    if not same:
        raise AgentFailed("status", _redirected(response))
    return moved


def _redirected(response: aiohttp.ClientResponse) -> str:
    place = shown_url(response.headers.get("Location", "nowhere"))
    return f"answered {response.status}, a redirect to {place}: name the address itself"


async def refusal(response: aiohttp.ClientResponse) -> str:
    """Say what an answer that is no success holds."""
    if 300 <= response.status < 400:
        return _redirected(response)
    head = b""
    try:
        while len(head) < 4096 and (chunk := await response.content.read(4096)):
            head += chunk
    except aiohttp.ClientError:
        head += b" (broke off)"
    said = excerpt(head.decode(errors="replace"))
    return f"answered {response.status} {response.reason or ''}: {said or '(empty)'}"


def is_plain_json(response: aiohttp.ClientResponse, form: str) -> bool:
    """Return True where the agent did not stream though it was asked to."""
    return form == "sse" and response.content_type == "application/json"


def not_json(response: aiohttp.ClientResponse, raw: bytes) -> str:
    """Say what came where JSON should have."""
    if response.content_type == "text/event-stream":
        return "the answer is a stream; set stream: sse in the agent file"
    if not raw:
        return f"the answer is empty (status {response.status}); expected JSON"
    kind = response.headers.get("Content-Type", "no content type")
    return f"the answer is not JSON ({kind}): {excerpt(raw[:4096].decode(errors='replace'))}"


async def whole_body(response: aiohttp.ClientResponse) -> bytes:
    """Return the body; raises AgentFailed where it is larger than `MOST_BYTES`."""
    length = response.content_length
    # A stated length bounds what is read, unless the body is packed.
    if length is not None and length <= MOST_BYTES and "Content-Encoding" not in response.headers:
        return await response.read()
    return b"".join([chunk async for chunk in chunks(response)])


async def chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the body as it comes; raises AgentFailed beyond `MOST_BYTES`."""
    taken = 0
    async for chunk in response.content.iter_any():
        taken += len(chunk)
        if taken > MOST_BYTES:
            raise AgentFailed("nonsense", f"the answer is larger than {MOST_BYTES >> 20} MB")
        yield chunk
