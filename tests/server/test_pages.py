"""The built pages: what is served, how it may be kept, and where there are none."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Match
from starlette.testclient import TestClient

from reenact.server.pages import Pages

SHELL = "<!doctype html><title>Reenact</title>"
SCRIPT = "console.log('reenact')\n" * 50
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text(SHELL)
    (assets.parent / "icon.svg").write_text("<svg/>")
    (assets / "main-1a2b.js").write_text(SCRIPT)
    (assets / "main-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (assets / "main-1a2b.js.br").write_bytes(b"brotli")
    (assets / "a.woff2").write_bytes(b"font")
    (tmp_path / "secret.txt").write_text("secret")
    return assets.parent


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[Pages(folder)])) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/login", "/p/shop/sessions?text=a%2Fb", "/p/a/calls/r.x"])
def test_every_deep_link_gives_the_shell_which_is_asked_for_again(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (200, SHELL)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_path_typed_into_a_browser_gives_the_shell_and_to_a_program_404(client):
    assert client.get("/sessions", headers=BROWSER).text == SHELL
    assert client.get("/sessions").status_code == 404
    assert client.get("/assets/gone-3c4d.js").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/v1/traces"])
def test_paths_of_programs_never_give_a_page(client, path):
    assert client.get(path, headers=BROWSER).status_code == 404


def test_a_file_with_a_digest_in_its_name_may_be_kept_for_good(client):
    script = client.get("/assets/main-1a2b.js", headers={"accept-encoding": "identity"})
    assert script.text == SCRIPT
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]
    assert client.get("/icon.svg").headers["cache-control"] == "no-cache"
    assert client.get("/assets/a.woff2").headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("zstd", None),
        ("", None),
    ],
)
def test_the_smallest_form_that_the_client_reads_is_sent(client, accepted, coding):
    answer = client.head("/assets/main-1a2b.js", headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "accept-encoding"


def test_what_is_sent_packed_is_the_same_script(client):
    answer = client.get("/assets/main-1a2b.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == SCRIPT


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/assets/..\\..\\secret.txt",
        "//secret.txt",
        "/./index.html",
        "/assets",
        "/assets/",
        "/assets/main-1a2b.js.gz",
        "/\x00",
    ],
)
def test_nothing_but_what_lies_in_the_folder_can_be_named(folder, path):
    # Not through a client: it would tidy the path up first.
    asked = {"type": "http", "method": "GET", "path": path, "headers": []}
    assert Pages(folder).matches(asked) == (Match.NONE, {})


@pytest.mark.parametrize("path", ["/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%00"])
def test_a_path_in_disguise_names_nothing_either(client, path):
    assert client.get(path).status_code == 404


def test_pages_that_are_built_anew_are_served_without_a_restart(client, folder):
    assert client.get("/").text == SHELL
    (folder / "assets" / "main-5e6f.js").write_text("new")
    (folder / "index.html").write_text("new shell")
    assert client.get("/").text == "new shell"
    assert client.get("/assets/main-5e6f.js").text == "new"


def test_where_they_are_not_built_a_page_says_how(tmp_path):
    client = TestClient(Starlette(routes=[Pages(tmp_path / "nothing")]))
    answer = client.get("/p/shop/sessions")
    assert answer.status_code == 503
    assert "make pages" in answer.text
    assert client.post("/").status_code == 404
