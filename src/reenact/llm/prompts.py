"""Prompts are files: every one is a `.md` beside the code that uses it, with `{{name}}` in it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")


def prompt(package: str, name: str, **values: str) -> str:
    """Return the prompt `name`.md of `package` (the caller's `__package__`), filled with `values`.

    A value is put in as it is: what looks like a placeholder inside it stays.

    Raises:
        ValueError: where the file and `values` do not name the same placeholders.
    """
    text = _text(package, name)
    named = set(_PLACEHOLDER.findall(text))
    if named != values.keys():
        apart = ", ".join(sorted(named ^ values.keys()))
        raise ValueError(f"{package}/{name}.md and its caller do not agree on: {apart}")
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


@cache
def _text(package: str, name: str) -> str:
    return (files(package) / f"{name}.md").read_text(encoding="utf-8").strip()
