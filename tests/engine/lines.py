"""Many voice lines in a world's stack file: every other one answered by the flow as the guide has it."""

from __future__ import annotations

from typing import Any

import yaml

from rehearsal.plan import STACK, Plan
from tests.engine.local_world import LocalWorld

COUNT = 25
GUIDE = "studio_flows/voice_ivr_as_in_the_guide.json"
OWN_GTP_NUMBER = "+16505550188"


def all_lines() -> list[dict[str, Any]]:
    """One of them has a workflow by name, one a telephony number of its own: two flows more."""
    lines: list[dict[str, Any]] = [
        {"name": f"line-{at:02}", "phoneNumber": f"+155555502{at:02}", **({"flow": GUIDE} if at % 2 else {})}
        for at in range(COUNT)
    ]
    lines[4]["workflow"] = "Assign to Anyone"
    lines[6]["gtpPhoneNumber"] = OWN_GTP_NUMBER
    return lines


def write(world: LocalWorld) -> None:
    """Into the copy's tracked stack file, before the world starts: its account then has those numbers."""
    file = world.project / f"Pulumi.{STACK}.yaml"
    stack = yaml.safe_load(file.read_text())
    stack["config"][Plan.read(world.project).key("lines")] = all_lines()
    file.write_text(yaml.safe_dump(stack))
