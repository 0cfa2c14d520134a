from __future__ import annotations

from pathlib import Path

import pytest

from reenact.errors import UsageError
from reenact.llm.models import HOSTS, make_model, model_of
from reenact.settings import Settings, read_settings

KEY = "sk-very-secret-0123456789"


def made(text: str, **environ: str) -> str:
    return make_model(text, environ=environ, timeout_s=1, retries=0).name


def test_without_a_setting_there_is_no_model(tmp_path: Path) -> None:
    bare = Settings(home=tmp_path, spans_url="", database_url="", blobs_url="")
    assert model_of(bare, environ={}) is None


def test_the_settings_name_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REENACT_MODEL", "http://127.0.0.1:11434/v1#qwen3:8b")
    monkeypatch.setenv("REENACT_MODEL_TIMEOUT_S", "5.5")
    monkeypatch.setenv("REENACT_MODEL_RETRIES", "1")
    settings = read_settings()
    assert (settings.model_timeout_s, settings.model_retries) == (5.5, 1)
    model = model_of(settings, environ={})
    assert model is not None
    assert model.name == "qwen3:8b at 127.0.0.1:11434"


def test_a_wrong_number_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REENACT_MODEL_RETRIES", "-1")
    with pytest.raises(UsageError, match="REENACT_MODEL_RETRIES"):
        read_settings()


@pytest.mark.parametrize("name", HOSTS)
def test_a_provider_that_speaks_chat_completions_needs_its_key_and_no_package(name: str) -> None:
    key = HOSTS[name].key
    assert made(f"{name}:a/model:free", **({key: KEY} if key else {})) == f"{name}:a/model:free"
    if key:
        with pytest.raises(UsageError, match=f"needs the environment variable {key}"):
            made(f"{name}:m")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("gpt-4.1-mini", "write provider:model"),
        ("openai:", "write provider:model"),
        ("http://127.0.0.1:11434/v1", "write it after the address"),
        ("http://#m", "no address that can be asked"),
        ("http://h:999999/v1#m", "no address that can be asked"),
        (f"http://me:{KEY}@h/v1#m", "REENACT_MODEL_API_KEY"),
        (f"http://h/v1?key={KEY}#m", "REENACT_MODEL_API_KEY"),
    ],
)
def test_words_that_name_no_model_are_refused_with_the_next_step(text: str, part: str) -> None:
    with pytest.raises(UsageError) as error:
        made(text)
    assert part in str(error.value)
    assert KEY not in str(error.value)


def test_the_key_of_one_provider_is_not_sent_to_another_address() -> None:
    model = make_model(
        "http://127.0.0.1:1/v1#m", environ={"OPENAI_API_KEY": KEY}, timeout_s=1, retries=0
    )
    assert model._provider.secrets == ()
