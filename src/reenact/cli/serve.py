"""`reenact serve`: receive traces from a running agent, and answer the pages and the API."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from reenact.capture.ingest import Ingested
from reenact.cli import console
from reenact.errors import UsageError
from reenact.runs.workspace import Workspace
from reenact.settings import Settings, read_settings

if TYPE_CHECKING:
    from reenact.access.people import People

_PASSWORD = "REENACT_PASSWORD"  # noqa: S105 (its name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What people are told once requests are answered."""

    data_file: str
    over_grpc: str | None
    keyed: bool
    readable: bool
    """Whether what is sent to the server can be read on its way from other machines."""


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    grpc_port: int | None = None,
    no_grpc: bool = False,
    project: str | None = None,
    allow_host: Annotated[list[str] | None, Parameter(negative="")] = None,
    behind_tls: bool = False,
    agents: Path | None = None,
    cases: Path | None = None,
) -> None:
    """Receive OpenTelemetry traces over HTTP and gRPC, and show the pages, until Ctrl-C.

    An exporter (POST /v1/traces) is told that all is well only once its spans are on disk. Log
    records that hold what a model was told are taken too, and metrics accepted. GET /metrics and
    /healthz tell how it goes.

    Args:
        host: The address to listen on (REENACT_HOST, else 127.0.0.1). Any but this machine's own
            needs a password (reenact password set, or REENACT_PASSWORD): people sign in then, and
            programs show a key.
        port: The port (REENACT_PORT, else 4318); 0 takes any free one.
        grpc_port: The port for OTLP over gRPC (REENACT_GRPC_PORT, else 4317); 0 takes any free
            one. Needs the extra: pip install 'reenact[grpc]'.
        no_grpc: Receive over HTTP alone.
        project: Put everything under this project, whatever the spans say; what comes with a key
            goes to the key's project.
        allow_host: A further name that clients may use for this server, such as
            host.docker.internal.
        behind_tls: A proxy stands before the server that speaks https and sets X-Forwarded-For:
            cookies are for https alone.
        agents: A folder of agents that may be replayed from the pages: its agent files (.yaml,
            .json), and in its modules each function (messages, message).
        cases: A folder that kept cases are written to, such as tests/replays.
    """
    from reenact.access.people import People
    from reenact.listening.names import is_loopback
    from reenact.listening.sockets import bind
    from reenact.server.api.info import data_file
    from reenact.server.app import create_app
    from reenact.server.listening import listen
    from reenact.server.options import ServerOptions

    settings = _asked(host, port)
    open_to_others = not is_loopback(settings.host)
    with _until_stopped(), Workspace(settings) as workspace:
        people = People(workspace.access)
        _keep_password(people, settings.password)
        keyed = people.has_password()
        with bind(settings.host, settings.port, keyed=keyed) as bound:
            over_grpc = None if no_grpc else _grpc_address(settings, asked=grpc_port, keyed=keyed)
            app = create_app(
                workspace,
                project=project,
                hosts=_names(settings.host, allow_host or (), own=open_to_others),
                open_to_others=open_to_others,
                behind_tls=behind_tls,
                options=ServerOptions(
                    agents=_folder(agents, "--agents"), cases=cases and cases.absolute()
                ),
                grpc_address=over_grpc,
                on_stored=_first_of_each(),
            )
            told = _Told(
                data_file=data_file(workspace),
                over_grpc=over_grpc,
                keyed=keyed,
                readable=open_to_others and not behind_tls,
            )
            listen(app, bound, on_ready=partial(_say_where, told))


def _folder(path: Path | None, flag: str) -> Path | None:
    if path is not None and not path.is_dir():
        raise UsageError("there is no such folder", where=f"{flag} {path}")
    return path and path.absolute()


def _asked(host: str | None, port: int | None) -> Settings:
    settings = read_settings()
    # Programs that the server starts shall not find it.
    os.environ.pop(_PASSWORD, None)
    return replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )


@contextmanager
def _until_stopped() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does: with everything closed, and exit code 0."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # A signal at the very end is not raised any more: the server has stopped all the same.
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
    console.notes().print("stopped", style="dim")


def _keep_password(people: People, password: str | None) -> None:
    if password is not None:
        people.keep_password(password, where=_PASSWORD)


def _names(host: str, allowed: tuple[str, ...] | list[str], *, own: bool) -> tuple[str, ...]:
    """Return the names that clients may use, besides those of this machine alone."""
    return (*allowed, host, socket.gethostname()) if own else tuple(allowed)


def _grpc_address(settings: Settings, *, asked: int | None, keyed: bool) -> str | None:
    """Return where to receive over gRPC; None where nobody asked and it cannot be done."""
    from reenact.listening.sockets import free_address
    from reenact.server.otlp_grpc import is_available, require_grpc

    port = settings.grpc_port if asked is None else asked
    if asked is not None:
        require_grpc()
    elif not is_available():
        return None
    try:
        return free_address(settings.host, port, keyed=keyed)
    except UsageError:
        if asked is not None:
            raise
        console.notes().print(f"not receiving over gRPC: port {port} is taken (--grpc-port N)")
        return None


def _say_where(told: _Told, url: str) -> None:
    from reenact.server.exporting import exporter_lines

    notes = console.notes()
    notes.print(f"Reenact's pages: {url}/", soft_wrap=True, markup=False)
    notes.print(f"The data: {told.data_file}", style="dim", soft_wrap=True, markup=False)
    notes.print("Let your agent's exporter send its traces here:", style="dim")
    for line in exporter_lines(url, keyed=told.keyed):
        console.data().print(line, soft_wrap=True, markup=False)
    if told.over_grpc:
        there = f"{url.rpartition(':')[0]}:{told.over_grpc.rpartition(':')[2]}"
        notes.print(f"or over gRPC: OTEL_EXPORTER_OTLP_ENDPOINT={there}", style="dim")
    if told.keyed:
        notes.print("A key: in the pages' Settings, or reenact keys make", style="dim")
    if told.readable:
        notes.print(
            "Plain http: passwords, keys and talks can be read on their way. Put a proxy that "
            "speaks https before this server, and start it with --behind-tls.",
            soft_wrap=True,
        )
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
