"""Whether the request that is being answered comes from a replay of another process.

Its `baggage` says so. It is read where Starlette (FastAPI too) and Flask take a request, or from
OpenTelemetry's context where the server is instrumented.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any
from urllib.parse import quote

from reenact.tools.hooks.hook import Hook, HookMoved, attribute
from reenact.tools.hooks.remote import RemoteDesk, remote_desk_for

_NAMES = ("traceparent", "baggage")
_RUN = "reenact.run"
_LONGEST = 8192
_REQUEST: ContextVar[Mapping[str, str] | None] = ContextVar("reenact_request", default=None)


def remote_desk() -> RemoteDesk | None:
    """Return the desk that answers this request's tools; None where no replay sent it."""
    headers = _REQUEST.get() or _of_opentelemetry()
    return remote_desk_for(headers) if headers else None


def of_replay(headers: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    """Return the headers that name the turn; None where they are not those of a replay."""
    found = {name: value for name, value in headers if name in _NAMES and len(value) <= _LONGEST}
    members = (member.partition("=")[0].strip() for member in found.get("baggage", "").split(","))
    return found if _RUN in members else None


def _of_opentelemetry() -> dict[str, str] | None:
    baggage = sys.modules.get("opentelemetry.baggage")
    if baggage is None:
        return None
    carried = baggage.get_all()
    if _RUN not in carried:
        return None
    members = (f"{key}={quote(str(value))}" for key, value in carried.items())
    return {"baggage": ",".join(members)}


def _hook_starlette(module: ModuleType) -> None:
    app = attribute(module, "Starlette")
    original = _call_of(app)

    # With the very parameters: a server tells by a call without any what kind of thing it has.
    @functools.wraps(original)
    async def called(self: Any, scope: Any, receive: Any, send: Any) -> None:
        given = scope.get("headers") or ()
        headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in given)
        with _from(headers):
            await original(self, scope, receive, send)

    app.__call__ = called  # type: ignore[method-assign]


def _hook_flask(module: ModuleType) -> None:
    app = attribute(module, "Flask")
    original = _call_of(app)

    @functools.wraps(original)
    def called(self: Any, environ: Any, start_response: Any) -> Any:
        headers = ((name, environ.get(f"HTTP_{name.upper()}", "")) for name in _NAMES)
        with _from(headers):
            return original(self, environ, start_response)

    app.__call__ = called  # type: ignore[method-assign]


def _call_of(app: type) -> Any:
    if "__call__" not in app.__dict__:
        raise HookMoved(f"{app.__name__} has no __call__")
    return app.__dict__["__call__"]


@contextmanager
def _from(headers: Iterable[tuple[str, str]]) -> Iterator[None]:
    token = _REQUEST.set(of_replay(headers))
    try:
        yield
    finally:
        _REQUEST.reset(token)


HOOKS = (
    Hook(
        hooked="Starlette's requests",
        distribution="starlette",
        since="0.27",
        until="2",
        places={"starlette.applications": _hook_starlette},
        kinds=[],
        names_of=lambda one: (),
    ),
    Hook(
        hooked="Flask's requests",
        distribution="flask",
        since="2",
        until="4",
        places={"flask.app": _hook_flask},
        kinds=[],
        names_of=lambda one: (),
    ),
)
