"""Where a source is, and the keys: checked before anything is sent."""

from __future__ import annotations

import pytest

from reenact.capture.fetching.access import SourceName, access_to
from reenact.errors import UsageError

LANGFUSE = {"LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": "sk"}
LANGSMITH = {"LANGSMITH_API_KEY": "ls"}
VAPI = {"VAPI_API_KEY": "v"}
RETELL = {"RETELL_API_KEY": "r"}


@pytest.mark.parametrize(
    ("source", "environ", "expected"),
    [
        ("langfuse", {**LANGFUSE, "LANGFUSE_HOST": "https://f.test/"}, "https://f.test"),
        ("langfuse", {**LANGFUSE, "LANGFUSE_BASE_URL": "https://f.test/api/public"}, "https://f.test"),
        ("langsmith", {**LANGSMITH, "LANGSMITH_ENDPOINT": "https://s.test/api/v1"}, "https://s.test"),
        ("phoenix", {"PHOENIX_COLLECTOR_ENDPOINT": "http://localhost:6006/v1/traces"}, "http://localhost:6006"),
        ("mlflow", {"MLFLOW_TRACKING_URI": "https://m.test/ml"}, "https://m.test/ml"),
        ("vapi", VAPI, "https://api.vapi.ai"),
        ("retell", RETELL, "https://api.retellai.com"),
        ("retell", {**RETELL, "RETELL_BASE_URL": "https://r.test/"}, "https://r.test"),
    ],
)  # fmt: skip
def test_the_address_is_what_the_tools_own_variable_says(
    source: SourceName, environ: dict[str, str], expected: str
):
    assert access_to(source, environ).url == expected


def test_the_command_line_wins_over_the_environment():
    environ = {"MLFLOW_TRACKING_URI": "https://m.test"}

    assert access_to("mlflow", environ, url="https://other.test").url == "https://other.test"


@pytest.mark.parametrize(
    ("source", "environ", "headers"),
    [
        ("langfuse", LANGFUSE, {"authorization": "Basic cGs6c2s="}),
        ("langsmith", LANGSMITH, {"x-api-key": "ls"}),
        (
            "langsmith",
            {"LANGCHAIN_API_KEY": "lc", "LANGSMITH_WORKSPACE_ID": "w"},
            {"x-api-key": "lc", "x-tenant-id": "w"},
        ),
        ("phoenix", {}, {}),
        ("phoenix", {"PHOENIX_API_KEY": "p"}, {"authorization": "Bearer p"}),
        ("mlflow", {"MLFLOW_TRACKING_TOKEN": "t"}, {"authorization": "Bearer t"}),
        (
            "mlflow",
            {"MLFLOW_TRACKING_USERNAME": "a", "MLFLOW_TRACKING_PASSWORD": "b"},
            {"authorization": "Basic YTpi"},
        ),
        ("vapi", VAPI, {"authorization": "Bearer v"}),
        ("retell", RETELL, {"authorization": "Bearer r"}),
    ],
)
def test_keys_come_from_the_environment(
    source: SourceName, environ: dict[str, str], headers: dict[str, str]
):
    assert access_to(source, environ, url="https://x.test").headers == headers


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("langfuse", "LANGFUSE_PUBLIC_KEY"),
        ("langsmith", "LANGSMITH_API_KEY"),
        ("vapi", "VAPI_API_KEY"),
        ("retell", "RETELL_API_KEY"),
    ],
)
def test_a_key_that_is_missing_is_named(source: SourceName, missing: str):
    with pytest.raises(UsageError, match=f"{missing} is not set"):
        access_to(source, {}, url="https://x.test")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("example.test", "no address of a server"),
        ("ftp://example.test", "no address of a server"),
        ("http://example.test", "in the clear"),
        ("https://user:pass@example.test", "a login, a query or a fragment"),
        ("https://example.test?key=1", "a login, a query or a fragment"),
        ("http://[::1", "no address of a server"),
        ("http://127.0.0.1.example.test", "in the clear"),
    ],
)
def test_an_address_that_is_not_fit_for_keys_is_refused(url: str, words: str):
    with pytest.raises(UsageError, match=words):
        access_to("phoenix", {}, url=url)


@pytest.mark.parametrize(
    ("source", "url"),
    [("vapi", "https://v.test/call"), ("retell", "https://v.test/v3/list-calls")],
)
def test_the_address_of_the_list_itself_is_taken_too(source: SourceName, url: str):
    assert access_to(source, {**VAPI, **RETELL}, url=url).url == "https://v.test"


@pytest.mark.parametrize("host", ["127.0.0.1:6006", "localhost:6006", "[::1]:6006", "127.8.0.1"])
def test_this_machine_may_be_asked_in_the_clear(host: str):
    assert access_to("phoenix", {}, url=f"http://{host}").loopback


def test_another_machine_may_be_asked_in_the_clear_where_it_is_said_so():
    access = access_to("phoenix", {}, url="http://box.test:6006", insecure=True)

    assert (access.url, access.loopback) == ("http://box.test:6006", False)


def test_a_source_whose_address_nobody_names_is_asked_for():
    with pytest.raises(UsageError, match=r"where is phoenix\?"):
        access_to("phoenix", {})
