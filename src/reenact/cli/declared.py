"""Files of declared results and tool rules: what recordings lack, and what is known of tools."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reenact.domain.scenario import DeclaredResult
from reenact.domain.tool_rules import ToolRules
from reenact.errors import UsageError
from reenact.runs.choosing import declared_results
from reenact.tools.rule_data import rules_from

MOST_BYTES = 1_000_000
_FORM = (
    "a list of `- tool: NAME`, `arguments: {...}` and `result:` or `error:`, under `declared:` "
    "where there are `tool_rules:` too"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a file declares."""

    results: tuple[DeclaredResult, ...] = ()
    rules: tuple[ToolRules, ...] = ()


def declared_in(path: Path) -> Declared:
    """Return what a YAML file declares: a list of results, or `declared:` and `tool_rules:`.

    Raises:
        UsageError: naming the file and the line or entry that does not fit.
    """
    data = _yaml_in(path)
    results, rules = data, None
    if isinstance(data, dict) and data and set(data) <= {"declared", "tool_rules"}:
        results, rules = data.get("declared", []), data.get("tool_rules")
    if not isinstance(results, list):
        raise UsageError("declares no results", where=str(path), next_step=f"use {_FORM}")
    return Declared(
        results=declared_results(results, where=str(path)),
        rules=() if rules is None else rules_from(rules, where=str(path)),
    )


def _yaml_in(path: Path) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"larger than {MOST_BYTES:,} bytes", where=str(path))
        text = path.read_text(encoding="utf-8")
        return YAML(typ="safe", pure=True).load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from None
    except YAMLError as error:
        what = " ".join(str(error).split())
        raise UsageError(f"is no YAML: {what}", where=str(path), next_step=f"use {_FORM}") from None
