"""Files of declared results: what tools shall answer where the recording holds no such call."""

from __future__ import annotations

from pathlib import Path

from reenact.domain.scenario import DeclaredResult
from reenact.errors import UsageError
from reenact.runs.replay import declared_results

MOST_BYTES = 1_000_000
_FORM = "a list of `- tool: NAME`, `arguments: {...}` and `result:` or `error:`"


def declared_in(path: Path) -> tuple[DeclaredResult, ...]:
    """Return the results that a YAML file declares: a list, or one under `declared:`.

    Raises:
        UsageError: naming the file and the line or entry that does not fit.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"larger than {MOST_BYTES:,} bytes", where=str(path))
        text = path.read_text(encoding="utf-8")
        data = YAML(typ="safe", pure=True).load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from None
    except YAMLError as error:
        what = " ".join(str(error).split())
        raise UsageError(f"is no YAML: {what}", where=str(path), next_step=f"use {_FORM}") from None
    if isinstance(data, dict) and set(data) == {"declared"}:
        data = data["declared"]
    if not isinstance(data, list):
        raise UsageError("declares no results", where=str(path), next_step=f"use {_FORM}")
    return declared_results(data, where=str(path))
