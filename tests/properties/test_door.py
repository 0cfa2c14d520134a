"""Whatever stands in its headers, nothing gets past the door that shows no key and no login."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from reenact.access.keys import Keys
from reenact.access.people import People
from reenact.server.app import create_app
from reenact.server.headers import SECURITY
from support.workspaces import workspace_in

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
VALUES = {
    "host": st.sampled_from(["localhost", "[::1]:4318", "127.0.0.1:99999", "", "[", "evil:1:2"]),
    "origin": st.sampled_from(["http://localhost", "null", "http://[", "x://", "https:"]),
    "sec-fetch-site": st.sampled_from(["same-origin", "none", "cross-site", ""]),
    "authorization": st.sampled_from(
        ["Bearer", "Bearer rnk_", "Bearer rnk_a_b_c", "bearer  ", "x"]
    ),
    "cookie": st.sampled_from(["reenact", "reenact=", "reenact=a; reenact=b", "__Host-reenact=x"]),
    "x-csrf-token": st.just("0" * 64),
    "x-forwarded-for": st.sampled_from(["", ",", "::1%lo, x", "1.2.3.4"]),
    "idempotency-key": st.just("once"),
    "accept-encoding": st.sampled_from(["br;q=0", ";;,", "gzip;q=x"]),
    "accept": st.sampled_from(["text/html", "*/*", ""]),
}
HEADERS = st.fixed_dictionaries({}, optional={k: v | LATIN for k, v in VALUES.items()})
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
PATHS = st.sampled_from(
    ["/api/v1/projects", "/api/v1/keys", "/api/v1/demo", "/metrics", "/v1/traces", "/x/v1/logs"]
)
REFUSED = {401, 403}
PAGES = {200, 404, 405, 503}
"""What a page's path may be answered; it holds no data."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with workspace_in(tmp_path_factory.mktemp("door")) as workspace:
        People(workspace.access).set_password("correct horse battery")
        Keys(workspace.access).make("shop", name="n", scopes=["read"])
        app = create_app(workspace, behind_tls=True)
        with TestClient(app, base_url="http://localhost") as opened:
            yield opened


@settings(max_examples=200, deadline=None)
@given(method=METHODS, path=PATHS, headers=HEADERS)
def test_nothing_gets_past_the_door(
    client: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    sent = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = client.request(method, path, headers=sent)
    open_to_all = method in ("GET", "HEAD", "OPTIONS") and path in ("/v1/traces", "/x/v1/logs")
    assert answer.status_code in REFUSED | (PAGES if open_to_all else set())
    assert answer.headers["content-security-policy"] == SECURITY["content-security-policy"]
