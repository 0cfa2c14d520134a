"""Texts of traces and their full-text index: what was said, and the names of tools.

The index holds exactly the texts of production traces. It keeps no copy of them, so whatever
leaves it has to be named with its text (FTS5, external content).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from reenact.domain.span import Span, SpanFacts

Text = tuple[int, int, str]
"""Its id, its trace, its words."""


def texts_of(kept: Iterable[tuple[Span, SpanFacts]], trace: int, *, first_id: int) -> list[Text]:
    """Return the texts of a trace's spans, each once, with ids from `first_id` on.

    A tool's name is searched like a word that was said.
    """
    found: dict[str, None] = {}
    for _, facts in kept:
        for text in (facts.user_text, facts.assistant_text, facts.tool_name):
            if text is not None:
                found[text] = None
    return [(first_id + place, trace, text) for place, text in enumerate(found)]


def write_texts(
    connection: sqlite3.Connection, texts: Sequence[Text], searched: Sequence[Text]
) -> None:
    """Write `texts`; those of them that are `searched` into the index as well."""
    connection.executemany("INSERT INTO texts VALUES (?, ?, ?)", texts)
    connection.executemany(
        "INSERT INTO words (rowid, body) VALUES (?, ?)", [(id, text) for id, _, text in searched]
    )


def drop_texts(connection: sqlite3.Connection, trace: int, *, searched: bool) -> None:
    """Remove the texts of a trace, and from the index where it holds them."""
    if searched:
        unindex(connection, trace)
    connection.execute("DELETE FROM texts WHERE trace = ?", (trace,))


def unindex(connection: sqlite3.Connection, trace: int) -> None:
    """Take the texts of a trace out of the index; it must hold them."""
    connection.execute(
        "INSERT INTO words (words, rowid, body) SELECT 'delete', id, body FROM texts "
        "WHERE trace = ?",
        (trace,),
    )


def reindex_all(connection: sqlite3.Connection) -> None:
    """Make the index again from the texts of production traces."""
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    connection.execute(
        "INSERT INTO words (rowid, body) SELECT x.id, x.body FROM texts x "
        "JOIN traces t ON t.id = x.trace WHERE t.origin = 'production'"
    )
