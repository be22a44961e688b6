"""A whole life of one environment, played once and written down, so that many small tests can look at it.

Commands are those of a person in `make shell`: plain `pulumi` and `voice`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from operations.engine import Run
from rehearsal import drift
from rehearsal.snapshots import Snapshot
from tests.engine.local_world import LocalWorld, Said
from tests.engine.secret_forms import Arguments, Secrets, found_below

CHANGED_WIDGET = "SendCallToAgent"


@dataclass
class Story:
    """`said`: what each command answered; `runs`: the same as the engine's events tell it; `held`: what the vendors held."""

    said: dict[str, Said] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    held: dict[str, Snapshot] = field(default_factory=dict)
    # Calls that a vendor answered meanwhile: by command, then by vendor.
    calls: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=Secrets)
    arguments: Arguments = field(default_factory=Arguments)
    left_in_state: list[dict[str, Any]] = field(default_factory=list)
    # Files with a secret in them: while the world lives, and when it is down.
    private: dict[str, list[str]] = field(default_factory=dict)
    private_modes: dict[str, str] = field(default_factory=dict)
    remaining: dict[str, list[str]] = field(default_factory=dict)
    # What the life left on disk below the world's folder and among its temporary files.
    contents: dict[str, bytes] = field(default_factory=dict, repr=False)


def play(world: LocalWorld) -> Story:
    """Plays all of it; the world is down afterwards."""
    story = Story()
    steps: tuple[Callable[[LocalWorld, Story], None], ...] = (
        _first_up,
        _nothing_to_do,
        _changes,
        _by_hand,
        _destroy,
        _stop,
    )
    for step in steps:
        step(world, story)
    return story


def _first_up(world: LocalWorld, story: Story) -> None:
    story.held["before"] = world.snapshot()
    with world.settings(twilioApiKeySid="SK" + "0" * 32) as another_key:
        story.said["preview with another key"] = world.pulumi("preview", environment=another_key)
    with world.settings(siprecAcceptTerms="false") as no_consent:
        story.said["preview without consent"] = world.pulumi("preview", environment=no_consent)
    story.said["first preview"] = world.pulumi("preview", "--diff", "--expect-no-changes")
    story.held["after the preview"] = world.snapshot()
    with story.arguments:
        story.said["up"] = world.pulumi("up", "--yes", "--skip-preview")
        story.calls["up"] = _calls(world)
        world.wait_for_services()
        story.said["call"] = world.voice("call", "--from", "15550104477", "--json")
    story.held["deployed"] = world.snapshot()
    story.secrets = world.secrets()


def _calls(world: LocalWorld) -> dict[str, list[dict[str, Any]]]:
    return {vendor: world.calls(vendor) for vendor in ("twilio", "salesforce", "google")}


def _nothing_to_do(world: LocalWorld, story: Story) -> None:
    world.forget_calls()
    story.runs["up again"] = world.engine().run("up")
    story.calls["up again"] = _calls(world)
    story.held["up again"] = world.snapshot()
    story.runs["refresh"] = world.engine().run("refresh")
    story.said["preview again"] = world.pulumi("preview", "--diff", "--expect-no-changes")


def _changes(world: LocalWorld, story: Story) -> None:
    flow = world.project / "studio_flows" / "voice_ivr.json"
    as_it_was = flow.read_text()
    flow.write_text(_other_attributes(as_it_was))
    story.said["another widget"] = world.pulumi("preview", "--diff", "--json")
    flow.write_text(as_it_was)
    source = world.project / "connector" / "answers.py"
    source.write_text(f"{source.read_text()}\n# another line\n")
    story.runs["another connector"] = world.engine().run("up")
    story.said["call to another connector"] = world.voice("call", "--from", "15550104477")
    story.held["another connector"] = world.snapshot()


def _by_hand(world: LocalWorld, story: Story) -> None:
    drift.change_by_hand(world.file)
    story.said["drift"] = world.pulumi("preview", "--refresh", "--diff")
    story.said["repair"] = world.pulumi("up", "--yes", "--skip-preview", "--refresh")
    story.held["repaired"] = world.snapshot()


def _destroy(world: LocalWorld, story: Story) -> None:
    home = world.home.folder
    story.private = found_below(home, story.secrets)
    story.private_modes = {name: oct((home / name).stat().st_mode & 0o777) for name in story.private}
    story.said["destroy"] = world.pulumi("destroy", "--yes", "--skip-preview")
    story.left_in_state = world.engine().resources()
    story.held["destroyed"] = world.snapshot()


def _stop(world: LocalWorld, story: Story) -> None:
    world.stop()
    folder = world.project.parent
    story.remaining = found_below(folder, story.secrets)
    made = [*world.home.folder.rglob("*"), *world.temporary.rglob("*")]
    story.contents = {str(each.relative_to(folder)): each.read_bytes() for each in made if each.is_file()}


def _other_attributes(text: str) -> str:
    flow = json.loads(text)
    (widget,) = [each for each in flow["states"] if each["name"] == CHANGED_WIDGET]
    attributes = json.loads(widget["properties"]["attributes"])
    widget["properties"]["attributes"] = json.dumps({**attributes, "type": "voice"})
    return json.dumps(flow, indent=2)
