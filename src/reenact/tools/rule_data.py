"""Tool rules as plain data, as files hold them under `tool_rules:`, and back."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, get_args

from reenact.domain.conversation import Effect
from reenact.domain.tool_rules import NormaliserName, ToolRules, effect_of_hints
from reenact.errors import UsageError

KEYS = ("effect", "annotations", "key_fields", "volatile", "learnt", "normalise", "constant")
_FORM = "effect, key_fields, volatile, normalise and constant by tool"
_FIELDS = 100
"""Fields of one tool at most."""


def rules_from(data: Any, *, where: str) -> tuple[ToolRules, ...]:
    """Return the rules that `{tool: {effect: ..., key_fields: [...], ...}}` states.

    `annotations` are those that an MCP server gives of its tool; an `effect` goes before them.

    Raises:
        UsageError: naming the tool and the key that does not fit.
    """
    if not isinstance(data, Mapping):
        raise UsageError("tool_rules holds a mapping by tool", where=where, next_step=_FORM)
    return tuple(
        _rules(str(name), entry, f"{where}: tool_rules.{name}") for name, entry in data.items()
    )


def data_of(rules: ToolRules) -> dict[str, Any]:
    """Return what `rules` state, as `rules_from` reads it."""
    data: dict[str, Any] = {}
    if rules.effect is not None:
        data["effect"] = rules.effect
    if rules.key_fields is not None:
        data["key_fields"] = list(rules.key_fields)
    for name in ("volatile", "learnt"):
        if fields := getattr(rules, name):
            data[name] = list(fields)
    if rules.normalise:
        data["normalise"] = {path: list(names) for path, names in rules.normalise.items()}
    if rules.constant:
        data["constant"] = True
    return data


def _rules(name: str, entry: Any, where: str) -> ToolRules:
    if not isinstance(entry, Mapping):
        raise UsageError("needs keys and values", where=where, next_step=f"use {_FORM}")
    for key in entry:
        _check_known(key, KEYS, f"unknown key {str(key)[:40]!r}", where)
    return ToolRules(
        tool=name,
        effect=_effect(entry, where),
        key_fields=_fields(entry, "key_fields", where) if "key_fields" in entry else None,
        volatile=_fields(entry, "volatile", where),
        learnt=_fields(entry, "learnt", where),
        normalise=_normalise(entry.get("normalise", {}), where),
        constant=_flag(entry, "constant", where),
    )


def _effect(entry: Mapping[str, Any], where: str) -> Effect | None:
    effect: Effect | None = entry.get("effect")
    if effect is not None:
        _check_known(effect, get_args(Effect), f"effect is {effect!r}", where)
        return effect
    annotations = entry.get("annotations", {})
    if not isinstance(annotations, Mapping):
        raise UsageError("annotations holds MCP's hints by name", where=where)
    hinted = effect_of_hints(annotations)
    return None if hinted == "unknown" else hinted


def _fields(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    fields = entry.get(key, ())
    texts = isinstance(fields, (list, tuple)) and all(isinstance(f, str) and f for f in fields)
    if not texts or len(fields) > _FIELDS:
        raise UsageError(
            f"{key} is a list of up to {_FIELDS} names of arguments",
            where=where,
            next_step=f"write {key}: [order_id]",
        )
    return tuple(fields)


def _normalise(given: Any, where: str) -> dict[str, tuple[NormaliserName, ...]]:
    if not isinstance(given, Mapping) or len(given) > _FIELDS:
        raise UsageError(
            "normalise holds the names of normalisers by argument",
            where=where,
            next_step="write normalise: {email: letter_case}, with * for all arguments",
        )
    found: dict[str, tuple[NormaliserName, ...]] = {}
    for path, names in given.items():
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, (list, tuple)):
            raise UsageError(f"normalise.{path} names no normaliser", where=where)
        for name in names:
            _check_known(name, get_args(NormaliserName), f"unknown normaliser {name!r}", where)
        found[str(path)] = tuple(names)
    return found


def _flag(entry: Mapping[str, Any], key: str, where: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise UsageError(f"{key} is {value!r}; it must be true or false", where=where)
    return value


def _check_known(value: Any, known: tuple[str, ...], what: str, where: str) -> None:
    if value not in known:
        near = difflib.get_close_matches(str(value), known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(what, where=where, next_step=f"{hint}use {', '.join(known)}")
