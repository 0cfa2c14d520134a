"""A page taken apart: its elements, its attributes and its words, as a browser reads them."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"meta", "br"}


class Page(HTMLParser):
    """Parses a document strictly: an element that is not closed in order is an error."""

    def __init__(self, document: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(document)
        self.close()
        assert self._open == [], f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words of the page but its style sheet."""
        return "".join(self.words)

    def values(self, attribute: str) -> list[str]:
        """Return every value that an attribute has on the page."""
        return [attrs[attribute] or "" for _, attrs in self.tags if attribute in attrs]
