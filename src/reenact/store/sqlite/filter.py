"""A filter as SQL: which sessions or traces pass. Values always travel as parameters."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from reenact.domain.selection import Filter
from reenact.errors import UsageError
from reenact.store.sqlite.rollup import EPOCH

Listed = Literal["session", "trace"]
Condition = tuple[str, tuple[object, ...]]

LONGEST_TEXT = 1000
"""Characters that a text filter may have."""

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")


def conditions(filter: Filter, *, project: int, of: Listed) -> Iterator[Condition]:
    """Yield what must hold of a row `r` of sessions or traces, each with its parameters."""
    if filter.since is not None:
        yield "r.started_us >= ?", (_microseconds(filter.since, "since"),)
    if filter.until is not None:
        yield "r.started_us < ?", (_microseconds(filter.until, "until"),)
    if filter.error is not None:
        yield ("r.errors > 0" if filter.error else "r.errors = 0"), ()
    facets = (
        ("tool", filter.tool),
        ("user", filter.user),
        ("agent", filter.agent),
        ("version", filter.agent_version),
        ("model", filter.model),
        ("tag", filter.tag),
        *(("label", label) for label in filter.labels),
    )
    for kind, value in facets:
        if value is not None:
            yield (
                f"r.id IN (SELECT {of} FROM facets WHERE project = ? AND kind = ? AND value = ?)",  # noqa: S608
                (project, kind, value),
            )
    if filter.text is not None and filter.text.strip():
        yield _said(filter.text, project=project, of=of)


def _said(text: str, *, project: int, of: Listed) -> Condition:
    """Return the condition that one text holds all the words.

    A word that the index splits as people do is looked up; any other is searched for as it is.
    """
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"the text to look for is longer than {LONGEST_TEXT} characters")
    words = text.split()
    indexed = [word for word in words if _is_indexed(word)]
    odd = [word for word in words if not _is_indexed(word)]
    column = "t.session" if of == "session" else "t.id"
    source = "texts x"
    where = ["t.project = ?", "t.origin = 'production'"]
    values: list[object] = [project]
    if indexed:
        source = "words JOIN texts x ON x.id = words.rowid"
        where.append("words MATCH ?")
        values.append(" ".join('"' + word.replace('"', '""') + '"' for word in indexed))
    for word in odd:
        where.append("x.body LIKE ? ESCAPE '\\'")
        values.append(f"%{_literal(word)}%")
    return (
        f"r.id IN (SELECT {column} FROM {source} JOIN traces t ON t.id = x.trace "  # noqa: S608
        f"WHERE {' AND '.join(where)})",
        tuple(values),
    )


def _is_indexed(word: str) -> bool:
    """Say whether the full-text index finds `word`: letters, digits, plain punctuation.

    Signs (€, emoji) are not in it, and scripts without spaces are not cut into words.
    """
    kinds = [unicodedata.category(sign)[0] for sign in word]
    if not {"L", "N"} & set(kinds) or {"S", "C"} & {
        kind for kind, sign in zip(kinds, word, strict=True) if not sign.isascii()
    }:
        return False
    return word.isprintable() and not any(
        unicodedata.name(sign, "").startswith(_UNSPACED) for sign in word if not sign.isascii()
    )


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _microseconds(when: datetime, name: str) -> int:
    if when.tzinfo is None:
        raise UsageError(
            f"{name} has no time zone: {when.isoformat()}",
            next_step=f"say which, such as {when.isoformat()}Z",
        )
    return (when - EPOCH) // timedelta(microseconds=1)


def listed(values: object) -> str:
    """Return a list as the one parameter that `json_each` reads."""
    return json.dumps(values)
