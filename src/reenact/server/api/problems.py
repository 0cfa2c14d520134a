"""Errors of the API: `application/problem+json` (RFC 9457), each with its next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from reenact import codec
from reenact.errors import (
    PROBLEM,
    AgentUnreachable,
    BodyTooLarge,
    Forbidden,
    ModelFailed,
    NotComparable,
    NotSignedIn,
    Overloaded,
    PersonalDataFound,
    ReenactError,
    SourceFailed,
    StoreError,
    TooManyAttempts,
    UnguardedTools,
    UnknownId,
)

MEDIA_TYPE = "application/problem+json"
_MOST_SHOWN = 5

_STATUSES: tuple[tuple[type[ReenactError], HTTPStatus], ...] = (
    (UnknownId, HTTPStatus.NOT_FOUND),
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (TooManyAttempts, HTTPStatus.TOO_MANY_REQUESTS),
    (PersonalDataFound, HTTPStatus.CONFLICT),
    (UnguardedTools, HTTPStatus.CONFLICT),
    (NotComparable, HTTPStatus.CONFLICT),
    (BodyTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (Overloaded, HTTPStatus.TOO_MANY_REQUESTS),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (AgentUnreachable, HTTPStatus.BAD_GATEWAY),
    (ModelFailed, HTTPStatus.BAD_GATEWAY),
    (SourceFailed, HTTPStatus.BAD_GATEWAY),
    (ReenactError, HTTPStatus.BAD_REQUEST),
)
"""The first kind that fits; everything else raised on purpose is a bad request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, where, and what to do next."""

    type: str = "about:blank"
    """`urn:reenact:` and a kind of error, such as `unknown-id`, where it is one of ours."""
    title: str
    status: int
    detail: str
    where: str | None = None
    next_step: str | None = None
    ids: tuple[str, ...] = ()
    """What the problem is about, where it has names: unknown ids, unguarded tools, findings."""


_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"content": _CONTENT, "description": "What is wrong with the request"},
    "5XX": {"content": _CONTENT, "description": "What the server cannot do now"},
}
"""What every route may answer besides its success."""


def problem_of(error: ReenactError) -> Problem:
    """Return `error` as what a client is told."""
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    names = (getattr(error, name, ()) for name in ("ids", "tools", "findings"))
    return Problem(
        type=f"{PROBLEM}{error.kind()}",
        title=status.phrase,
        status=status,
        detail=error.what,
        where=error.where,
        next_step=error.next_step,
        ids=next((tuple(found) for found in names if found), ()),
    )


def headers_of(error: ReenactError) -> Mapping[str, str]:
    """Return the headers that a client is to have besides the problem."""
    if isinstance(error, NotSignedIn):
        return {"www-authenticate": 'Bearer realm="reenact"'}
    if isinstance(error, TooManyAttempts):
        return {"retry-after": str(error.wait_s)}
    return {}


def answer(problem: Problem, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return `problem` as a response."""
    return Response(
        codec.to_json(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


async def on_reenact_error(request: Request, error: Exception) -> Response:
    """Answer what a room raised on purpose."""
    if not isinstance(error, ReenactError):
        raise error
    return answer(problem_of(error), headers=headers_of(error))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework raised: no such route, a method that is not allowed."""
    if not isinstance(error, HTTPException):
        raise error
    return answer(
        Problem(
            title=HTTPStatus(error.status_code).phrase,
            status=error.status_code,
            detail=f"{request.method} {request.url.path[:200]}: {error.detail}",
            next_step="GET /api/v1/openapi.json lists what there is",
        ),
        headers=error.headers,
    )


async def on_misfit(request: Request, error: Exception) -> Response:
    """Answer a request whose parameters or body do not have the shape that they must."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = error.errors()
    said = [_fault(fault) for fault in faults[:_MOST_SHOWN]]
    if len(faults) > _MOST_SHOWN:
        said.append(f"and {len(faults) - _MOST_SHOWN} more")
    return answer(
        Problem(
            title=HTTPStatus.UNPROCESSABLE_ENTITY.phrase,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            detail="; ".join(said),
            where=f"{request.method} {request.url.path[:200]}",
            next_step="GET /api/v1/openapi.json says what is taken",
        )
    )


def _fault(fault: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place[:100]}: {fault['msg']}"
