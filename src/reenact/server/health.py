"""`GET /healthz`: does the server take spans? `GET /metrics`: what it took."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from reenact import __version__
from reenact.server.api.callers import Asking
from reenact.server.inbox import Inbox
from reenact.server.meters import Meters

LATE_S = 5.0
"""A queue whose oldest post has waited longer is not healthy."""


def router(inbox: Inbox, meters: Meters) -> APIRouter:
    """Return the routes that tell of `inbox`."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz(response: Response) -> dict[str, Any]:
        """Say whether spans are being stored; 503 where they wait for too long."""
        depth = inbox.depth
        late = depth.lag_s > LATE_S
        if late:
            response.status_code = 503
        return {
            "status": "late" if late else "ok",
            "version": __version__,
            "queue": {
                "posts": depth.posts,
                "bytes": depth.bytes,
                "lag_seconds": round(depth.lag_s, 3),
            },
        }

    @routes.get("/metrics")
    async def metrics(who: Asking) -> Response:
        """Give the counters in Prometheus' text format; to a key without other projects' names."""
        who.must("read")
        return Response(
            meters.text(sees=who.sees), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    return routes
