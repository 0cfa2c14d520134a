"""What the environment says: the stores, where the server listens, the language model.

Read once at the edge (a command, the server, the pytest plugin) and passed down as a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from reenact.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are. `read_settings` makes one from the environment."""

    home: Path
    """The folder of everything that Reenact keeps by itself (`REENACT_HOME`)."""
    spans_url: str
    """The span store, such as `sqlite:////data/spans.db` (`REENACT_SPANS_URL`)."""
    database_url: str
    """The records, as SQLAlchemy writes a URL (`REENACT_DATABASE_URL`)."""
    blobs_url: str
    """The folder or bucket of audio and images (`REENACT_BLOBS_URL`)."""
    host: str = "127.0.0.1"
    """The address that `reenact serve` listens on (`REENACT_HOST`): this machine only."""
    port: int = 4318
    """The port that `reenact serve` listens on (`REENACT_PORT`): that of OTLP over HTTP."""
    grpc_port: int = 4317
    """The port for OTLP over gRPC (`REENACT_GRPC_PORT`), where the extra is installed."""
    password: str | None = field(default=None, repr=False)
    """What people must know to sign in (`REENACT_PASSWORD`); what was set before by default."""
    model: str | None = None
    """The language model (`REENACT_MODEL`), such as `openai:gpt-4.1-mini` or
    `http://127.0.0.1:11434/v1#qwen3`. None: what needs a model says so."""
    model_timeout_s: float = 60.0
    """The longest a model may take for an answer (`REENACT_MODEL_TIMEOUT_S`)."""
    model_retries: int = 4
    """How often a model is asked again after what may pass (`REENACT_MODEL_RETRIES`)."""
    tools_token: str | None = field(default=None, repr=False)
    """What callers of the tool server must know (`REENACT_TOOLS_TOKEN`); fresh by default."""


def read_settings() -> Settings:
    """Return the settings that the `REENACT_*` variables give, with defaults under the home.

    Raises:
        UsageError: naming the variable whose value does not fit.
    """
    # Importing pydantic-settings takes longer than everything else a short command does.
    from pydantic import Field, ValidationError
    from pydantic_settings import BaseSettings, SettingsConfigDict

    class Environment(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="REENACT_", env_ignore_empty=True)

        home: Path = Path("~/.reenact")
        spans_url: str | None = None
        database_url: str | None = None
        blobs_url: str | None = None
        host: str = "127.0.0.1"
        port: int = Field(default=4318, ge=0, le=65535)
        grpc_port: int = Field(default=4317, ge=0, le=65535)
        password: str | None = None
        model: str | None = None
        model_timeout_s: float = Field(default=60.0, gt=0)
        model_retries: int = Field(default=4, ge=0, le=20)
        tools_token: str | None = None

    try:
        given = Environment()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "REENACT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise UsageError(first["msg"], where=name, next_step=f"correct or unset {name}") from None
    home = given.home.expanduser().absolute()
    return Settings(
        home=home,
        spans_url=given.spans_url or f"sqlite:///{home / 'spans.db'}",
        database_url=given.database_url or f"sqlite:///{home / 'reenact.db'}",
        blobs_url=given.blobs_url or (home / "blobs").as_uri(),
        host=given.host,
        port=given.port,
        grpc_port=given.grpc_port,
        password=given.password,
        model=given.model,
        model_timeout_s=given.model_timeout_s,
        model_retries=given.model_retries,
        tools_token=given.tools_token,
    )
