"""The built pages: files beside their compressed forms, and the shell for every deep link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import Headers, URLPath
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from reenact.server.refusing import is_api

STATIC = Path(__file__).with_name("static")
"""Where the build puts the pages; it is not in version control."""
SHELL = "index.html"
_HASHED = "assets/"
"""Files below have a digest of their content in their names."""
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_CODINGS = {"br": ".br", "gzip": ".gz"}
"""Content codings, the smaller first, and how their files end."""

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reenact: no pages here</title></head>
<body><h1>The pages are not built</h1>
<p>This server takes traces and answers its API under <code>/api/v1</code>, but its pages are
missing: it runs from a copy of the source in which they were not built.</p>
<p>Run <code>make pages</code> in that folder, and load this page again. A released package
(<code>pip install reenact</code>) has them.</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    media_type: str
    caching: str
    packed: Mapping[str, Path] = field(default_factory=dict)
    """The same content in each coding that there is."""


class Pages(BaseRoute):
    """Answers GET with the files of `folder`, and with its shell where a browser opens a page."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._shell = folder / SHELL
        self._read: int | None = None
        self._files: Mapping[str, _File] = {}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what is a file here, or a page to open."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return Match.NONE, {}
        found = self._named(scope["path"]) or _is_page(scope["path"], Headers(scope=scope))
        return (Match.FULL, {"endpoint": self}) if found else (Match.NONE, {})

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Know no route by name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file, the shell, or how to get one."""
        found = self._named(scope["path"]) or self._named(f"/{SHELL}")
        answer = _NOT_BUILT if found is None else _answer(found, Request(scope))
        await answer(scope, receive, send)

    def _named(self, path: str) -> _File | None:
        """Return the file of that path. Only what was found in the folder can be named."""
        self._look_again()
        return self._files.get(path.removeprefix("/"))

    def _look_again(self) -> None:
        """Read the folder where its shell was written anew."""
        try:
            written = self._shell.stat().st_mtime_ns
        except OSError:
            self._read, self._files = None, {}
            return
        if written != self._read:
            self._files = _files_in(self._folder)
            self._read = written


def _is_page(path: str, headers: Headers) -> bool:
    """Tell whether somebody opens a page: one of ours, or any path typed into a browser."""
    if path in ("/", "/login") or path.startswith("/p/"):
        return True
    elsewhere = is_api(path) or path.startswith("/v1/")
    return not elsewhere and "text/html" in headers.get("accept", "")


def _answer(file: _File, request: Request) -> Response:
    headers = {"cache-control": file.caching, "vary": "accept-encoding"}
    coding = _chosen(file.packed, request.headers.get("accept-encoding", ""))
    if coding is None:
        return FileResponse(file.path, media_type=file.media_type, headers=headers)
    headers["content-encoding"] = coding
    return FileResponse(file.packed[coding], media_type=file.media_type, headers=headers)


def _chosen(packed: Iterable[str], accepted: str) -> str | None:
    """Return the first coding of `packed` that the client takes; None for none of them."""
    taken = set()
    for part in accepted.split(","):
        name, _, quality = part.partition(";")
        if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            taken.add(name.strip().lower())
    return next((coding for coding in packed if coding in taken), None)


def _files_in(folder: Path) -> Mapping[str, _File]:
    paths = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    packed = tuple(_CODINGS.values())
    return {
        name: _File(
            path,
            _TYPES.get(path.suffix, "application/octet-stream"),
            _FOREVER if name.startswith(_HASHED) else _ASK_AGAIN,
            {c: paths[name + end] for c, end in _CODINGS.items() if name + end in paths},
        )
        for name, path in paths.items()
        if not name.endswith(packed)
    }


_NOT_BUILT = HTMLResponse(NOT_BUILT, status_code=503)
