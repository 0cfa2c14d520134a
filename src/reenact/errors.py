"""Everything Reenact raises on purpose.

    ReenactError
    ├── UsageError               wrong use of a command, a flag, an id or a file      exit 2
    │   ├── UnknownId            a session, trace, run or row that is not there
    │   ├── AgentNotLoaded       a target that does not import or does not parse
    │   ├── KeptFileError        a kept file that does not say what it must
    │   ├── Forbidden            a caller who may not do this
    │   ├── NotSignedIn          a caller who does not show who it is
    │   ├── TooManyAttempts      a password that was tried too often
    │   └── PersonalDataFound    keep met personal data or a secret
    ├── DecodeError              bytes that are not the OTLP they claim to be         exit 2
    │   └── BodyTooLarge         more bytes than may be read, plain or inflated
    ├── StoreError               a store that cannot be opened or is of a newer make  exit 2
    │   └── Overloaded           more comes in than the store can take at the moment
    ├── RecordingTampered        a recording that does not match its hash             exit 2
    ├── UnguardedTools           a replay would run tools for real                    exit 2
    ├── SourceFailed             a tool that traces are fetched from fails            exit 5
    ├── ServerFailed             a server that is not there, or none of ours          exit 5
    ├── ModelFailed              a language model gives no answer that can be used    exit 5
    ├── NotComparable            below a fidelity floor, or sides that differ         exit 3
    ├── NothingJudged            a test run that had nothing to judge                 exit 4
    └── AgentUnreachable         no connection to the agent under test                exit 5

What goes wrong *inside* a replay (a tool miss, a timeout, a divergence) is a value in its
result, never one of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

PROBLEM = "urn:reenact:"
"""What stands before the kind of an error where a server tells it."""


class ReenactError(Exception):
    """Raised when Reenact cannot go on; says what is wrong, where, and what to do next.

    Attributes:
        what: The problem in one sentence.
        where: The file, line, id or address it was met at, if there is one.
        next_step: What the reader can do about it.
    """

    exit_code = 2

    @classmethod
    def kind(cls) -> str:
        """Return the name of this kind of error, as a server tells it: `unknown-id`."""
        return re.sub("(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, what: str, *, where: str | None = None, next_step: str | None = None):
        self.what = what
        self.where = where
        self.next_step = next_step
        super().__init__(self.render())

    def render(self) -> str:
        """Return the three parts as the lines a person reads."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  -> {self.next_step}" if self.next_step else head


class UsageError(ReenactError):
    """Raised when a command, flag, id or file is used in a way that cannot work."""


class UnknownId(UsageError):
    """Raised when ids are named that the store does not hold; carries all of them."""

    def __init__(self, noun: str, ids: Sequence[str], *, next_step: str | None = None):
        self.noun = noun
        self.ids = tuple(ids)
        shown = ", ".join(self.ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        super().__init__(f"no such {noun}: {shown}", next_step=next_step)


class AgentNotLoaded(UsageError):
    """Raised when the agent under test does not import, or its file does not parse."""


class KeptFileError(UsageError):
    """Raised when a kept file is not readable or holds something it cannot hold."""


class Forbidden(UsageError):
    """Raised when a caller of the API asks for what its key or login does not allow."""


class NotSignedIn(UsageError):
    """Raised when a caller of the API shows no login and no key, or none that holds."""


class TooManyAttempts(UsageError):
    """Raised when passwords are tried too often; `wait_s` says when the next one may be."""

    def __init__(self, wait_s: int):
        self.wait_s = wait_s
        super().__init__("too many wrong passwords", next_step=f"try again in {wait_s} s")


class PersonalDataFound(UsageError):
    """Raised when `keep` meets personal data or a secret; `findings` says which and where."""

    def __init__(self, findings: Sequence[str]):
        self.findings = tuple(findings)
        shown = "; ".join(self.findings[:5])
        more = f"; and {len(findings) - 5} more" if len(findings) > 5 else ""
        super().__init__(
            f"personal data or secrets in the recording: {shown}{more}",
            next_step="read them, then pass --allow-personal-data to keep the file as it is",
        )


class DecodeError(ReenactError):
    """Raised when a request body or file is not the OTLP that it claims to be."""


class BodyTooLarge(DecodeError):
    """Raised when a body is larger than what may be read, as it came or inflated."""


class StoreError(ReenactError):
    """Raised when a store cannot be opened, is locked for too long, or is of a newer make."""


class Overloaded(StoreError):
    """Raised when more waits to be stored than may wait; it may be sent again later."""


class SourceFailed(ReenactError):
    """Raised when a tool that traces are fetched from refuses, fails or answers nonsense."""

    exit_code = 5


class ServerFailed(ReenactError):
    """Raised when a Reenact server that was named is not there, is none of ours, or fails."""

    exit_code = 5


class RecordingTampered(ReenactError):
    """Raised when a recording's content does not give the hash that names it."""


class UnguardedTools(ReenactError):
    """Raised before a replay that would run tools for real; names every one of them."""

    def __init__(self, tools: Sequence[str], *, reason: str, next_step: str):
        self.tools = tuple(tools)
        super().__init__(f"{reason}: {', '.join(self.tools)}", next_step=next_step)


class ModelFailed(ReenactError):
    """Raised when a language model does not answer, or not in the shape that was asked for."""

    exit_code = 5


class NotComparable(ReenactError):
    """Raised when a capture is below the floor that was asked for."""

    exit_code = 3


class NothingJudged(ReenactError):
    """Raised when a test run ended without one verdict."""

    exit_code = 4


class AgentUnreachable(ReenactError):
    """Raised when the agent under test does not take connections."""

    exit_code = 5


def error_of(
    kind: str,
    what: str,
    *,
    where: str | None = None,
    next_step: str | None = None,
    ids: Sequence[str] = (),
) -> ReenactError:
    """Return an error of that `kind()` with words that are there already; a plain one else."""
    found = next((one for one in _kinds(ReenactError) if one.kind() == kind), ReenactError)
    error = found.__new__(found)
    ReenactError.__init__(error, what, where=where, next_step=next_step)
    if isinstance(error, UnknownId):
        error.noun, error.ids = "thing", tuple(ids)
    return error


def _kinds(parent: type[ReenactError]) -> Iterator[type[ReenactError]]:
    for kind in parent.__subclasses__():
        yield kind
        yield from _kinds(kind)
