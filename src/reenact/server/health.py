"""`GET /healthz`: the server is up."""

from __future__ import annotations

from fastapi import APIRouter

from reenact import __version__

router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the server runs, and which version it is."""
    return {"status": "ok", "version": __version__}
