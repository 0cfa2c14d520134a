"""`reenact serve`: receive traces from a running agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from cyclopts import Parameter

from reenact.capture.ingest import Ingested
from reenact.cli import console
from reenact.runs.workspace import Workspace
from reenact.settings import read_settings


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    project: str | None = None,
    allow_host: Annotated[list[str] | None, Parameter(negative="")] = None,
) -> None:
    """Receive OpenTelemetry traces over HTTP (POST /v1/traces) until Ctrl-C.

    An exporter is told 200 only once its spans are on disk.

    Args:
        host: The address to listen on, of this machine only (REENACT_HOST, else 127.0.0.1).
        port: The port (REENACT_PORT, else 4318); 0 takes any free one.
        project: Put everything under this project, whatever the spans say.
        allow_host: A further name that clients may use for this server, such as
            host.docker.internal.
    """
    from reenact.server.app import create_app
    from reenact.server.listening import bind, listen

    settings = read_settings()
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
    )
    bound = bind(settings.host, settings.port)
    try:
        with Workspace(settings) as workspace:
            app = create_app(
                workspace, project=project, hosts=allow_host or (), on_stored=_first_of_each()
            )
            listen(app, bound, on_ready=_say_where)
    except KeyboardInterrupt:
        console.notes().print("stopped", style="dim")
    finally:
        bound.close()


def _say_where(url: str) -> None:
    notes = console.notes()
    notes.print("Reenact receives traces. Let your agent's exporter send them here:", style="dim")
    lines = (
        f"OTEL_EXPORTER_OTLP_ENDPOINT={url}",
        f'BatchSpanProcessor(OTLPSpanExporter(endpoint="{url}/v1/traces"))  # in Python',
    )
    for line in lines:
        console.data().print(line, soft_wrap=True, markup=False)
    notes.print("Ctrl-C stops.", style="dim")


def _first_of_each() -> Callable[[Ingested], None]:
    """Return what says of each project once that its spans are coming in."""
    seen: set[str] = set()

    def stored(done: Ingested) -> None:
        for name in done.projects:
            if name not in seen:
                seen.add(name)
                console.notes().print(f"receiving: project {console.shown(name)}", style="dim")

    return stored
