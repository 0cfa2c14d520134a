"""Which web pages may ask: ours, and no other site's."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from support.posts import PROTOBUF, protobuf_body

PROJECTS = "/api/v1/projects"
FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},  # another port of this machine
    {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:8000"},
    {"origin": "null"},
    {"origin": "file://localhost"},
    {"origin": "http://[localhost"},
    {"origin": ""},
]
PAGE = (200, 503)  # 503 where the pages are not built
OWN = [
    {},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},  # typed into the address bar
    {"sec-fetch-site": "same-origin", "origin": "http://localhost:5173"},  # a proxy for developing
    {"origin": "http://localhost"},
    {"origin": "https://LOCALHOST"},  # behind a proxy that speaks https
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_sites_page_neither_reads_nor_writes(
    client: TestClient, headers: dict[str, str]
) -> None:
    read = client.get(PROJECTS, headers=headers)
    assert (read.status_code, read.json()["where"]) == (403, "Origin")
    assert client.get("/metrics", headers=headers).status_code == 403
    written = client.post(
        "/v1/traces", content=protobuf_body(), headers={**headers, "content-type": PROTOBUF}
    )
    assert written.status_code == 403
    assert client.get(PROJECTS).json()["items"] == []


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_our_pages_and_programs_do(client: TestClient, headers: dict[str, str]) -> None:
    written = client.post(
        "/v1/traces", content=protobuf_body(), headers={**headers, "content-type": PROTOBUF}
    )
    assert written.status_code == 200
    assert len(client.get(PROJECTS, headers=headers).json()["items"]) == 1


def test_a_link_from_elsewhere_opens_a_page(client: TestClient) -> None:
    link = {"sec-fetch-site": "cross-site", "accept": "text/html", "origin": "https://chat.example"}
    answer = client.get("/p/shop/sessions", headers=link)
    assert answer.status_code in PAGE
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_no_answer_lets_another_origin_read_it(client: TestClient, method: str) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "GET"}
    answer = client.request(method, PROJECTS, headers=asked)
    assert not [name for name in answer.headers if name.startswith("access-control-")]
