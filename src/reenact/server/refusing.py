"""Refusals at the door, in the form that the path's clients read: problem+json, or OTLP's."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from reenact.errors import ReenactError
from reenact.server import answers
from reenact.server.api import PREFIX, problems


def is_api(path: str) -> bool:
    """Tell whether `path` is one of the API's."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def refusal(
    request: Request,
    status: HTTPStatus,
    what: str,
    *,
    next_step: str,
    where: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer that says `what` is wrong and what to do next."""
    if is_api(request.url.path):
        problem = problems.Problem(
            title=status.phrase, status=status, detail=what, where=where, next_step=next_step
        )
        return problems.answer(problem, headers=headers)
    head = f"{where}: {what}" if where else what
    return answers.failure(request, status, f"{head}\n  -> {next_step}", headers=headers)


def refusal_of(request: Request, error: ReenactError) -> Response:
    """Return the answer that says what a room, or a check, raised on purpose."""
    problem, headers = problems.problem_of(error), problems.headers_of(error)
    if is_api(request.url.path):
        return problems.answer(problem, headers=headers)
    return answers.failure(request, problem.status, error.render(), headers=headers)
