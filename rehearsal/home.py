"""The folder of one local world: what lies where, and which of it is private."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Every path below `folder` (build/rehearsal unless told otherwise)."""

    folder: Path

    @property
    def world(self) -> Path:
        return self.folder / "world.json"

    @property
    def env(self) -> Path:
        return self.folder / "env"

    @property
    def stack_file(self) -> Path:
        return self.folder / "Pulumi.rehearsal.yaml"

    @property
    def passphrase(self) -> Path:
        return self.folder / "passphrase"

    @property
    def processes(self) -> Path:
        return self.folder / "processes.json"

    @property
    def log(self) -> Path:
        return self.folder / "world.log"

    @property
    def report(self) -> Path:
        return self.folder / "report.json"

    @property
    def page(self) -> Path:
        return self.folder / "report.html"

    @property
    def picture(self) -> Path:
        """The agent's page at the end of the call, as PNG."""
        return self.folder / "desk.png"

    @property
    def browser(self) -> Path:
        """The browser's profile, while it runs."""
        return self.folder / "browser"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def pulumi(self) -> Path:
        return self.folder / "pulumi"

    @property
    def notes(self) -> Path:
        """What the program keeps on the machine beside the stack's state."""
        return self.folder / "notes"

    @property
    def neighbour(self) -> Home:
        """The folder of a second environment in the same project, which has a stack of its own."""
        return Home(self.folder / "neighbour")

    @property
    def google(self) -> Path:
        return self.folder / "google"

    def empty(self) -> None:
        """A new world begins with nothing of the one before, but keeps its report."""
        self.remove_private()
        for each in (self.state, self.pulumi, self.google, self.notes):
            shutil.rmtree(each, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for each in (self.state, self.pulumi, self.google):
            each.mkdir(mode=0o700)
        shutil.rmtree(self.neighbour.folder, ignore_errors=True)

    def remove_private(self) -> None:
        """Everything that holds a secret in plain text; the state stays, nobody can decrypt it any more."""
        for each in (self.world, self.env, self.passphrase, self.stack_file, self.processes):
            with contextlib.suppress(FileNotFoundError):
                each.unlink()
        shutil.rmtree(self.google, ignore_errors=True)
        if self.neighbour.folder.exists():
            self.neighbour.remove_private()
