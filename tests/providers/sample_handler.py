"""A vendor in a dictionary, with a handler and a resource: what the adapter's tests drive over Pulumi's wire format."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from providers.dynamic import HandledResource
from providers.handler import Fault, Live, Made, Properties, Settings, VendorError


class NoteHandler:
    """Notes by title. `text` "exit" or "crash" or "refused" makes things go wrong in `create` and `update`."""

    notes: ClassVar[dict[str, dict[str, Any]]] = {}
    checked: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, password: str | None) -> None:
        self.password = password

    @classmethod
    def connect(cls, settings: Settings) -> NoteHandler:
        password = settings.get("password")
        if password == "dead":
            raise VendorError("Notes", "the password is dead.", "pulumi config set --secret password NEW")
        return cls(password)

    def check(self, inputs: Properties) -> list[Fault]:
        self.checked.append(dict(inputs))
        return [Fault("title", "is empty; say something")] if inputs.get("title") == "" else []

    def find(self, inputs: Properties) -> Made | None:
        return None

    def create(self, inputs: Properties) -> Made:
        self._write(inputs)
        return Made(f"id-{inputs['title']}", {"length": len(inputs["text"])})

    def read(self, id: str, state: Properties) -> Live | None:
        note = self.notes.get(id)
        return Live(dict(note), {"length": len(note["text"])}) if note else None

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._write(inputs)
        return {"length": len(inputs["text"])}

    def delete(self, id: str, state: Properties) -> None:
        del self.notes[id]

    def _write(self, inputs: Properties) -> None:
        match inputs["text"]:
            case "exit":
                sys.exit("goodbye")
            case "crash":
                raise RuntimeError(f"broke on {inputs['title']} with {self.password}")
            case "refused":
                raise VendorError("Notes", "no room is left.", "throw one away")
        self.notes[f"id-{inputs['title']}"] = dict(inputs)


class ValidatedNoteHandler(NoteHandler):
    """Its vendor can tell beforehand whether it would take a note."""

    asked: ClassVar[list[dict[str, Any]]] = []

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        self.asked.append(dict(inputs))
        return [Fault("text", "the vendor would not take it; say it nicely")] if inputs.get("text") == "rude" else []


class CuriousNoteHandler(ValidatedNoteHandler):
    """Asks early, and not again about what stands as it is."""

    asks_with_gaps = True
    asks_about_changes_only = True


class AdoptingNoteHandler(NoteHandler):
    """Its vendor may have somebody's own note already."""

    looked: ClassVar[list[dict[str, Any]]] = []

    def adoption_faults(self, inputs: Properties) -> list[Fault]:
        self.looked.append(dict(inputs))
        return [Fault("", "is somebody's; allow it")] if inputs.get("title") == "theirs" else []


class Note(HandledResource, module="test", name="Note"):
    handler = "tests.providers.sample_handler:NoteHandler"
    computed = ("length",)
    secret = ("text",)
    replaced_by = ("title",)
