"""What a request says of where it comes from: which client, how safe the way, which login."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from reenact.access.people import LOGIN_LASTS

_COOKIE = "reenact"
_SECURE_COOKIE = "__Host-reenact"
"""Browsers take such a name only over https, from the host itself, for all of its paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, before it is known who asks."""

    client: str
    """The address of the client, as far as we can know it."""
    secure: bool
    """Whether the browser speaks https to us, or to the proxy before us."""
    login: str | None
    """The token of a login, as its cookie claims."""


def visit_of(request: HTTPConnection, *, behind_tls: bool) -> Visit:
    """Return what `request` says.

    `behind_tls` says that a proxy stands before us which speaks https: everything comes from it,
    and the last address in `X-Forwarded-For` is the one that it saw. Nobody else is believed.
    """
    secure = behind_tls or request.url.scheme == "https"
    client = request.client.host if request.client else ""
    if behind_tls:
        forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        client = forwarded or client
    return Visit(
        client=client,
        secure=secure,
        login=request.cookies.get(_SECURE_COOKIE if secure else _COOKIE),
    )


def remember(answer: Response, token: str, *, secure: bool) -> None:
    """Let the browser show `token` with what it asks from now on. No script can read it."""
    answer.set_cookie(
        _SECURE_COOKIE if secure else _COOKIE,
        token,
        max_age=int(LOGIN_LASTS.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def forget(answer: Response, *, secure: bool) -> None:
    """Let the browser forget its login."""
    answer.delete_cookie(
        _SECURE_COOKIE if secure else _COOKIE,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )
