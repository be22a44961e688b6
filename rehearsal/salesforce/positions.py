"""Where something stands in a file: line and column, both from 1. The parser that reads files keeps no columns."""

from __future__ import annotations

import xml.parsers.expat

Position = tuple[int, int]


def of_elements(content: bytes) -> list[Position]:
    """Of every element's opening bracket, in the order of a well-formed document."""
    found: list[Position] = []
    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = lambda _name, _attributes: found.append(
        (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
    )
    parser.Parse(content, True)
    return found


def of_text(content: bytes | None, text: str | None) -> Position:
    """Where `text` stands first; the very beginning when it does not, or when there is no text to look for."""
    if text and content:
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            if (place := line.find(text)) >= 0:
                return number, place + 1
    return 1, 1
