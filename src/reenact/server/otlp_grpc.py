"""OTLP over gRPC, with the extra `reenact[grpc]`: the same receiver as behind HTTP.

Messages pass as bytes: they are decoded where those of HTTP are, within the same limits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

from reenact.capture.otlp import Signal
from reenact.errors import (
    BodyTooLarge,
    DecodeError,
    Forbidden,
    NotSignedIn,
    ReenactError,
    StoreError,
    UsageError,
)
from reenact.server import answers
from reenact.server.checks import Checks, somebody
from reenact.server.receiver import Receiver

_SERVICES: dict[Signal, str] = {
    "traces": "opentelemetry.proto.collector.trace.v1.TraceService",
    "logs": "opentelemetry.proto.collector.logs.v1.LogsService",
    "metrics": "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
_AT_ONCE = 256
"""Calls under way at most; more are told to come back."""
_GRACE_S = 10.0


def is_available() -> bool:
    """Say whether the extra is installed."""
    return find_spec("grpc") is not None


def require_grpc() -> None:
    """Raise UsageError where the extra is not installed."""
    if not is_available():
        raise UsageError(
            "gRPC needs an extra that is not installed", next_step="pip install 'reenact[grpc]'"
        )


@asynccontextmanager
async def serving_grpc(receiver: Receiver, address: str, *, checks: Checks) -> AsyncIterator[None]:
    """Receive on `address` (host:port) as long as the context is open, from who may send.

    Raises:
        UsageError: where the extra is missing, or the address cannot be had.
    """
    require_grpc()
    import grpc

    server = grpc.aio.server(
        options=[
            # The bound on what a message holds when it is inflated; the receiver checks again.
            ("grpc.max_receive_message_length", receiver.limits.inflated_bytes),
            ("grpc.so_reuseport", 0),
        ],
        maximum_concurrent_rpcs=_AT_ONCE,
    )
    for signal, service in _SERVICES.items():
        export: Any = grpc.unary_unary_rpc_method_handler(_export(receiver, signal, checks))
        handler = grpc.method_handlers_generic_handler(service, {"Export": export})
        server.add_generic_rpc_handlers((handler,))
    try:
        server.add_insecure_port(address)
    except RuntimeError as error:
        raise UsageError(
            f"cannot listen there: {error}", where=address, next_step="name another --grpc-port"
        ) from None
    await server.start()
    try:
        yield
    finally:
        await server.stop(_GRACE_S)


def _export(
    receiver: Receiver, signal: Signal, checks: Checks
) -> Callable[[bytes, Any], Awaitable[bytes]]:
    async def export(body: bytes, context: Any) -> bytes:
        try:
            shown = dict(context.invocation_metadata()).get("authorization")
            who = somebody(await checks.caller(authorization=shown, login=None))
            who.must("ingest")
            post = await receiver.take(
                body,
                signal=signal,
                content_type=answers.PROTOBUF,
                content_encoding="identity",
                project=who.project,
            )
        except UsageError as error:
            await context.abort(_code(error), error.render())
            raise
        except (DecodeError, StoreError) as error:
            receiver.meters.refused(signal, error)
            await context.abort(_code(error), error.render())
            raise  # abort has raised already
        return answers.accepted(signal, post)

    return export


def _code(error: ReenactError) -> Any:
    """Return the status: an exporter sends again only what is UNAVAILABLE."""
    from grpc import StatusCode

    if isinstance(error, NotSignedIn):
        return StatusCode.UNAUTHENTICATED
    if isinstance(error, Forbidden):
        return StatusCode.PERMISSION_DENIED
    if isinstance(error, BodyTooLarge):
        return StatusCode.RESOURCE_EXHAUSTED
    if isinstance(error, DecodeError):
        return StatusCode.INVALID_ARGUMENT
    return StatusCode.UNAVAILABLE
