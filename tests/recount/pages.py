"""A page as its reader sees it: every table with its name, line by line, and the headline.

Reads the HTML that is served, nothing of how it was made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test.html import Element, parse_html

PANELS = ("section", "article")


@dataclass(frozen=True)
class Table:
    """A table of a page: where it stands, its heads, and its lines by their first cell."""

    name: str
    heads: list[str]
    lines: list[list[str]]

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """(first cell of the line, head of the column, text), cell by cell."""
        for line in self.lines:
            for head, text in zip(self.heads[1:], line[1:], strict=True):
                yield line[0], head, text


def parsed(html: str) -> Element:
    """The `main` of a page."""
    return next(elements(parse_html(html), "main"))


def elements(root: Any, name: str = "", **attributes: str) -> Iterator[Element]:
    """All elements below, in order: of that name, with that class (`cls`) or other attributes."""
    for child in getattr(root, "children", ()):
        if isinstance(child, Element):
            if (not name or child.name == name) and _has(child, attributes):
                yield child
            yield from elements(child, name, **attributes)


def _has(element: Element, attributes: dict[str, str]) -> bool:
    found = dict(element.attributes)
    classes = set((found.get("class") or "").split())
    return all(
        value in classes if name == "cls" else found.get(name.replace("_", "-")) == value
        for name, value in attributes.items()
    )


def text_of(node: Any) -> str:
    """What is read: the words of a bar or picture are its label; what explains a figure is not part of it."""
    if not isinstance(node, Element):
        return str(node)
    attributes = dict(node.attributes)
    if attributes.get("aria-hidden") == "true" or "why" in (attributes.get("class") or "").split():
        return ""
    if attributes.get("role") == "img":
        return attributes.get("aria-label") or ""
    return " ".join(" ".join(map(text_of, node.children)).split())


def tables(root: Element, name: str = "") -> Iterator[Table]:
    """Every table, named after its caption or the heading of its panel."""
    for child in root.children:
        if not isinstance(child, Element):
            continue
        if child.name == "table":
            yield _table(child, name)
        else:
            yield from tables(child, _heading(child) or name if child.name in PANELS else name)


def _heading(panel: Element) -> str:
    return next((text_of(h) for level in ("h2", "h3") for h in elements(panel, level)), "")


def _table(table: Element, name: str) -> Table:
    caption = next((text_of(c) for c in elements(table, "caption")), "")
    heads = [text_of(cell) for cell in elements(next(elements(table, "thead")), "th")]
    rows = [
        row for part in ("tbody", "tfoot") for body in elements(table, part) for row in elements(body, "tr")
    ]
    lines = [[text_of(cell) for cell in row.children if isinstance(cell, Element)] for row in rows]
    if lines and len(heads) < len(lines[0]):  # a corner without words
        heads = ["", *heads]
    return Table(caption or name, heads, lines)
