"""`reenact serve`: receive traces from a running agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from reenact.capture.ingest import Ingested
from reenact.cli import console
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace
from reenact.settings import Settings, read_settings


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    grpc_port: int | None = None,
    no_grpc: bool = False,
    project: str | None = None,
    allow_host: Annotated[list[str] | None, Parameter(negative="")] = None,
) -> None:
    """Receive OpenTelemetry traces over HTTP (POST /v1/traces), and gRPC, until Ctrl-C.

    An exporter is told that all is well only once its spans are on disk. Log records that hold
    what a model was told are taken too, and metrics accepted. GET /metrics and /healthz tell how
    it goes.

    Args:
        host: The address to listen on, of this machine only (REENACT_HOST, else 127.0.0.1).
        port: The port (REENACT_PORT, else 4318); 0 takes any free one.
        grpc_port: The port for OTLP over gRPC (REENACT_GRPC_PORT, else 4317); 0 takes any free
            one. Needs the extra: pip install 'reenact[grpc]'.
        no_grpc: Receive over HTTP alone.
        project: Put everything under this project, whatever the spans say.
        allow_host: A further name that clients may use for this server, such as
            host.docker.internal.
    """
    from reenact.listening.sockets import bind
    from reenact.server.app import create_app
    from reenact.server.listening import listen

    settings = read_settings()
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
    )
    bound = bind(settings.host, settings.port)
    try:
        over_grpc = None if no_grpc else _grpc_address(settings, asked=grpc_port)
        with Workspace(settings) as workspace:
            app = create_app(
                workspace,
                project=project,
                hosts=allow_host or (),
                grpc_address=over_grpc,
                on_stored=_first_of_each(),
            )
            listen(app, bound, on_ready=partial(_say_where, over_grpc))
    except KeyboardInterrupt:
        console.notes().print("stopped", style="dim")
    finally:
        bound.close()


def _grpc_address(settings: Settings, *, asked: int | None) -> str | None:
    """Return where to receive over gRPC; None where nobody asked and it cannot be done."""
    from reenact.listening.sockets import free_address
    from reenact.server.otlp_grpc import is_available, require_grpc

    port = settings.grpc_port if asked is None else asked
    if asked is not None:
        require_grpc()
    elif not is_available():
        return None
    try:
        return free_address(settings.host, port)
    except UsageError:
        if asked is not None:
            raise
        console.notes().print(f"not receiving over gRPC: port {port} is taken (--grpc-port N)")
        return None


def _say_where(over_grpc: str | None, url: str) -> None:
    notes = console.notes()
    notes.print("Reenact receives traces. Let your agent's exporter send them here:", style="dim")
    lines = (
        f"OTEL_EXPORTER_OTLP_ENDPOINT={url}",
        f'BatchSpanProcessor(OTLPSpanExporter(endpoint="{url}/v1/traces"))  # in Python',
    )
    for line in lines:
        console.data().print(line, soft_wrap=True, markup=False)
    if over_grpc:
        notes.print(f"or over gRPC: OTEL_EXPORTER_OTLP_ENDPOINT=http://{over_grpc}", style="dim")
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
