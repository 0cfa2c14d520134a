"""The receiver: a body of OTLP in, an answer once it is durable. Behind HTTP and gRPC alike."""

from __future__ import annotations

from reenact.capture.captured import Post
from reenact.capture.limits import Limits
from reenact.capture.otlp import Signal
from reenact.capture.parallel import PostRead
from reenact.server.inbox import Inbox
from reenact.server.meters import Meters
from reenact.server.reading import Reader


class Receiver:
    """Has bodies read by `reader` and hands them to `inbox`; `meters` counts all of it."""

    def __init__(self, inbox: Inbox, reader: Reader, *, meters: Meters) -> None:
        self.inbox = inbox
        self.reader = reader
        self.meters = meters

    @property
    def limits(self) -> Limits:
        """Sizes above which a body is refused."""
        return self.reader.order.limits

    async def take(
        self,
        body: bytes,
        *,
        signal: Signal,
        content_type: str,
        content_encoding: str,
        project: str | None = None,
    ) -> PostRead:
        """Return what `body` held; its good part is durable then.

        All of it goes to `project`; where there is None, to the server's, or to what its resource
        says.

        Raises:
            DecodeError: nothing of it can be read, or it is beyond the limits.
            Overloaded: more is waiting than may wait.
            StoreError: it is not stored, or not yet; it may be sent again.
        """
        post = Post(
            file="request",
            where="request",
            body=body,
            content_type=content_type,
            content_encoding=content_encoding,
            signal=signal,
            project=project,
        )
        read = await self.reader.read(post)
        await self.inbox.put(read)
        self.meters.taken(signal, read)
        return read
