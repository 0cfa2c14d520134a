"""Addresses of HTTP agents: which one is posted to, and how it is shown."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from reenact.domain.agent import HttpTarget
from reenact.errors import AgentNotLoaded

_ENDS = {"openai": "/chat/completions", "responses": "/responses"}


def endpoint(target: HttpTarget) -> str:
    """Return the address that `target` is posted to.

    Raises:
        AgentNotLoaded: when it is no http address, or holds a name and password.
    """
    try:
        parts = urlsplit(target.url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise AgentNotLoaded(
            "not an address that can be asked",
            where=shown_url(target.url),
            next_step="write it as http://host:port/path",
        )
    if parts.username is not None or parts.password is not None:
        raise AgentNotLoaded(
            "the address holds a name or a password",
            where=shown_url(target.url),
            next_step="put it into a header: Authorization: Basic ${NAME_OF_A_VARIABLE}",
        )
    end = _ENDS.get(target.template, "")
    if not parts.path.rstrip("/").endswith(end):
        parts = parts._replace(path=parts.path.rstrip("/") + end)
    return parts._replace(fragment="").geturl()


def shown_url(url: str) -> str:
    """Return `url` for people: no name and password, no values of its query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    query = "&".join(f"{name}=…" for name in names)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query=query, fragment="").geturl()
