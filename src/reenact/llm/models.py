"""The model of the settings: a URL with a model's name, or `provider:model`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from reenact.errors import UsageError
from reenact.llm.asking import AskedModel
from reenact.llm.port import LanguageModel
from reenact.llm.provider import Provider
from reenact.settings import Settings

_WHERE = "REENACT_MODEL"
_FORMS = (
    "write provider:model, such as openai:gpt-4.1-mini, or the address of an OpenAI-compatible "
    "endpoint and a model, such as http://127.0.0.1:11434/v1#qwen3"
)
_KEY = "REENACT_MODEL_API_KEY"
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A provider that speaks OpenAI's chat completions; no extra is needed for it."""

    url: str
    key: str | None = None
    """The environment variable that holds the key; None where there is none to send."""
    prices: str | None = None
    """The provider's name in the price list."""
    url_variable: str | None = None
    """The environment variable by which the provider's own SDK is sent elsewhere."""


HOSTS: Mapping[str, Host] = {
    "openai": Host(
        url="https://api.openai.com/v1",
        key="OPENAI_API_KEY",
        prices="openai",
        url_variable="OPENAI_BASE_URL",
    ),
    "ollama": Host(url="http://127.0.0.1:11434/v1", url_variable="OLLAMA_BASE_URL"),
    "mistral": Host(url="https://api.mistral.ai/v1", key="MISTRAL_API_KEY", prices="mistral"),
    "groq": Host(url="https://api.groq.com/openai/v1", key="GROQ_API_KEY", prices="groq"),
    "deepseek": Host(url="https://api.deepseek.com/v1", key="DEEPSEEK_API_KEY", prices="deepseek"),
    "openrouter": Host(
        url="https://openrouter.ai/api/v1", key="OPENROUTER_API_KEY", prices="openrouter"
    ),
    "together": Host(url="https://api.together.xyz/v1", key="TOGETHER_API_KEY", prices="together"),
    "xai": Host(url="https://api.x.ai/v1", key="XAI_API_KEY", prices="x-ai"),
}


def model_of(settings: Settings, *, environ: Mapping[str, str]) -> LanguageModel | None:
    """Return the model that the settings name, None where they name none.

    Keys are looked up in `environ`, sent with requests, and kept out of every message.

    Raises:
        UsageError: for words that name no model, a missing key, or a missing package.
    """
    if settings.model is None:
        return None
    return make_model(
        settings.model,
        environ=environ,
        timeout_s=settings.model_timeout_s,
        retries=settings.model_retries,
    )


def make_model(
    text: str, *, environ: Mapping[str, str], timeout_s: float, retries: int
) -> AskedModel:
    """Return the model that `text` names; raises as `model_of` does."""
    return AskedModel(_provider(text.strip(), environ), timeout_s=timeout_s, retries=retries)


def _provider(text: str, environ: Mapping[str, str]) -> Provider:
    provider, _, model = text.partition(":")
    if provider in ("http", "https"):
        return _by_url(text, environ)
    if not provider or not model:
        raise UsageError(f"{text!r} names no model", where=_WHERE, next_step=_FORMS)
    if host := HOSTS.get(provider):
        return _hosted(text, model, host, environ)
    if find_spec("pydantic_ai") is None:
        raise UsageError(
            f"models of {provider} need a package that is not installed",
            where=_WHERE,
            next_step="pip install 'reenact[llm]'; these need nothing: " + ", ".join(HOSTS),
        )
    from reenact.llm.library import LibraryModel

    # The library looks the key up itself, so all that may be one is kept out of messages.
    secrets = [v for k, v in environ.items() if _SECRET.search(k) and len(v) >= 8]
    return LibraryModel(text, secrets=secrets)


def _hosted(name: str, model: str, host: Host, environ: Mapping[str, str]) -> Provider:
    from reenact.llm.endpoint import Endpoint

    key = environ.get(host.key) if host.key else None
    if host.key and not key:
        raise UsageError(
            f"{name} needs the environment variable {host.key}",
            where=_WHERE,
            next_step=f"export {host.key}=..., or unset {_WHERE}",
        )
    elsewhere = environ.get(host.url_variable) if host.url_variable else None
    return Endpoint(
        url=_checked(elsewhere, host.url_variable or "") if elsewhere else host.url,
        model=model,
        name=name,
        key=key,
        key_name=host.key or _KEY,
        prices=host.prices,
    )


def _by_url(text: str, environ: Mapping[str, str]) -> Provider:
    from reenact.llm.endpoint import Endpoint

    url, _, model = text.partition("#")
    url = _checked(url, _WHERE)
    if not model:
        raise UsageError(
            "the address names no model",
            where=_WHERE,
            next_step="write it after the address, such as http://127.0.0.1:11434/v1#qwen3",
        )
    name = f"{model} at {urlsplit(url).netloc}"
    return Endpoint(url=url, model=model, name=name, key=environ.get(_KEY), key_name=_KEY)


def _checked(url: str, where: str) -> str:
    """Return `url` if it is an address; the key goes into a header, never into the address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("no address that can be asked", where=where, next_step=_FORMS)
    if parts.username is not None or parts.password is not None or parts.query:
        raise UsageError(
            "the address holds a name, a password or a query",
            where=where,
            next_step=f"leave them out; a key goes into {_KEY}",
        )
    return url
