"""The run's secrets must stand in no file, report or message: this finds them, and takes them out of texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rehearsal.world_file import WorldFile

# Shorter values would match by chance.
_SHORTEST = 8


def secrets_of(world: WorldFile) -> list[str]:
    """The credentials that the world made up for this run, and those of what is deployed in it now."""
    env = world.raw["engine"]["env"]
    redis = urlsplit(world.raw["google"]["redis"] or "").password
    return [
        world.auth_token,
        world.access_token,
        world.raw["twilio"]["api_key_secret"],
        env["GOOGLE_OAUTH_ACCESS_TOKEN"],
        Path(env["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text(),
        *([redis] if redis else []),
    ]


class Redactor:
    """Replaces the secrets in any JSON-like value."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = sorted({each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(each) for each in self.secrets)) if self.secrets else None

    def clean(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.clean(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.clean(each) for each in value]
        return self._pattern.sub("[secret]", value) if self._pattern and isinstance(value, str) else value


def scan(folder: Path, secrets: Iterable[str]) -> list[str]:
    """The files below `folder` that hold one of `secrets` in plain text."""
    wanted = [each.encode() for each in secrets]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if any(each in content for each in wanted):
                found.append(str(path))
    return found
