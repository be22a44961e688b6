"""build/rehearsal/world.json: where the local world is. Written by the world, read by everything that uses it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class NoWorld(Exception):
    """No local world is running; the message says how to start one."""


@dataclass(frozen=True)
class WorldFile:
    """The parts that the call needs; the whole shape is in docs/rehearsal.md."""

    google_url: str
    twilio_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    salesforce_url: str
    access_token: str = field(repr=False)
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> WorldFile:
        """Raises NoWorld when there is none."""
        try:
            raw = json.loads(path.read_text())
        except FileNotFoundError:
            raise NoWorld("no local world is running: start one with `voice world start`") from None
        except ValueError:
            raise NoWorld(f"{path} is not readable: stop and start the world again") from None
        return cls(
            google_url=raw["google"]["url"],
            twilio_url=raw["twilio"]["base_url"],
            account_sid=raw["twilio"]["account_sid"],
            auth_token=raw["twilio"]["auth_token"],
            salesforce_url=raw["salesforce"]["instance_url"],
            access_token=raw["salesforce"]["access_token"],
            raw=raw,
        )


def write_private(path: Path, text: str) -> None:
    """Writes `path` whole or not at all, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    fresh.replace(path)
