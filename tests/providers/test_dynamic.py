"""The adapter over Pulumi's own wire format: the SDK's servicer is called as the engine calls it, without an engine.

What must hold: a provider's pickle is a plain reference that no change of code moves (a moved one shows as a change of
every resource, and breaks their destruction); no output is ever lost; drift is seen; every error is one line without
traceback, input or secret, SystemExit included, which would otherwise leave the engine waiting for ever.
"""

from __future__ import annotations

import base64
import pickle
import pickletools
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.dynamic import dynamic
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.rpc import UNKNOWN

from providers import pickler
from providers.dynamic import HandlerProvider
from tests.graph import record
from tests.providers.sample_handler import AdoptingNoteHandler, Note, NoteHandler, ValidatedNoteHandler

HANDLER = "tests.providers.sample_handler:NoteHandler"
PASSWORD = "pa55word-of-the-tests"
NOTE = {"title": "a", "text": "hello"}


def pickled(provider: HandlerProvider) -> str:
    with pickler.left_as_it_was():
        return dynamic.serialize_provider(provider)


PICKLED = pickled(HandlerProvider(HANDLER))


class Aborted(Exception):
    """What the engine gets as the call's error."""


class Context:
    def abort(self, code: Any, details: str) -> None:
        raise Aborted(details)


class Engine:
    """Calls the SDK's servicer with protobuf, as the engine does."""

    def __init__(self, password: str = PASSWORD) -> None:
        # The module starts a server when it is imported; without its last line it only defines one.
        source = Path(dynamic.__file__).with_name("__main__.py").read_text().replace("\nmain()\n", "\n")
        module = types.ModuleType("dynamic_servicer")
        exec(compile(source, "dynamic_servicer", "exec"), module.__dict__)  # noqa: S102 - the SDK's own code
        self._servicer = module.DynamicResourceProviderServicer()
        self._servicer.Configure(provider_pb2.ConfigureRequest(args=struct({"voice:password": password})), Context())

    def check(self, news: dict[str, Any], handler: str = HANDLER, olds: dict[str, Any] | None = None) -> Any:
        provider = pickled(HandlerProvider(handler))
        before = struct({**olds, "__provider": "an older pickle"}) if olds else Struct()
        request = provider_pb2.CheckRequest(olds=before, news=struct({**news, "__provider": provider}))
        return self._servicer.Check(request, Context())

    def create(self, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        answer = self._servicer.Create(provider_pb2.CreateRequest(properties=with_provider(inputs)), Context())
        return answer.id, plain(answer.properties)

    def read(self, id: str, state: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        answer = self._servicer.Read(provider_pb2.ReadRequest(id=id, properties=with_provider(state)), Context())
        return answer.id, plain(answer.properties), plain(answer.inputs)

    def update(self, id: str, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(id=id, olds=with_provider(olds), news=with_provider(news))
        return plain(self._servicer.Update(request, Context()).properties)

    def delete(self, id: str, state: dict[str, Any]) -> None:
        self._servicer.Delete(provider_pb2.DeleteRequest(id=id, properties=with_provider(state)), Context())

    def diff(self, olds: dict[str, Any], news: dict[str, Any]) -> Any:
        request = provider_pb2.DiffRequest(id="x", olds=with_provider(olds), news=with_provider(news))
        return self._servicer.Diff(request, Context())


def struct(values: dict[str, Any]) -> Struct:
    made = Struct()
    made.update(values)
    return made


def with_provider(values: dict[str, Any]) -> Struct:
    return struct({**values, "__provider": PICKLED})


def plain(message: Struct) -> dict[str, Any]:
    values = MessageToDict(message)
    assert values.pop("__provider", PICKLED) == PICKLED
    return values


@pytest.fixture(autouse=True)
def notes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setenv("PULUMI_PROJECT", "voice")
    NoteHandler.notes.clear()
    NoteHandler.checked.clear()
    ValidatedNoteHandler.asked.clear()
    AdoptingNoteHandler.looked.clear()
    yield NoteHandler.notes
    # The adapter sets it for the provider's process, which here is the tests' own.
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


@pytest.fixture
def engine() -> Engine:
    return Engine()


class TestPickle:
    """Changing this breaks destroy and refresh of every existing stack: keep the old place importable if you must."""

    def test_it_is_a_reference_and_one_name(self):
        strings = [value for code, value, _ in pickletools.genops(base64.b64decode(PICKLED)) if isinstance(value, str)]
        assert strings == ["providers.dynamic", "HandlerProvider", "_path", HANDLER]

    def test_it_is_pinned(self):
        pinned = (
            "gASVZQAAAAAAAACMEXByb3ZpZGVycy5keW5hbWljlIwPSGFuZGxlclByb3ZpZGVylJOUKYGUfZSMBV9wYXRolIwqdGVzdHMu"
            "cHJvdmlkZXJzLnNhbXBsZV9oYW5kbGVyOk5vdGVIYW5kbGVylHNiLg=="
        )
        # The first two bytes name the pickle protocol, which is Python's choice.
        assert base64.b64decode(PICKLED)[2:] == base64.b64decode(pinned)[2:]

    def test_it_stays_the_same_once_it_has_served(self, engine):
        engine.create(NOTE)
        provider = HandlerProvider(HANDLER)
        provider.configure(types.SimpleNamespace(config={"password": PASSWORD}))
        assert pickled(provider) == PICKLED

    def test_the_number_of_resources_makes_no_call_deeper(self):
        before = pickle._Pickler._batch_setitems
        record(lambda: [Note(f"n{number}", NOTE) for number in range(3)])
        assert pickle._Pickler._batch_setitems is before

    def test_it_is_readable_in_the_state_since_nothing_secret_is_in_it(self):
        graph = record(lambda: Note("n", {"title": "a", "text": pulumi.Output.secret("hello")}))
        note = graph.one("test:Note")
        assert note.inputs["__provider"] == PICKLED
        assert "__provider" not in note.secret_inputs


class TestRegistration:
    def test_token_secrets_and_replacement(self):
        note = record(lambda: Note("n", NOTE)).one("test:Note")
        assert note.type == "pulumi-python:dynamic/test:Note"
        assert note.additional_secret_outputs == {"text"}
        assert list(note.request.replaceOnChanges) == ["title"]

    def test_options_of_the_caller_are_kept(self):
        def program() -> None:
            parent = pulumi.ComponentResource("voice:test:Room", "room")
            Note("n", NOTE, pulumi.ResourceOptions(parent=parent, protect=True, additional_secret_outputs=["length"]))

        graph = record(program)
        note = graph.one("test:Note")
        assert note.parent == graph.one("voice:test:Room").urn
        assert note.request.protect
        assert note.additional_secret_outputs == {"text", "length"}

    def test_outputs_by_name(self):
        def program() -> None:
            note = Note("n", NOTE)
            Note("copy", {"title": "b", "text": note.output("text"), "size": note.output("length")})
            with pytest.raises(KeyError, match="Note has no output size; it has title, text, length"):
                note.output("size")

        graph = record(program, {"test:Note": lambda name, inputs: {"length": 5}})
        assert graph.one("test:Note", "copy").inputs["size"] == 5


class TestCheck:
    def test_unknown_values_are_absent_for_the_handler_and_stay_for_the_engine(self, engine):
        news = {"title": "a", "text": UNKNOWN, "deep": {"known": 1, "not": UNKNOWN}, "list": [UNKNOWN, "b"]}
        answer = engine.check(news)
        assert NoteHandler.checked == [{"title": "a", "deep": {"known": 1}, "list": ["b"]}]
        assert plain(answer.inputs) == news
        assert list(answer.failures) == []

    def test_faults_name_their_property(self, engine):
        (failure,) = engine.check({**NOTE, "title": ""}).failures
        assert (failure.property, failure.reason) == ("title", "is empty; say something")


class TestTheVendorsOwnValidation:
    """It is asked at preview, with whole inputs only, and not about what is known to be wrong already."""

    VALIDATED = "tests.providers.sample_handler:ValidatedNoteHandler"

    def test_its_no_is_a_fault_like_any_other(self, engine):
        (failure,) = engine.check({**NOTE, "text": "rude"}, self.VALIDATED).failures
        assert (failure.property, failure.reason) == ("text", "the vendor would not take it; say it nicely")

    def test_its_yes(self, engine):
        assert list(engine.check(NOTE, self.VALIDATED).failures) == []
        assert ValidatedNoteHandler.asked == [NOTE]

    @pytest.mark.parametrize("news", [{**NOTE, "text": UNKNOWN}, {**NOTE, "deep": {"x": UNKNOWN}}, {**NOTE, "title": ""}])
    def test_it_is_not_asked(self, engine, news):
        engine.check(news, self.VALIDATED)
        assert ValidatedNoteHandler.asked == []


class TestWhenItIsWorthAsking:
    """A handler may ask about more than whole inputs, and about less than all that is planned."""

    CURIOUS = "tests.providers.sample_handler:CuriousNoteHandler"

    def test_with_values_that_are_not_known_yet(self, engine):
        engine.check({**NOTE, "text": UNKNOWN}, self.CURIOUS)
        assert ValidatedNoteHandler.asked == [{"title": "a"}]

    def test_not_again_about_what_stands_in_the_state(self, engine):
        engine.check(NOTE, self.CURIOUS, olds=NOTE)
        assert ValidatedNoteHandler.asked == []

    def test_again_about_a_change(self, engine):
        assert engine.check({**NOTE, "text": "rude"}, self.CURIOUS, olds=NOTE).failures
        assert ValidatedNoteHandler.asked == [{**NOTE, "text": "rude"}]

    def test_others_are_asked_every_time(self, engine):
        engine.check(NOTE, TestTheVendorsOwnValidation.VALIDATED, olds=NOTE)
        assert ValidatedNoteHandler.asked == [NOTE]


class TestSomebodysOwnWork:
    """It is looked for where a thing would be made, also while values are unknown; never about what the state has."""

    ADOPTING = "tests.providers.sample_handler:AdoptingNoteHandler"

    def test_it_is_looked_for_before_a_thing_is_made(self, engine):
        failures = engine.check({"title": "theirs", "text": UNKNOWN}, self.ADOPTING).failures
        assert [each.reason for each in failures] == ["is somebody's; allow it"]
        assert AdoptingNoteHandler.looked == [{"title": "theirs"}]

    def test_what_the_state_has_is_ours(self, engine):
        assert not engine.check({**NOTE, "title": "theirs"}, self.ADOPTING, {**NOTE, "text": "before"}).failures
        assert AdoptingNoteHandler.looked == []

    def test_what_is_wrong_anyway_is_not_looked_for(self, engine):
        assert [each.property for each in engine.check({"title": "", "text": "x"}, self.ADOPTING).failures] == ["title"]
        assert AdoptingNoteHandler.looked == []


class TestLife:
    def test_create_echoes_every_input(self, engine, notes):
        assert engine.create(NOTE) == ("id-a", {**NOTE, "length": 5})
        assert notes == {"id-a": NOTE}

    def test_update_answers_everything(self, engine):
        id, state = engine.create(NOTE)
        assert engine.update(id, state, {**NOTE, "text": "good day"}) == {"title": "a", "text": "good day", "length": 8}

    def test_refresh_of_something_unchanged(self, engine):
        id, state = engine.create(NOTE)
        assert engine.read(id, state) == (id, state, NOTE)

    def test_refresh_shows_drift_in_inputs_too(self, engine, notes):
        id, state = engine.create(NOTE)
        notes[id]["text"] = "by hand"
        _, outputs, inputs = engine.read(id, state)
        assert outputs == {"title": "a", "text": "by hand", "length": 7}
        assert inputs == {"title": "a", "text": "by hand"}

    def test_refresh_of_something_gone(self, engine, notes):
        id, state = engine.create(NOTE)
        notes.clear()
        assert engine.read(id, state)[0] == ""

    def test_delete(self, engine, notes):
        engine.delete(*engine.create(NOTE))
        assert notes == {}

    def test_the_engine_compares_by_itself(self, engine):
        answer = engine.diff({**NOTE, "length": 5}, {**NOTE, "text": "b"})
        assert answer.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN
        assert (list(answer.replaces), answer.hasDetailedDiff) == ([], False)


class TestErrors:
    """Each leaves as `who: what`, and as nothing else."""

    def told(self, text: str, password: str = PASSWORD) -> str:
        with pytest.raises(Aborted) as caught:
            Engine(password).create({"title": "inn3r-title", "text": text})
        return str(caught.value).strip()

    def test_the_vendors_no(self):
        assert self.told("refused") == "Notes: no room is left. Fix: throw one away"

    def test_exit_does_not_pass(self):
        told = self.told("exit")
        assert told.startswith("voice: unexpected SystemExit at sample_handler.py:")
        assert told.count("\n") == 0

    def test_a_fault_of_ours_tells_where_and_nothing_that_was_given(self):
        told = self.told("crash")
        assert told.startswith("voice: unexpected RuntimeError at sample_handler.py:")
        assert "inn3r-title" not in told
        assert PASSWORD not in told
        assert told.count("\n") == 0

    def test_dead_credentials(self):
        told = self.told("hello", password="dead")
        assert told == "Notes: the password is dead. Fix: pulumi config set --secret password NEW"

    def test_everywhere(self, engine, notes):
        """delete of what is gone is the handler's fault here; it must look like every other."""
        with pytest.raises(Aborted, match=r"^voice: unexpected KeyError at sample_handler\.py:\d+\. This is a fault"):
            engine.delete("id-gone", NOTE)
