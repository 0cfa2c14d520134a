"""Who asks, and what they may do: in which projects, with which scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from reenact.domain.access import SCOPES, Scope
from reenact.errors import Forbidden, UnknownId


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who asks: a person (all projects), or an API key (one)."""

    project: str | None = None
    """The only project that there is for this caller; None for all."""
    scopes: frozenset[Scope] = frozenset(SCOPES)
    person: bool = True
    """True for who may see keys, settings and the server itself."""
    signed_in: bool = False
    """True for a person with a login."""
    key: str | None = None
    """The id of the API key that was shown."""

    @property
    def name(self) -> str:
        """What tells this caller from others: all people are one."""
        return f"key {self.key}" if self.key else "person"

    def sees(self, project: str) -> bool:
        """Tell whether there is such a project for this caller."""
        return self.project in (None, project)

    def may(self, scope: Scope, *, of: str, noun: str = "project", id: str | None = None) -> None:
        """Return if this caller may do what `scope` names with a thing of project `of`.

        Raises:
            UnknownId: where the project is another's; said as of a thing that is not there.
            Forbidden: where the key lacks the scope.
        """
        if not self.sees(of):
            raise UnknownId(noun, [id or of])
        self.must(scope)

    def must(self, scope: Scope) -> None:
        """Return if this caller has `scope`, or raise Forbidden."""
        if scope not in self.scopes:
            raise Forbidden(
                f"this key lacks the scope {scope}", next_step="make a key that has it in Settings"
            )

    def must_be_person(self) -> None:
        """Return if this is a person, or raise Forbidden."""
        if not self.person:
            raise Forbidden("a key cannot do this", next_step="sign in to do it")


EVERYBODY = Caller()
"""Who asks a server that listens on loopback without a login."""
SIGNED_IN = Caller(signed_in=True)
NOBODY = Caller(scopes=frozenset(), person=False)
"""Who shows nothing where something must be shown: they may sign in, and nothing else."""


def caller_of(request: Request) -> Caller:
    """Return who asks, as the check at the door found out; everybody where there is none."""
    found: Caller = getattr(request.state, "caller", EVERYBODY)
    return found


Asking = Annotated[Caller, Depends(caller_of)]
