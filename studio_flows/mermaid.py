"""A flow as Mermaid text, which GitHub and many editors draw: for read-me files and pull requests."""

from __future__ import annotations

from typing import Any

from studio_flows.diagram import Drawing, lay_out, short

# Mermaid's own limits on GitHub, which no file can raise.
MOST_EDGES, MOST_CHARACTERS = 500, 50_000
_LONGEST_NAME = 60


def mermaid(definition: Any) -> str:
    """The text of a flowchart for a flow in Studio's form."""
    drawing = lay_out(definition)
    ids = {name: f"w{number}" for number, name in enumerate(drawing.nodes)}
    lines = ["flowchart TD"]
    for node in drawing.nodes.values():
        opening, closing = ("([", "])") if node.type == "trigger" else ("[[", "]]") if node.agent else ("[", "]")
        lines.append(f'  {ids[node.name]}{opening}"{_label(short(node.name, _LONGEST_NAME))}<br/>{_label(node.type)}"{closing}')
    for edge in drawing.edges:
        arrow = "-.->" if edge.failure else "-->"
        lines.append(f'  {ids[edge.source]} {arrow}|"{_label(edge.label)}"| {ids[edge.target]}')
    lost = [ids[node.name] for node in drawing.nodes.values() if node.lost]
    if lost:
        lines += ["  classDef lost stroke-dasharray: 4 4", f"  class {','.join(lost)} lost"]
    return "\n".join(lines) + "\n"


def too_large(text: str) -> bool:
    """Whether GitHub refuses to draw it."""
    return len(text) > MOST_CHARACTERS or text.count("|\"") > MOST_EDGES


def _label(text: str) -> str:
    """Within quotation marks, where Mermaid reads #codes; but for letters, digits and blanks everything becomes one.

    So neither Markdown, nor HTML, nor a Mermaid directive can be meant by a widget's name.
    """
    plain = " ".join(text.split()) or "·"
    return "".join(each if each.isalnum() or each in " _-.,=" else f"#{ord(each)};" for each in plain)


__all__ = ["Drawing", "mermaid", "too_large"]
