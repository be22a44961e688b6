"""A flow as an SVG picture: one file, light or dark as its reader's screen, told in words for those who do not see it."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from studio_flows.diagram import HEIGHT, WIDTH, Drawing, Edge, Node, lay_out, short

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLE = """
:root { color-scheme: light dark; }
svg { --ground: #ffffff; --ink: #1d2327; --soft: #55616b; --line: #9aa5ae; --card: #f6f7f8; --bad: #b3261e; --agent: #e4f3ea; --good: #136c3a; --start: #e8f0fa; --accent: #1f5fae; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #14181b; --ink: #e6eaed; --soft: #a9b6c0; --line: #5d6973; --card: #1f262b; --bad: #ff8a80; --agent: #1b3326; --good: #6fd39b; --start: #22303f; --accent: #8ab8f5; }
}
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); text-anchor: middle; }
.name { font-weight: 600; } .type, .label { font-size: 11px; fill: var(--soft); }
.label { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.ground { fill: var(--ground); } .box { fill: var(--card); stroke: var(--line); stroke-width: 1.5; }
.agent .box { fill: var(--agent); stroke: var(--good); } .trigger .box { fill: var(--start); stroke: var(--accent); }
.lost .box { stroke: var(--bad); stroke-dasharray: 4 4; }
.wire { fill: none; stroke: var(--soft); stroke-width: 1.4; } .failure { stroke: var(--bad); stroke-dasharray: 5 4; }
.tip { fill: var(--soft); } .tip-failure { fill: var(--bad); }
""".strip()  # noqa: E501 - a style sheet


def svg(definition: Any, name: str) -> str:
    """The picture of a flow in Studio's form; `name` is its title."""
    drawing = lay_out(definition)
    width, height = round(drawing.width), round(drawing.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="flow-title flow-desc" lang="en">',
        f'<title id="flow-title">{_text(f"Studio flow {name}")}</title>',
        f'<desc id="flow-desc">{_text(words(drawing))}</desc>',
        f"<style>{_STYLE}</style>",
        "<defs>",
        *(_tip(kind) for kind in ("tip", "tip-failure")),
        "</defs>",
        '<rect class="ground" width="100%" height="100%"></rect>',
        *(_wire(each) for each in drawing.edges),
        *(_label(each) for each in drawing.edges),
        *(_box(each) for each in drawing.nodes.values()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def words(drawing: Drawing) -> str:
    """The same flow as sentences, from the trigger down."""
    leads: dict[str, list[str]] = {}
    for edge in drawing.edges:
        leads.setdefault(edge.source, []).append(f"{edge.label} leads to {edge.target}")
    sentences = []
    for node in sorted(drawing.nodes.values(), key=lambda each: (each.y, each.x)):
        what = f"{node.name} ({node.type}{', nothing leads to it' if node.lost else ''})"
        sentences.append(f"{what}: {'; '.join(leads[node.name])}." if node.name in leads else f"{what}.")
    return " ".join(sentences) or "The flow has no widgets."


def _tip(kind: str) -> str:
    return (
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path class="{kind}" d="M 0 0.5 L 8 4 L 0 7.5 z"></path></marker>'
    )


def _wire(edge: Edge) -> str:
    kind, tip = ("wire failure", "tip-failure") if edge.failure else ("wire", "tip")
    return f'<path class="{kind}" d="{edge.path}" marker-end="url(#{tip})"></path>'


def _label(edge: Edge) -> str:
    return f'<text class="label" x="{edge.x:.0f}" y="{edge.y + 4:.0f}">{_text(edge.label)}</text>'


def _box(node: Node) -> str:
    kinds = [kind for kind, holds in (("trigger", node.type == "trigger"), ("agent", node.agent), ("lost", node.lost)) if holds]
    middle = node.x + WIDTH / 2
    return (
        f"<g class={quoteattr(' '.join(['widget', *kinds]))}><title>{_text(f'{node.name} ({node.type})')}</title>"
        f'<rect class="box" x="{node.x:.0f}" y="{node.y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="8"></rect>'
        f'<text class="name" x="{middle:.0f}" y="{node.y + 22:.0f}">{_text(short(node.name, 23))}</text>'
        f'<text class="type" x="{middle:.0f}" y="{node.y + 40:.0f}">{_text(short(node.type, 30))}</text></g>'
    )


def _text(value: str) -> str:
    """Escaped, and without the characters that XML cannot hold at all."""
    return escape(_NO_XML.sub("", value))
