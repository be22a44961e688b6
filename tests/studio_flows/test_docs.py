"""What docs/flows.md shows is what the commands do."""

from __future__ import annotations

import re
from pathlib import Path

from operations.flow_commands import COMMANDS
from studio_flows.mermaid import mermaid
from tests.studio_flows.corpus import CORPUS
from tests.studio_flows.mutations import MUTATIONS
from tests.studio_flows.our_flow import ours

TEXT = Path("docs/flows.md").read_text(encoding="utf-8")


def test_the_picture_is_the_flows():
    shown = re.search(r"```mermaid\n(.*?)```", TEXT, re.DOTALL)
    assert shown
    assert shown[1] == mermaid(ours()), "docs/flows.md is old: voice flow draw studio_flows/voice_ivr.json"


def test_every_command_and_option_exists():
    options = {option for each in COMMANDS.values() for param in each.params for option in (*param.opts, *param.secondary_opts)}
    assert set(re.findall(r"voice flow (\w+)", TEXT)) == set(COMMANDS)
    assert set(re.findall(r"`(--\w+)", TEXT)) <= options | {"--refresh"}


def test_the_numbers_are_right():
    assert 23 <= len(CORPUS) <= 27
    assert 56 <= len(MUTATIONS) <= 64
