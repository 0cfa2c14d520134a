"""People and keys: who asks, signing in and out, and the keys of a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AwareDatetime, Field

from reenact.access.keys import Keys
from reenact.access.passwords import LONGEST
from reenact.access.people import People, csrf_of
from reenact.domain.access import KeyMade, KeyView, Scope
from reenact.server.api.callers import Asking
from reenact.server.api.paging import Cursor, Limit, Page, page, place_of
from reenact.server.api.routes import routes_of
from reenact.server.visits import Visit, forget, remember
from reenact.store.documents import microseconds

_Name = Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Whether somebody is signed in, and what the pages need to go on."""

    login_required: bool
    signed_in: bool
    csrf: str | None
    """To be sent as `X-CSRF-Token` with every change; None where nobody is signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAsked:
    """Somebody who wants to sign in."""

    password: Annotated[str, Field(max_length=LONGEST, examples=["correct horse battery"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAsked:
    """A key to make."""

    project_id: Annotated[str, _Name, Field(examples=["northlight"])]
    name: Annotated[str, _Name, Field(examples=["exporter of the support agent"])]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, examples=[["ingest"]])]
    """`ingest` sends traces, `read` reads, `run` starts replays and changes what they need."""
    expires_at: AwareDatetime | None = None
    """When it ends to open anything; None for never."""


def _visit(request: Request) -> Visit:
    found: Visit = request.state.visit
    return found


Visiting = Annotated[Visit, Depends(_visit)]


def router(people: People, keys: Keys) -> APIRouter:
    """Return the routes of people and of keys."""
    routes = routes_of("people")
    _people(routes, people)
    _keys(routes, keys)
    return routes


def _people(routes: APIRouter, people: People) -> None:

    @routes.get("/me")
    def me(who: Asking, visit: Visiting) -> Me:
        """Say whether somebody must sign in, and has."""
        if not who.signed_in or visit.login is None:
            return _signed_out(people)
        return Me(login_required=True, signed_in=True, csrf=csrf_of(visit.login))

    @routes.post("/login")
    def login(asked: LoginAsked, visit: Visiting, answer: Response) -> Me:
        """Sign in: the answer sets a cookie. Where nobody needs to, nothing happens."""
        if not people.need_login():
            return _signed_out(people)
        token = people.sign_in(asked.password, client=visit.client)
        if visit.login is not None:
            people.sign_out(visit.login)
        remember(answer, token, secure=visit.secure)
        return Me(login_required=True, signed_in=True, csrf=csrf_of(token))

    @routes.post("/logout")
    def logout(who: Asking, visit: Visiting, answer: Response) -> Me:
        """Sign out: the login ends, and its cookie goes."""
        if who.signed_in and visit.login is not None:
            people.sign_out(visit.login)
        forget(answer, secure=visit.secure)
        return _signed_out(people)


def _signed_out(people: People) -> Me:
    return Me(login_required=people.need_login(), signed_in=False, csrf=None)


def _keys(routes: APIRouter, keys: Keys) -> None:

    @routes.get("/keys", name="keys")
    def list_keys(
        who: Asking,
        project_id: Annotated[str, Query(max_length=2000)],
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[KeyView]:
        """List the keys of a project, newest first. None of them shows its secret."""
        who.must_be_person()
        after = place_of(cursor, int, str)
        found = keys.of(project_id, limit=limit + 1, after=after)  # type: ignore[arg-type]
        return page(found, limit=limit, place=lambda key: (microseconds(key.created_at), key.id))

    @routes.post("/keys", status_code=201)
    def make_key(who: Asking, asked: KeyAsked) -> KeyMade:
        """Make a key. This answer is the only one that holds its secret."""
        who.must_be_person()
        return keys.make(
            asked.project_id, name=asked.name, scopes=asked.scopes, expires_at=asked.expires_at
        )

    @routes.delete("/keys/{id}", status_code=204, name="revoke")
    def revoke(who: Asking, id: Annotated[str, Path(max_length=200)]) -> None:
        """Revoke a key: it opens nothing from now on."""
        who.must_be_person()
        keys.revoke(id)
