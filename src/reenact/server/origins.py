"""Which web pages may ask: only those that this server itself has served.

A browser says with each request which page it is for: `Sec-Fetch-Site`, which pages cannot set,
and `Origin` where the former is not sent (plain http to another machine). What is no browser
sends neither.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from reenact.server.refusing import is_api

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = ("same-origin", "none")


def is_foreign(request: Request) -> bool:
    """Tell whether another site's page sends this, where only our own may.

    Links from elsewhere to our pages are good; reading data or changing it from elsewhere is not.
    """
    if request.method in SAFE_METHODS and not _gives_data(request.url.path):
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in _OWN_SITES
    origin = request.headers.get("origin")
    # Only the host is compared: a proxy that speaks https may pass requests on as http.
    return origin is not None and _host_of(origin) != request.headers.get("host", "").lower()


def _gives_data(path: str) -> bool:
    return is_api(path) or path == "/metrics"


def _host_of(origin: str) -> str | None:
    """Return host and port of `origin`; None for `null` and what is no origin."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") else None
