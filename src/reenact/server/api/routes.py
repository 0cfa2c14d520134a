"""How a router of the API is made: each route is built once, under its whole path.

Routers that include one another build every route again at each step, which takes most of a
server's start.
"""

from __future__ import annotations

from fastapi import APIRouter

from reenact.server.api.problems import PROBLEMS

PREFIX = "/api/v1"


def routes_of(tag: str) -> APIRouter:
    """Return an empty router; its routes are to be listed under `tag`."""
    return APIRouter(
        prefix=PREFIX,
        tags=[tag],
        responses=PROBLEMS,
        generate_unique_id_function=lambda route: route.name,
    )
