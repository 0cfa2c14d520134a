"""Python values that travel as the text of their `repr`: {'a': None, 'b': (1, 2)}.

Some libraries write dicts so. Only what `repr` writes of plain data is read, and only dicts,
lists and tuples: of other text it is not clear that it was meant as data.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from reenact.capture.values import safe_number, safe_text
from reenact.capture.wire.json_text import parsed

MAX_CHARS = 200_000
MAX_DEPTH = 32
_OPEN = "{[("
_CLOSE = "}])"
_ESCAPE = r"\\(?:[\\'\"nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
_TOKEN = re.compile(
    r"[ ]*(?:"
    r"(?P<mark>[{}\[\](),:])"
    rf"|(?P<text>'(?:[^'\\\n]|{_ESCAPE})*'|\"(?:[^\"\\\n]|{_ESCAPE})*\")"
    r"|(?P<word>-?\d{1,64}(?:\.\d{1,64})?(?:e[+-]?\d{1,3})?(?![\w.])|(?:True|False|None)(?!\w))"
    r")"
)


def python_data(text: Any) -> Any:
    """Return the dict or list that a Python `repr` stands for, None where it is not clearly one.

    Tuples become lists. Nothing is evaluated: the text is checked token by token, then read as
    a literal.
    """
    if not isinstance(text, str) or text[:1] not in ("{", "[", "(") or len(text) > MAX_CHARS:
        return None
    if not _is_plain(text):
        return None
    try:
        found = _safe(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError):
        return None
    return found if isinstance(found, (dict, list)) else None


def mapping(value: Any) -> dict[str, Any]:
    """Return an object that is JSON or a Python `repr` in a string; empty where it is none."""
    found = parsed(value)
    found = python_data(value) if found is None else found
    return found if isinstance(found, dict) else {}


def _is_plain(text: str) -> bool:
    """Tell whether `text` is made of brackets, texts, numbers and constants, one by one.

    A value may only stand where one begins, so no operator, call or index can be built, and
    nothing nests deeper than the brackets do.
    """
    place, depth, begins = 0, 0, True
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            return False
        mark, place = token["mark"], token.end()
        if mark is None or mark in _OPEN:
            if not begins:
                return False
            depth += mark is not None
            begins = mark is not None
        elif mark in _CLOSE:
            depth, begins = depth - 1, False
        else:
            begins = True
        if not 0 <= depth <= MAX_DEPTH:
            return False
    return depth == 0


def _safe(data: Any) -> Any:
    """Return data that can be written as strict JSON; raises ValueError where it cannot be."""
    if isinstance(data, str):
        return safe_text(data)
    if isinstance(data, (list, tuple)):
        return [_safe(value) for value in data]
    if isinstance(data, dict):
        if not all(isinstance(key, str) for key in data):
            raise ValueError("a key that is no text")
        return {safe_text(key): _safe(value) for key, value in data.items()}
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, (int, float)):
        return safe_number(data)
    raise ValueError("no plain data")
