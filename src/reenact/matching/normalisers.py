"""Normalisers that tools may declare by name, and the one that a tool's rules make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reenact.codec import canonical
from reenact.domain.tool_rules import NormaliserName, ToolRules
from reenact.matching.arguments import Normaliser
from reenact.matching.fields import changed, folded, without


def normaliser_of(rules: ToolRules) -> Normaliser | None:
    """Return what `rules` do to arguments before they are compared; None where they do nothing."""
    left_out = (*rules.volatile, *rules.learnt)
    if not left_out and not rules.normalise:
        return None

    def normalise(arguments: Any) -> Any:
        arguments = without(arguments, left_out)
        for path, names in rules.normalise.items():
            for name in names:
                arguments = changed(arguments, path, NORMALISERS[name])
        return arguments

    return normalise


def _in_texts(change: Callable[[str], str]) -> Callable[[Any], Any]:
    def normalise(data: Any) -> Any:
        if isinstance(data, str):
            return change(data)
        if isinstance(data, Mapping):
            return {key: normalise(value) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [normalise(value) for value in data]
        return data

    return normalise


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit()) or text


def _list_order(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _list_order(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return sorted((_list_order(value) for value in data), key=canonical)
    return data


def key_style(data: Any) -> Any:
    """Return `data` with every key in one spelling, but where two keys would become one."""
    if isinstance(data, Mapping):
        spelt = {str(key): folded(str(key)) for key in data}
        alike = len(set(spelt.values())) == len(spelt)
        return {spelt[str(k)] if alike else k: key_style(value) for k, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [key_style(value) for value in data]
    return data


NORMALISERS: Mapping[NormaliserName, Callable[[Any], Any]] = {
    "letter_case": _in_texts(str.casefold),
    "digits": _in_texts(_digits),
    "list_order": _list_order,
    "key_style": key_style,
}
