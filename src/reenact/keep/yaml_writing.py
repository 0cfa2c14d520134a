"""YAML written for people: short lines of JSON data, and updates that keep their comments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from reenact.errors import KeptFileError
from reenact.keep.yaml_text import comments_in, parse

TOP = "# A recorded talk that is replayed as a test: `reenact test`, or pytest. Edit it freely."


def new_text(data: Mapping[str, Any]) -> str:
    """Return a new file's text for `data`, under one line that says what it is."""
    return f"{TOP}\n{_dumped(_commented(data))}"


def updated_text(text: str, data: Mapping[str, Any]) -> str:
    """Return `text` changed so that it holds `data`.

    What is the same stays as it was written, and every comment stays: one whose place is gone
    moves to the top.

    Raises:
        KeptFileError: when `text` is no YAML that can be updated.
    """
    before = parse(text, where="the file to update").plain()
    if _exact(before) == _exact(data):
        return text
    loaded = _yaml().load(text)
    if not isinstance(loaded, CommentedMap):
        return _with_comments(new_text(data), comments_in(text))
    _update_map(loaded, before, data)
    changed = _dumped(loaded)
    if not _holds(changed, data):
        # A comment in an odd place can mislead the round trip; the data goes before the layout.
        changed = new_text(data)
    return _with_comments(changed, comments_in(text))


def _with_comments(text: str, wanted: Sequence[str]) -> str:
    lost = list((Counter(wanted) - Counter(comments_in(text))).elements())
    if not lost:
        return text
    first, _, rest = text.partition("\n")
    top, below = (f"{first}\n", rest) if first.startswith("#") else ("", text)
    return top + "".join(f"{comment}\n" for comment in lost) + below


def _update_map(node: CommentedMap, before: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    for key in [key for key in before if key not in data]:
        _hand_on_comments(node, key)
        del node[key]
    for place, (key, value) in enumerate(data.items()):
        if key not in before:
            node.insert(min(place, len(node)), _key(key), _commented(value))
        elif _exact(before[key]) != _exact(value):
            _update_value(node, key, before[key], value)


def _hand_on_comments(node: CommentedMap, key: str) -> None:
    """Give what was written after `key` to the key before it: it may be about what follows."""
    keys = list(node)
    place = keys.index(key)
    if place and key in node.ca.items and keys[place - 1] not in node.ca.items:
        node.ca.items[keys[place - 1]] = node.ca.items.pop(key)


def _update_list(node: CommentedSeq, before: Sequence[Any], data: Sequence[Any]) -> None:
    """Change from the end, so that places before a change stay what they are."""
    old, new = [_exact(v) for v in before], [_exact(v) for v in data]
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for tag, start, stop, new_start, new_stop in reversed(steps):
        if tag == "equal":
            continue
        shared = min(stop - start, new_stop - new_start)
        for place in reversed(range(start + shared, stop)):
            del node[place]
        for place in reversed(range(new_start + shared, new_stop)):
            node.insert(start + shared, _commented(data[place]))
        for step in range(shared):
            _update_value(node, start + step, before[start + step], data[new_start + step])


def _update_value(node: Any, key: Any, before: Any, value: Any) -> None:
    if isinstance(node[key], CommentedMap) and isinstance(value, Mapping):
        _update_map(node[key], before, value)
    elif isinstance(node[key], CommentedSeq) and isinstance(value, list):
        _update_list(node[key], before, value)
    else:
        node[key] = _commented(value)


def _commented(value: Any) -> Any:
    if isinstance(value, Mapping):
        return CommentedMap((_key(str(key)), _commented(inner)) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return CommentedSeq(_commented(inner) for inner in value)
    return _spelled(value) if isinstance(value, str) else value


def _key(text: str) -> str:
    quoted: str = text if text.isprintable() else DoubleQuotedScalarString(text)
    return quoted


def _spelled(text: str) -> str:
    """Return `text` so that it is written in a way that reads back as exactly this."""
    if _reads_as_block(text):
        block: str = LiteralScalarString(text)
        return block
    return _key(text)


def _reads_as_block(text: str) -> bool:
    """Tell a text of several plain lines: it is easier to read, and to compare, as a block."""
    lines = text.split("\n")
    plain = all(line and line == line.strip() and line.isprintable() for line in lines)
    return len(lines) > 1 and plain


def _holds(text: str, data: Mapping[str, Any]) -> bool:
    try:
        return _exact(parse(text, where="the updated file").plain()) == _exact(data)
    except KeptFileError:
        return False


def _exact(value: Any) -> str:
    """Return JSON data as a text that tells 1 from 1.0 and from true; key order is free."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _dumped(node: Any) -> str:
    out = StringIO()
    _yaml().dump(node, out)
    return out.getvalue()


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 2**20  # a sentence stays on one line, so that a change of it is one line
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
