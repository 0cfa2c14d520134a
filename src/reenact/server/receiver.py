"""The receiver: a body of OTLP in, an answer once it is durable. Behind HTTP and gRPC alike."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from reenact.capture.limits import Decoded, Limits
from reenact.capture.otlp import Signal, decode
from reenact.server.inbox import Inbox
from reenact.server.meters import Meters


class Receiver:
    """Decodes bodies, within `limits`, and hands them to `inbox`; `meters` counts all of it."""

    def __init__(self, inbox: Inbox, *, limits: Limits, meters: Meters) -> None:
        self.inbox = inbox
        self.limits = limits
        self.meters = meters

    async def take(
        self,
        body: bytes,
        *,
        signal: Signal,
        content_type: str,
        content_encoding: str,
        project: str | None = None,
    ) -> Decoded:
        """Return what `body` held; its good part is durable then.

        All of it goes to `project`; where there is None, to what its resource says.

        Raises:
            DecodeError: nothing of it can be read, or it is beyond the limits.
            Overloaded: more is waiting than may wait.
            StoreError: it is not stored, or not yet; it may be sent again.
        """
        decoded = await self.inbox.decoded(
            partial(
                decode,
                body,
                signal=signal,
                content_type=content_type,
                content_encoding=content_encoding,
                limits=self.limits,
            ),
            size=len(body),
        )
        await self.inbox.put(replace(decoded, project=project))
        self.meters.taken(signal, decoded)
        return decoded
