"""Who is let in: people with a login, programs with a key, and on this machine everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from reenact.access.keys import Keys
from reenact.access.people import People
from reenact.runs.workspace import Workspace
from reenact.server.app import create_app
from support.posts import PROTOBUF, protobuf_body
from support.workspaces import workspace_in

API = "/api/v1"
PASSWORD = "correct horse battery"

Serve = Callable[..., TestClient]


@pytest.fixture
def serve(workspace: Workspace) -> Iterator[Serve]:
    """Starts a server over the same stores, as the options say."""
    opened: list[TestClient] = []

    def start(**options: Any) -> TestClient:
        scheme = "https" if options.get("behind_tls") else "http"
        opened.append(
            TestClient(create_app(workspace, **options), base_url=f"{scheme}://localhost")
        )
        return opened[-1].__enter__()

    yield start
    for one in opened:
        one.__exit__(None, None, None)


@pytest.fixture
def locked(workspace: Workspace, serve: Serve) -> TestClient:
    """A client of a server with a password; nobody has signed in."""
    People(workspace.access).set_password(PASSWORD)
    return serve()


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """As `locked`, for tests that change nothing."""
    with workspace_in(tmp_path_factory.mktemp("shut")) as workspace:
        People(workspace.access).set_password(PASSWORD)
        with TestClient(create_app(workspace), base_url="http://localhost") as opened:
            yield opened


def sign_in(client: TestClient, password: str = PASSWORD) -> str:
    answer = client.post(f"{API}/login", json={"password": password})
    assert answer.status_code == 200, answer.text
    csrf = answer.json()["csrf"]
    assert isinstance(csrf, str)
    return csrf


def key(workspace: Workspace, *scopes: Any, project: str = "shop") -> dict[str, str]:
    made = Keys(workspace.access).make(project, name="test", scopes=scopes)
    return {"authorization": f"Bearer {made.secret}"}


def export(client: TestClient, headers: dict[str, str]) -> Any:
    return client.post(
        "/v1/traces",
        content=protobuf_body(),
        headers={"content-type": PROTOBUF, **headers},
    )


class TestWithoutAPassword:
    def test_everybody_on_this_machine_may_do_everything(self, client: TestClient) -> None:
        assert client.get(f"{API}/me").json() == {
            "login_required": False,
            "signed_in": False,
            "csrf": None,
        }
        assert client.post(f"{API}/demo").status_code == 201
        assert client.get(f"{API}/keys", params={"project_id": "x"}).status_code == 200

    def test_signing_in_changes_nothing(self, client: TestClient) -> None:
        answer = client.post(f"{API}/login", json={"password": "whatever it is"})
        assert answer.json()["login_required"] is False
        assert "set-cookie" not in answer.headers

    def test_a_key_limits_who_shows_it_all_the_same(self, client, workspace) -> None:
        reader = key(workspace, "read")
        assert client.get(f"{API}/projects", headers=reader).status_code == 200
        assert export(client, reader).status_code == 403
        assert client.get(f"{API}/info", headers=reader).status_code == 403

    def test_a_bad_key_is_refused_and_another_products_key_passed_over(self, client) -> None:
        bad = export(client, {"authorization": "Bearer rnk_000000000000_0"})
        assert (bad.status_code, bad.headers["www-authenticate"]) == (401, 'Bearer realm="reenact"')
        assert export(client, {"authorization": "Bearer sk-lf-123"}).status_code == 200
        assert export(client, {"authorization": "Basic cGs6c2s="}).status_code == 200


class TestWithAPassword:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", f"{API}/projects"),
            ("GET", f"{API}/openapi.json"),
            ("GET", f"{API}/nothing"),
            ("POST", f"{API}/demo"),
            ("POST", f"{API}/keys"),
            ("DELETE", f"{API}/keys/x"),
            ("GET", "/metrics"),
            ("POST", "/v1/traces"),
            ("POST", "/api/public/otel/v1/traces"),
            ("POST", "/nothing"),
            ("PUT", "/"),
        ],
    )
    def test_nothing_is_told_to_who_shows_nothing(self, shut, method, path) -> None:
        answer = shut.request(method, path)
        assert answer.status_code == 401
        kind = "application/problem+json" if path.startswith(API) else "application/json"
        assert answer.headers["content-type"] == kind
        assert "rnk_" in answer.text, "what to show is said"

    @pytest.mark.parametrize("path", ["/healthz", f"{API}/me", "/login", "/p/shop/sessions"])
    def test_what_holds_no_data_is_open(self, shut, path) -> None:
        assert shut.get(path).status_code in (200, 503)

    def test_who_signs_in_may_read_and_with_the_token_of_the_login_change(self, locked) -> None:
        csrf = sign_in(locked)
        assert locked.get(f"{API}/me").json() == {
            "login_required": True,
            "signed_in": True,
            "csrf": csrf,
        }
        assert locked.get(f"{API}/projects").status_code == 200
        assert locked.post(f"{API}/demo", headers={"x-csrf-token": csrf}).status_code == 201

    @pytest.mark.parametrize("sent", [None, "", "0" * 64, "ü"])
    def test_a_change_without_that_token_is_refused(self, locked, sent) -> None:
        sign_in(locked)
        headers = {} if sent is None else {"x-csrf-token": sent.encode("latin-1")}
        for answer in (
            locked.post(f"{API}/demo", headers=headers),
            locked.delete(f"{API}/keys/x", headers=headers),
            locked.post(f"{API}/logout", headers=headers),
            export(locked, headers),
        ):
            assert answer.status_code == 403
            assert "X-CSRF-Token" in answer.text
        assert locked.get(f"{API}/me").json()["signed_in"]

    def test_the_token_of_another_login_is_refused(self, locked, serve) -> None:
        theirs = sign_in(serve())
        sign_in(locked)
        answer = locked.post(f"{API}/demo", headers={"x-csrf-token": theirs})
        assert answer.status_code == 403

    def test_signing_out_ends_the_login_not_only_the_cookie(self, locked) -> None:
        csrf = sign_in(locked)
        kept = dict(locked.cookies)
        answer = locked.post(f"{API}/logout", headers={"x-csrf-token": csrf})
        assert answer.json() == {"login_required": True, "signed_in": False, "csrf": None}
        assert not locked.cookies
        stolen = {"cookie": "; ".join(f"{name}={value}" for name, value in kept.items())}
        assert locked.get(f"{API}/projects", headers=stolen).status_code == 401

    def test_signing_in_again_ends_the_login_before(self, locked) -> None:
        sign_in(locked)
        first = {"cookie": f"reenact={locked.cookies['reenact']}"}
        sign_in(locked)
        locked.cookies.clear()
        assert locked.get(f"{API}/projects", headers=first).status_code == 401

    def test_another_password_ends_the_login(self, locked, workspace) -> None:
        sign_in(locked)
        People(workspace.access).set_password("another long password")
        assert locked.get(f"{API}/projects").status_code == 401

    def test_a_wrong_password_is_401_and_too_many_are_429(self, locked) -> None:
        wrong = {"password": "wrong horse battery"}
        answers = [locked.post(f"{API}/login", json=wrong) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 300
        assert "set-cookie" not in answers[0].headers

    def test_no_script_reads_the_cookie_and_no_other_site_sends_it(self, locked) -> None:
        cookie = locked.post(f"{API}/login", json={"password": PASSWORD}).headers["set-cookie"]
        assert cookie.startswith("reenact=")
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie

    def test_a_key_needs_no_login_and_no_token_for_changes(self, locked, workspace) -> None:
        both = key(workspace, "read", "ingest")
        assert locked.get(f"{API}/projects", headers=both).status_code == 200
        assert export(locked, both).status_code == 200
        assert locked.get("/metrics", headers=both).status_code == 200
        assert locked.get("/metrics", headers=key(workspace, "ingest")).status_code == 403

    @pytest.mark.parametrize("shown", ["Bearer sk-lf-123", "Bearer", "Bearer rnk_0_0"])
    def test_a_bad_key_is_refused_even_beside_a_login(self, shut, shown) -> None:
        sign_in(shut)
        answer = shut.get(f"{API}/projects", headers={"authorization": shown})
        assert answer.status_code == 401
        shut.cookies.clear()

    def test_no_key_makes_keys_or_looks_at_the_server(self, locked, workspace) -> None:
        every = key(workspace, "ingest", "read", "run")
        asked = {"project_id": "shop", "name": "n", "scopes": ["read"]}
        for answer in (
            locked.post(f"{API}/keys", json=asked, headers=every),
            locked.get(f"{API}/keys", params={"project_id": "shop"}, headers=every),
            locked.delete(f"{API}/keys/x", headers=every),
            locked.get(f"{API}/info", headers=every),
            locked.post(f"{API}/demo", headers=every),
        ):
            assert answer.status_code == 403


class TestBehindAProxyThatSpeaksHttps:
    @pytest.fixture
    def proxied(self, workspace: Workspace, serve: Serve) -> TestClient:
        People(workspace.access).set_password(PASSWORD)
        return serve(behind_tls=True)

    def test_the_cookie_is_for_https_and_this_host_alone(self, proxied) -> None:
        cookie = proxied.post(f"{API}/login", json={"password": PASSWORD}).headers["set-cookie"]
        assert cookie.startswith("__Host-reenact=")
        assert "Secure" in cookie.split("; ")
        assert proxied.get(f"{API}/projects").status_code == 200

    def test_the_client_is_who_the_proxy_saw_last(self, proxied) -> None:
        def fail(forwarded: str) -> int:
            answer = proxied.post(
                f"{API}/login",
                json={"password": "wrong horse battery"},
                headers={"x-forwarded-for": forwarded},
            )
            return answer.status_code

        made_up = [fail(f"198.51.100.{number}, 192.0.2.1") for number in range(6)]
        assert made_up == [401] * 5 + [429]
        assert fail("192.0.2.2") == 401

    def test_nobody_is_believed_where_no_proxy_was_named(self, locked) -> None:
        answers = [
            locked.post(
                f"{API}/login",
                json={"password": "wrong horse battery"},
                headers={"x-forwarded-for": f"192.0.2.{number}", "x-forwarded-proto": "https"},
            )
            for number in range(6)
        ]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]


class TestForOtherMachines:
    def test_people_sign_in_even_where_the_password_is_taken_away_meanwhile(
        self, workspace, serve
    ) -> None:
        client = serve(open_to_others=True)
        assert client.get(f"{API}/projects").status_code == 401
        assert client.post(f"{API}/login", json={"password": ""}).status_code == 401
        assert client.get(f"{API}/projects", headers=key(workspace, "read")).status_code == 200

    @pytest.mark.parametrize("host", ["192.0.2.7:4318", "[2001:db8::1]:4318", "reenact.example"])
    def test_it_is_addressed_by_number_or_by_a_name_that_was_given(self, serve, host) -> None:
        client = serve(open_to_others=True, hosts=["reenact.example"])
        assert client.get("/healthz", headers={"host": host}).status_code == 200
        assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 403


class TestKeysAndProjects:
    def test_what_comes_with_a_key_goes_to_its_project_whatever_it_says(
        self, workspace, serve
    ) -> None:
        client = serve(project="everything")
        assert export(client, key(workspace, "ingest", project="harbour")).status_code == 200
        assert export(client, {}).status_code == 200
        assert sorted(project.id for project in workspace.spans.projects()) == [
            "everything",
            "harbour",
        ]

    def test_a_key_sees_its_own_project_alone(self, client, workspace) -> None:
        for project in ("harbour", "shop"):
            export(client, key(workspace, "ingest", project=project))
        mine = key(workspace, "read", project="harbour")
        listed = client.get(f"{API}/projects", headers=mine).json()["items"]
        assert [project["id"] for project in listed] == ["harbour"]
