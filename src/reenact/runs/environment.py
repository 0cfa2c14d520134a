"""What another process must find in its environment to work with the same stores."""

from __future__ import annotations

from collections.abc import Mapping

from reenact.settings import Settings


def environment_of(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with what lets another process read the same `settings`."""
    given = {
        "HOME": str(settings.home),
        "SPANS_URL": settings.spans_url,
        "DATABASE_URL": settings.database_url,
        "BLOBS_URL": settings.blobs_url,
        "MODEL": settings.model,
        "MODEL_TIMEOUT_S": str(settings.model_timeout_s),
        "MODEL_RETRIES": str(settings.model_retries),
        "TOOLS_TOKEN": settings.tools_token,
    }
    named = {f"REENACT_{name}": value for name, value in given.items() if value is not None}
    return {**environ, **named}
