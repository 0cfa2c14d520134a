"""Where a source is and how to be let in: the address checked, the keys out of the environment."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from reenact.errors import UsageError

SourceName = Literal["langfuse", "langsmith", "phoenix", "mlflow", "vapi", "retell"]

_ADDRESS: dict[SourceName, tuple[str, ...]] = {
    "langfuse": ("LANGFUSE_BASE_URL", "LANGFUSE_HOST"),
    "langsmith": ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT"),
    "phoenix": ("PHOENIX_COLLECTOR_ENDPOINT",),
    "mlflow": ("MLFLOW_TRACKING_URI",),
    "vapi": (),
    "retell": ("RETELL_BASE_URL",),
}
_USUAL: dict[SourceName, str] = {
    "vapi": "https://api.vapi.ai",
    "retell": "https://api.retellai.com",
}
"""The address of a service that has only one."""
_ENDINGS: dict[SourceName, tuple[str, ...]] = {
    "langfuse": ("/api/public",),
    "langsmith": ("/api/v1", "/api"),
    "phoenix": ("/v1/traces",),
    "mlflow": (),
    "vapi": ("/call",),
    "retell": ("/v3/list-calls", "/v2/list-calls"),
}
"""What an address may end in that is meant for something else than its API as a whole."""
_KEYS: dict[SourceName, str] = {
    "langfuse": "LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY",
    "langsmith": "LANGSMITH_API_KEY",
    "phoenix": "PHOENIX_API_KEY",
    "mlflow": "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN,",
    "vapi": "VAPI_API_KEY (the private key)",
    "retell": "RETELL_API_KEY",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a source is and what to send along. Its keys show in no text of it."""

    url: str
    """The address without a slash at its end."""
    loopback: bool
    keys: str = "the keys"
    """The names of the variables that hold the keys."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Texts that must never show, whatever a server answers."""


def access_to(
    source: SourceName,
    environ: Mapping[str, str],
    *,
    url: str | None = None,
    insecure: bool = False,
) -> Access:
    """Return the access to a source.

    The address is `url`, else what the variables say that the tool's own library reads, else
    that of the one service there is; keys come from the environment only.

    Raises:
        UsageError: where the address or a key is missing, or the address is not fit for keys.
    """
    headers, secrets = _keys(source, environ)
    address = url or next((environ[n] for n in _ADDRESS[source] if environ.get(n)), None)
    address = address or _USUAL.get(source)
    if address is None:
        raise UsageError(
            f"where is {source}?",
            where="--url",
            next_step=f"give --url, or set {_ADDRESS[source][0]}",
        )
    plain, loopback = _checked(address, insecure=insecure)
    for ending in _ENDINGS[source]:
        plain = plain.removesuffix(ending)
    return Access(
        url=plain, loopback=loopback, keys=_KEYS[source], headers=headers, secrets=secrets
    )


def _checked(address: str, *, insecure: bool) -> tuple[str, bool]:
    """Return the address without what it may not have, and whether it is on this machine."""
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        raise UsageError(
            "this is no address of a server",
            where="--url",
            next_step="write https://host, or http://127.0.0.1:6006 for this machine",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            "an address with a login, a query or a fragment is not taken: it would be kept",
            where="--url",
            next_step="put keys into the environment, and give scheme, host and port only",
        )
    loopback = _is_loopback(host)
    if parts.scheme == "http" and not loopback and not insecure:
        raise UsageError(
            f"keys and traces would travel to {host} in the clear",
            where="--url",
            next_step="use https, or say --insecure where the network between is trusted",
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", loopback


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _keys(source: SourceName, environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the headers that let in, and the secrets in them."""
    if source == "langfuse":
        public, secret = (_needed(environ, f"LANGFUSE_{n}_KEY") for n in ("PUBLIC", "SECRET"))
        return _basic(public, secret)
    if source == "langsmith":
        key = environ.get("LANGSMITH_API_KEY") or environ.get("LANGCHAIN_API_KEY")
        key = key or _needed(environ, "LANGSMITH_API_KEY")
        workspace = environ.get("LANGSMITH_WORKSPACE_ID") or environ.get("LANGSMITH_TENANT_ID")
        return {"x-api-key": key} | ({"x-tenant-id": workspace} if workspace else {}), (key,)
    if source == "phoenix":
        return _bearer(environ.get("PHOENIX_API_KEY"))
    if source in ("vapi", "retell"):
        return _bearer(_needed(environ, f"{source.upper()}_API_KEY"))
    name, password = (environ.get(f"MLFLOW_TRACKING_{n}") for n in ("USERNAME", "PASSWORD"))
    if name and password:
        return _basic(name, password)
    return _bearer(environ.get("MLFLOW_TRACKING_TOKEN"))


def _needed(environ: Mapping[str, str], name: str) -> str:
    found = environ.get(name)
    if not found:
        raise UsageError(f"{name} is not set", next_step=f"set {name} in the environment")
    return found


def _basic(name: str, password: str) -> tuple[dict[str, str], tuple[str, ...]]:
    coded = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"authorization": f"Basic {coded}"}, (password, coded)


def _bearer(key: str | None) -> tuple[dict[str, str], tuple[str, ...]]:
    return ({"authorization": f"Bearer {key}"}, (key,)) if key else ({}, ())
