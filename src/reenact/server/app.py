"""The application: the receiver's routes, the check of who asks, and errors in one form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from reenact import __version__
from reenact.access.keys import Keys
from reenact.access.people import People
from reenact.capture.limits import Limits
from reenact.capture.parallel import Order
from reenact.errors import ReenactError
from reenact.runs.background import BackgroundExecutor
from reenact.runs.workspace import Workspace
from reenact.server import answers, api, health, otlp
from reenact.server.api import problems
from reenact.server.api.bodies import BoundedBodies
from reenact.server.api.document import describe, methods_at
from reenact.server.api.idempotency import Idempotency
from reenact.server.broadcast import Broadcast
from reenact.server.checks import Checks
from reenact.server.door import Door
from reenact.server.headers import SECURITY, SecurityHeaders
from reenact.server.hosts import HostCheck
from reenact.server.inbox import WAITING_BYTES, Inbox
from reenact.server.meters import Meters
from reenact.server.options import ServerOptions
from reenact.server.otlp_grpc import serving_grpc
from reenact.server.pages import Pages
from reenact.server.reading import Reader
from reenact.server.receiver import Receiver
from reenact.server.refusing import is_api, refusal
from reenact.server.storing import OnStored, storing
from reenact.server.sweeping import sweeping
from reenact.store.kept_answers import KeptAnswers


def create_app(
    workspace: Workspace,
    *,
    project: str | None = None,
    hosts: Collection[str] = (),
    open_to_others: bool = False,
    behind_tls: bool = False,
    options: ServerOptions = ServerOptions(),  # noqa: B008 (frozen)
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    most_waiting: int = WAITING_BYTES,
    grpc_address: str | None = None,
    on_stored: OnStored = lambda done: None,
) -> FastAPI:
    """Return the application over `workspace`.

    Args:
        workspace: Where spans go; it stays open when the application ends.
        project: The project of every span; what its resource says by default.
        hosts: Names besides the loopback ones by which clients may address the server.
        open_to_others: Whether other machines reach the server: people must sign in then, and it
            may be addressed by any address in numbers.
        behind_tls: Whether a proxy stands before it that speaks https, and says who its client is.
        options: Folders of this machine that the API may touch.
        limits: Sizes above which a body is refused.
        most_waiting: Bytes of bodies that may wait to be stored; more are answered with 429.
        grpc_address: Where to receive OTLP over gRPC as well, as host:port; None for not.
        on_stored: Called in a thread after spans have become durable.

    Raises:
        StoreError: when a store of the workspace cannot be opened.
    """
    meters = Meters()
    # The stores are opened now, so that one that cannot be used is known before the first post.
    store = storing(workspace, meters=meters, on_stored=on_stored)
    people = People(workspace.access, always=open_to_others)
    keys = Keys(workspace.access)
    checks = Checks(people, keys)
    inbox = Inbox(store, most_waiting=most_waiting)
    meters.watch(inbox)
    reader = Reader(inbox, Order(project, limits))
    receiver = Receiver(inbox, reader, meters=meters)
    broadcast = Broadcast()
    executor = BackgroundExecutor(workspace, listener=broadcast, folder=options.agents)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, executor.close)
            await stack.enter_async_context(inbox)
            await stack.enter_async_context(reader)
            await stack.enter_async_context(
                sweeping(workspace.spans, on_swept=meters.swept, on_failed=meters.sweep_failed)
            )
            if grpc_address is not None:
                await stack.enter_async_context(serving_grpc(receiver, grpc_address, checks=checks))
            yield

    app = FastAPI(
        title="Reenact",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.include_router(health.router(inbox, meters), include_in_schema=False)
    app.include_router(otlp.router(receiver), include_in_schema=False)
    app.router.routes.extend(
        api.routes(
            workspace,
            people=people,
            keys=keys,
            options=options,
            executor=executor,
            broadcast=broadcast,
        )
    )
    app.router.routes.append(Pages())
    describe(app)
    app.state.on_stopping = broadcast.end
    app.add_exception_handler(Exception, _on_defect)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(ReenactError, problems.on_reenact_error)
    app.add_exception_handler(RequestValidationError, problems.on_misfit)
    # The last one added is the first that a request meets.
    app.add_middleware(Idempotency, answers=KeptAnswers(workspace.records.engine))
    app.add_middleware(BoundedBodies)
    app.add_middleware(Door, checks=checks, behind_tls=behind_tls)
    app.add_middleware(HostCheck, hosts=hosts, addresses=open_to_others)
    app.add_middleware(SecurityHeaders)
    return app


async def _on_http_error(request: Request, error: Exception) -> Response:
    """Answer in the form that the path's clients read: OTLP's, or problem+json."""
    if not is_api(request.url.path):
        return await _as_status(request, error)
    answer = await problems.on_http_error(request, error)
    methods = methods_at(request.app, request.url.path)
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and methods:
        answer.headers["allow"] = ", ".join(methods)
    return answer


async def _on_defect(request: Request, error: Exception) -> Response:
    """Say that the server has a defect; what it is stands in the server's log."""
    return refusal(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"a defect: {type(error).__name__}",
        next_step="the server's terminal says more; please report it",
        headers=SECURITY,  # this answer passes by the middlewares
    )


async def _as_status(request: Request, error: Exception) -> Response:
    """Say in the form of OTLP that there is no such route."""
    if not isinstance(error, HTTPException):
        raise error
    message = f"{request.method} {request.url.path[:200]}: {error.detail}"
    if error.status_code == 404:
        message += "\n  -> traces go to POST /v1/traces"
    return answers.failure(request, error.status_code, message)
