"""Which lines share a Studio flow: those for which the file comes out the same.

What differs between lines makes the label, and the label is the flow's identity: of the resource, and of the flow's name
in Studio. It is "" for what a line is that says nothing but its number.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from components.twilio.settings import LINE_PLACEHOLDERS, Line
from components.twilio.voice_lines import MAIN
from studio_flows.definition import load, placeholders

_ROOT = Path(__file__).resolve().parents[2]


def flow_label(line: Line, default: Line) -> str:
    """Such as "sales | workflow Support". Nothing in it can hold the separator (voice_lines.py)."""
    parts = []
    if line.flow != default.flow:
        parts.append(line.flow.removeprefix("studio_flows/").removesuffix(".json"))
    if line.destination != default.destination:
        parts.append(line.destination.label or "Flex's workflow")
    if line.gtp_phone_number:
        parts.append(f"telephony {line.gtp_phone_number}")
    if line.name != MAIN and _belongs_to_a_line(line.flow):
        parts.append(f"line {line.name}")
    return " | ".join(parts)


@cache
def _belongs_to_a_line(file: str) -> bool:
    return bool(placeholders(load(_ROOT / file)) & set(LINE_PLACEHOLDERS))
