"""HTML that cannot be broken out of: every string is escaped where it is put in.

Only `element` makes `Html`, so whatever comes from telemetry is text or a quoted attribute
value. Attributes that could act (links, handlers, styles) take no telemetry: links are anchors
of this page, made from numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

MAX_TEXT = 20_000
"""Characters of one text that the report shows."""
MAX_VALUE = 2_000
"""Characters of one argument or result that the report shows."""

_VOID = frozenset({"meta", "br"})
# Control characters, lone surrogates and non-characters: not allowed in HTML, or not in UTF-8.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of finished HTML."""

    markup: str


Content = Html | str | None | Iterable["Html | str | None"]


def element(name: str, /, *content: Content, **attributes: str | bool | None) -> Html:
    """Return the element `name` around `content`.

    Attribute names lose a trailing underscore and get dashes for underscores (`class_`,
    `http_equiv`); one that is None or False is left out, one that is True has no value.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{markup(*content)}</{name}>")


def group(*content: Content) -> Html:
    """Return pieces side by side without an element around them."""
    return Html(markup(*content))


def markup(*content: Content) -> str:
    """Return `content` as HTML text: strings escaped, `Html` as it is, None as nothing."""
    return "".join(_written(piece) for piece in content)


def css(text: str) -> Html:
    """Return our own style sheet; never called with anything else."""
    return Html(f"<style>{text}</style>")


def badge(text: str, kind: str = "", *, title: str | None = None) -> Html:
    """Return a small label; `kind` picks its colour."""
    return element("span", text, class_=f"badge {kind}".strip(), title=title)


def clipped(text: str, limit: int = MAX_TEXT) -> str:
    """Return `text` up to `limit` characters, and how much more there is."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … ({len(text) - limit:,} more characters)"


def json_text(value: Any, limit: int = MAX_VALUE) -> str:
    """Return `value` as JSON, cut to what a reader can take in."""
    return clipped(json.dumps(value, ensure_ascii=False, default=repr), limit)


def moment(time: datetime | None) -> str | None:
    """Return a time the way people read it, in UTC."""
    return None if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _written(piece: Content) -> str:
    if piece is None:
        return ""
    if isinstance(piece, Html):
        return piece.markup
    if isinstance(piece, str):
        return _escaped(piece)
    return "".join(_written(inner) for inner in piece)


def _attribute(key: str, value: str | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{_escaped(value)}"'


def _escaped(text: str) -> str:
    return escape(_UNFIT.sub("\ufffd", text), quote=True)
